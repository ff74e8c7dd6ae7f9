#include "ops/ops.h"

#include <string.h>

size_t mote_arena_size(const mote_model *m)
{
    return mote_header_of(m)->arena_size;
}

size_t mote_state_size(const mote_model *m)
{
    return mote_header_of(m)->state_size;
}

uint32_t mote_vocabulary(const mote_model *m)
{
    return m->vocabulary;
}

mote_status mote_start(mote_session *s, const mote_model *m, void *arena, size_t arena_size, void *state,
                       size_t state_size)
{
    if ((uintptr_t)arena % MOTE_ALIGNMENT != 0 || (uintptr_t)state % MOTE_ALIGNMENT != 0)
        return MOTE_BAD_ALIGNMENT;
    if (arena_size < mote_arena_size(m) || state_size < mote_state_size(m))
        return MOTE_TOO_SMALL;
    *s = (mote_session){.model = m, .kernels = mote_best_kernels(), .arena = arena, .state = state};
    mote_reset(s);
    return MOTE_SUCCESS;
}

void mote_reset(mote_session *s)
{
    s->position = 0;
    memset(s->arena, 0, mote_arena_size(s->model));
    if (mote_state_size(s->model))
        memset(s->state, 0, mote_state_size(s->model));
}

void mote_step(mote_session *s, uint32_t token)
{
    uint16_t *ids = mote_data_mutable(s, s->model->token_tensor);
    ids[0] = token < s->model->vocabulary ? (uint16_t)token : 0;
    mote_operators_run(s);
    s->position++;
}

const int16_t *mote_logits(const mote_session *s)
{
    return mote_data(s, s->model->logits_tensor);
}
