#include "moves.h"

#include "../memory.h"

void mote_steps_of(const mote_tensor_record *t, int32_t steps[MOTE_RANK])
{
    int32_t step = 1;
    for (uint32_t i = MOTE_RANK; i-- > 0;) {
        steps[i] = step;
        step *= (int32_t)t->dims[i];
    }
    for (uint32_t i = t->rank; i < MOTE_RANK; i++)
        steps[i] = 0;
}

/* Copies along the last axis. */
static void copy_run(const mote_move *move, uint8_t *to, const uint8_t *from, uint32_t bytes)
{
    const uint32_t last = MOTE_RANK - 1, count = move->dims[last];
    if (move->to[last] == 1 && move->from[last] == 1) {
        memcpy(to, from, (size_t)count * bytes);
        return;
    }
    for (uint32_t i = 0; i < count; i++) {
        memcpy(to, from, bytes);
        to += move->to[last] * (ptrdiff_t)bytes;
        from += move->from[last] * (ptrdiff_t)bytes;
    }
}

/* The axes of the tensor's rank come first: moves them to the end, so that the last is the fastest. */
static mote_move aligned(const mote_move *move)
{
    mote_move m = *move;
    uint32_t rank = MOTE_RANK;
    while (rank > 1 && move->dims[rank - 1] == 1)
        rank--;
    for (uint32_t i = 0; i < MOTE_RANK; i++) {
        const int used = i + rank >= MOTE_RANK;
        const uint32_t k = used ? i + rank - MOTE_RANK : 0;
        m.dims[i] = used ? move->dims[k] : 1;
        m.to[i] = used ? move->to[k] : 0;
        m.from[i] = used ? move->from[k] : 0;
    }
    return m;
}

void mote_move_run(const mote_move *move, uint8_t *to, const uint8_t *from, uint32_t bytes)
{
    const mote_move m = aligned(move);
    uint32_t index[MOTE_RANK] = {0};
    for (;;) {
        copy_run(&m, to, from, bytes);
        uint32_t i = MOTE_RANK - 1;
        for (;;) {
            if (i-- == 0)
                return;
            to += m.to[i] * (ptrdiff_t)bytes;
            from += m.from[i] * (ptrdiff_t)bytes;
            if (++index[i] < m.dims[i])
                break;
            to -= (ptrdiff_t)index[i] * m.to[i] * (ptrdiff_t)bytes;
            from -= (ptrdiff_t)index[i] * m.from[i] * (ptrdiff_t)bytes;
            index[i] = 0;
        }
    }
}
