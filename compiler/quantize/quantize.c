#include "compiler/quantize/quantize.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/pack/container.h"
#include "compiler/plan/arena.h"
#include "compiler/quantize/lower.h"
#include "runtime/golden.h"
#include "runtime/kernels.h"

#define LOGIT_SCALE (1.0f / 1024) /* Q10 nats */

enum { GOLDEN_PROMPT = 32, GOLDEN_OUTPUT = 64 };

static void demand_forms(mote_lowering *l)
{
    for (int i = 0; i < l->from->tensor_count; i++) {
        l->lowered[i] = (mote_lowered){-1, MOTE_F32, 0};
        if (l->from->tensors[i].role == MOTE_OUTPUT)
            l->lowered[i] = (mote_lowered){-1, MOTE_I16, LOGIT_SCALE};
    }
    for (int i = l->from->op_count - 1; i >= 0; i--) {
        const mote_op *op = &l->from->ops[i];
        if (mote_lowering_rules[op->opcode].demand)
            mote_lowering_rules[op->opcode].demand(l, op);
    }
}

static bool lower_operators(mote_lowering *l)
{
    for (int i = 0; i < l->from->op_count; i++) {
        const mote_op *op = &l->from->ops[i];
        if (!mote_lowering_rules[op->opcode].lower(l, op))
            return false;
    }
    return true;
}

static bool lower(const mote_graph *from, const mote_quantize_options *options, mote_graph *to, mote_error *error)
{
    mote_lowering l = {from, options, to, calloc((size_t)from->tensor_count + 1, sizeof *l.lowered), error};
    if (!l.lowered)
        return mote_fail(error, MOTE_E_INTERNAL, "out of memory while quantising");
    mote_fail(error, MOTE_E_INTERNAL, "out of memory while quantising"); /* unless a rule says what it is */
    demand_forms(&l);
    const bool lowered = lower_operators(&l);
    free(l.lowered);
    return lowered;
}

static bool copy_metadata(const mote_graph *from, mote_graph *to, mote_error *error)
{
    char *metadata = strdup(from->metadata);
    if (!metadata)
        return mote_fail(error, MOTE_E_INTERNAL, "out of memory while quantising");
    free(to->metadata);
    to->metadata = metadata;
    return mote_graph_set_tokenizer(to, from->tokenizer, from->tokenizer_size) ||
           mote_fail(error, MOTE_E_INTERNAL, "out of memory while quantising");
}

/* Feeds a prompt that walks through the vocabulary, then what the model itself says; `tokens` takes both. */
static uint32_t speak(mote_session *s, uint16_t *tokens)
{
    const uint32_t vocabulary = mote_vocabulary(s->model), start = mote_start_token(s->model);
    uint32_t digest = 0;
    for (uint32_t i = 0; i < GOLDEN_PROMPT + GOLDEN_OUTPUT; i++) {
        tokens[i] = (uint16_t)(i < GOLDEN_PROMPT ? (start + 7 * i) % vocabulary : mote_greedy(s));
        digest = mote_golden_step(s, tokens[i], digest);
    }
    return digest;
}

static bool record_golden(mote_graph *g, const mote_model *model, mote_error *error)
{
    const uint32_t size = sizeof(mote_golden) + (GOLDEN_PROMPT + GOLDEN_OUTPUT) * sizeof(uint16_t);
    mote_golden *golden = malloc(size);
    void *arena = aligned_alloc(MOTE_ALIGNMENT, mote_arena_size(model));
    void *state = aligned_alloc(MOTE_ALIGNMENT, mote_state_size(model) + MOTE_ALIGNMENT);
    mote_session s;
    bool done = golden && arena && state &&
                mote_start(&s, model, arena, mote_arena_size(model), state, mote_state_size(model)) == MOTE_SUCCESS;
    if (done) {
        s.kernels = &mote_portable_kernels;
        *golden = (mote_golden){.prompt_count = GOLDEN_PROMPT, .output_count = GOLDEN_OUTPUT};
        golden->digest = speak(&s, (uint16_t *)(golden + 1));
        g->golden = (uint8_t *)golden;
        g->golden_size = size;
    } else {
        free(golden);
        mote_fail(error, MOTE_E_INTERNAL, "no memory to run the packed model");
    }
    free(arena);
    free(state);
    return done;
}

/* The packed graph is proved as a chip will prove it before it is let out. */
static bool make_golden(mote_graph *g, mote_error *error)
{
    mote_bytes file;
    if (!mote_graph_encode(g, &file, error))
        return false;
    mote_model model;
    const mote_status status = mote_open(&model, file.data, file.size);
    const bool done = status == MOTE_SUCCESS
                          ? record_golden(g, &model, error)
                          : mote_fail(error, MOTE_E_UNSUPPORTED, "the packed model would be refused by a chip: %s",
                                      mote_status_text(status));
    free(file.data);
    return done;
}

bool mote_graph_quantise(const mote_graph *from, const mote_quantize_options *options, mote_graph *to,
                         mote_error *error)
{
    if (from->packed)
        return mote_fail(error, MOTE_E_UNSUPPORTED,
                         "the model is packed already; quantise the float model it came from");
    mote_graph_init(to);
    to->packed = true;
    if (copy_metadata(from, to, error) && lower(from, options, to, error) && mote_graph_plan(to, error) &&
        make_golden(to, error))
        return true;
    mote_graph_free(to);
    return false;
}
