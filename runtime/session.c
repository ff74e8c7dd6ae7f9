#include "memory.h"
#include "ops/ops.h"

size_t mote_arena_size(const mote_model *m)
{
    return mote_header_of(m)->arena_size;
}

size_t mote_state_size(const mote_model *m)
{
    return mote_header_of(m)->state_size;
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

void mote_run(mote_session *s)
{
    mote_operators_run(s);
    s->position++;
}
