#include "compiler/quantize/golden.h"

#include <mote_text.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/graph/random.h"
#include "compiler/pack/container.h"
#include "runtime/golden.h"
#include "runtime/kernels.h"
#include "runtime/sample.h"

enum { PROMPT = 32, OUTPUT = 64, RUNS = 4 };
enum { SMALL = 4096, LARGEST = 65536 }; /* bytes of inputs: larger ones are run once, or not kept in the file */

/* Returns the token of the highest logit, the lowest among equals. Never returns the unknown token. */
static uint32_t greedy(const mote_session *s)
{
    return mote_portable_kernels.argmax(mote_logits(s), mote_vocabulary(s->model), mote_unknown_token(s->model));
}

static uint32_t run_tokens(mote_session *s, uint16_t *tokens)
{
    const uint32_t vocabulary = mote_vocabulary(s->model), start = mote_start_token(s->model);
    uint32_t digest = 0;
    for (uint32_t i = 0; i < PROMPT + OUTPUT; i++) {
        tokens[i] = (uint16_t)(i < PROMPT ? (start + 7 * i) % vocabulary : greedy(s));
        digest = mote_golden_run(s, (const uint8_t *)&tokens[i], digest);
    }
    return digest;
}

static uint32_t run_random(mote_session *s, uint8_t *inputs, uint32_t input_size, uint32_t runs)
{
    mote_random random = {1};
    uint32_t digest = 0;
    for (uint32_t i = 0; i < runs; i++, inputs += input_size) {
        for (uint32_t k = 0; k < input_size; k++)
            inputs[k] = (uint8_t)mote_random_bits(&random);
        digest = mote_golden_run(s, inputs, digest);
    }
    return digest;
}

static bool record(mote_graph *g, const mote_model *model, mote_error *error)
{
    const bool text = mote_is_language_model(model);
    const uint32_t runs = text                         ? PROMPT + OUTPUT
                          : model->input_size <= SMALL ? RUNS
                                                       : 1,
                   input_size = model->input_size;
    const size_t size = sizeof(mote_golden) + (size_t)runs * input_size;
    mote_golden *golden = malloc(size);
    void *arena = aligned_alloc(MOTE_ALIGNMENT, mote_arena_size(model));
    void *state = aligned_alloc(MOTE_ALIGNMENT, mote_state_size(model) + MOTE_ALIGNMENT);
    mote_session s;
    const bool done =
        golden && arena && state && size <= UINT32_MAX &&
        mote_start(&s, model, arena, mote_arena_size(model), state, mote_state_size(model)) == MOTE_SUCCESS;
    if (done) {
        s.kernels = &mote_portable_kernels;
        *golden = (mote_golden){.run_count = runs, .input_size = input_size};
        golden->digest =
            text ? run_tokens(&s, (uint16_t *)(golden + 1)) : run_random(&s, (uint8_t *)(golden + 1), input_size, runs);
        free(g->golden);
        g->golden = (uint8_t *)golden;
        g->golden_size = (uint32_t)size;
    } else {
        free(golden);
        mote_fail(error, MOTE_E_INTERNAL, "no memory to run the packed model");
    }
    free(arena);
    free(state);
    return done;
}

bool mote_make_golden(mote_graph *g, mote_error *error)
{
    mote_bytes file;
    mote_model model;
    if (!mote_graph_encode(g, &file, error))
        return false;
    const mote_status status = mote_open(&model, file.data, file.size);
    const bool done = status != MOTE_SUCCESS
                          ? mote_fail(error, MOTE_E_UNSUPPORTED, "the packed model would be refused by a chip: %s",
                                      mote_status_text(status))
                          : model.input_size > LARGEST || record(g, &model, error);
    free(file.data);
    return done;
}
