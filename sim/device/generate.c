#include "generate.h"

#include <string.h>

#include "runtime/crc32.h"
#include "runtime/model.h"
#include "runtime/ops/ops.h"

enum { ATTENTION_SCRATCH = 1 }; /* the output that is no result, and is left as a kernel likes */

typedef struct trace {
    uint8_t *to;
    uint32_t used, size;
} trace;

uint32_t mote_sim_traced(const mote_model *m, const mote_op_record *op, uint32_t index)
{
    if (op->opcode == MOTE_OP_ATTENTION && index == ATTENTION_SCRATCH)
        return MOTE_NO_INDEX;
    if (index < 4)
        return index < op->output_count ? op->outputs[index] : MOTE_NO_INDEX;
    const uint32_t tensor = index - 4 < op->input_count ? op->inputs[index - 4] : MOTE_NO_INDEX;
    if (tensor == MOTE_NO_INDEX || mote_record(m, tensor)->role != MOTE_STATE)
        return MOTE_NO_INDEX;
    for (uint32_t i = 0; i < op->output_count; i++)
        if (op->outputs[i] == tensor)
            return MOTE_NO_INDEX;
    return tensor;
}

static void append(trace *t, const mote_session *s, const mote_op_record *op)
{
    for (uint32_t i = 0; i < MOTE_SIM_MAX_TRACED && t->size; i++) {
        const uint32_t tensor = mote_sim_traced(s->model, op, i);
        if (tensor == MOTE_NO_INDEX)
            continue;
        const uint32_t size = mote_record(s->model, tensor)->size;
        if (size > t->size - t->used) {
            t->size = 0;
            return;
        }
        memcpy(t->to + t->used, mote_data(s, tensor), size);
        t->used += size;
    }
}

static uint32_t slot_of(uint32_t op)
{
    const uint32_t last = MOTE_SIM_SLOTS - 1 - MOTE_SIM_AT_OPERATORS;
    return MOTE_SIM_AT_OPERATORS + (op < last ? op : last);
}

/* mote_step with a look at every operator. */
static void step(mote_session *s, uint16_t token, trace *t)
{
    const mote_op_record *ops = s->model->ops;
    const uint32_t count = mote_header_of(s->model)->op_count;
    *(uint16_t *)mote_data_mutable(s, s->model->token_tensor) = token;
    for (uint32_t i = 0; i < count; i++) {
        mote_sim_enter(slot_of(i));
        mote_operator_run(s, ops + i);
        if (t->size) {
            mote_sim_enter(MOTE_SIM_AT_OTHER);
            append(t, s, ops + i);
        }
    }
    s->position++;
    mote_sim_enter(MOTE_SIM_AT_OTHER);
}

void mote_sim_generate(mote_session *s, const mote_sim_request *request, const uint8_t *prompt, mote_sim_reply *reply,
                       uint16_t *tokens, uint8_t *memory)
{
    mote_sampler sampler = {
        .rng = (uint64_t)request->rng[1] << 32 | request->rng[0],
        .temperature = request->temperature,
        .top_k = request->top_k,
        .top_p = request->top_p,
    };
    trace t = {memory, 0, request->trace_size};
    const uint32_t prompt_count = (uint32_t)mote_encode_prompt(s->model, prompt, request->prompt_size, tokens,
                                                               MOTE_SIM_MAX_TOKENS - request->output_count);
    uint32_t digest = 0;
    for (uint32_t i = 0; i < prompt_count + request->output_count; i++) {
        if (i >= prompt_count) {
            mote_sim_enter(MOTE_SIM_AT_SAMPLE);
            tokens[i] = (uint16_t)mote_sample(s, &sampler);
            mote_sim_enter(MOTE_SIM_AT_OTHER);
        }
        step(s, tokens[i], &t);
        reply->fed = i + 1;
        digest = mote_crc32(digest, mote_logits(s), mote_vocabulary(s->model) * sizeof(int16_t));
    }
    reply->prompt_count = prompt_count;
    reply->digest = digest;
    reply->trace_used = t.used;
}
