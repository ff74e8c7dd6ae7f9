#include <stdlib.h>

#include "sim/backend.h"
#include "sim/device/generate.h"

void mote_sim_enter(uint32_t slot)
{
    (void)slot;
}

static bool generate(const mote_model *model, const mote_kernels *kernels, mote_sim_result *result, mote_error *error)
{
    mote_sim_box *box = (mote_sim_box *)result->window;
    const size_t arena_size = mote_arena_size(model), state_size = mote_state_size(model);
    void *arena = aligned_alloc(16, arena_size), *state = aligned_alloc(16, state_size + 16);
    mote_session s;
    const bool started = arena && state && mote_start(&s, model, arena, arena_size, state, state_size) == MOTE_SUCCESS;
    if (started) {
        s.kernels = kernels;
        mote_sim_generate(&s, &box->request, result->window + MOTE_SIM_PROMPT, &box->reply,
                          (uint16_t *)(result->window + MOTE_SIM_TOKENS), result->window + MOTE_SIM_DATA);
        result->token_count = box->reply.fed;
        box->arena_size = (uint32_t)arena_size;
        box->state_size = (uint32_t)state_size;
    }
    free(arena);
    free(state);
    return started || mote_fail(error, MOTE_E_INTERNAL, "no memory to run the model");
}

bool mote_sim_reference(const mote_kernels *kernels, mote_bytes file, const char *name, const mote_sim_options *o,
                        mote_sim_result *result, mote_error *error)
{
    mote_model model;
    const mote_status status = mote_open(&model, file.data, file.size);
    if (status != MOTE_SUCCESS)
        return mote_fail(error, mote_sim_code(status), "%s: %s", name, mote_status_text(status));
    if (!mote_sim_prepare(o, result, error))
        return false;
    if (generate(&model, kernels, result, error))
        return true;
    mote_sim_result_free(result);
    return false;
}
