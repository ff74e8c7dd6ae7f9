/* REDUCE over axes: kind 0 the mean and 1 the sum, scaled; 2 the largest, 3 the smallest value. params: kind, axes, the
 * factor of the sum, ENDING_PARAMS. */
#include "moves.h"

enum { MEAN, SUM, LARGEST, SMALLEST };

/* 1 if y has the dimensions of x that are not reduced, [1] if there are none. */
static int shapes_fit(const mote_tensor_record *x, const mote_tensor_record *y, uint32_t axes)
{
    uint32_t rank = 0;
    for (uint32_t i = 0; i < x->rank; i++)
        if (!(axes >> i & 1) && (rank >= y->rank || y->dims[rank++] != x->dims[i]))
            return 0;
    return rank == y->rank || (rank == 0 && y->rank == 1 && y->dims[0] == 1);
}

static int fits(const mote_model *m, const mote_op_view *op)
{
    const uint32_t x = op->inputs[MOTE_REDUCE_X], y = op->outputs[MOTE_REDUCE_Y];
    const mote_tensor_record *of_x = mote_record(m, x), *of_y = mote_record(m, y);
    const int32_t kind = op->params[MOTE_REDUCE_KIND];
    if (!mote_affine_fits(m, x, MOTE_AFFINE) || !mote_affine_fits(m, y, MOTE_AFFINE) || !mote_in_range(kind, 0, 3) ||
        !mote_in_range(op->params[MOTE_REDUCE_AXES], 0, (1 << of_x->rank) - 1) ||
        !shapes_fit(of_x, of_y, (uint32_t)op->params[MOTE_REDUCE_AXES]))
        return 0;
    if (kind >= LARGEST)
        return mote_same_affine(of_x, of_y);
    return mote_count_of(of_x) / mote_count_of(of_y) <= (of_x->dtype == MOTE_I16 ? 32768 : 1 << 22) &&
           mote_factor_fits(op->params + MOTE_REDUCE_MULTIPLIER) &&
           mote_ending_fits(m, y, op->params + MOTE_REDUCE_LOW);
}

static uint64_t work(const mote_model *m, const mote_op_view *op)
{
    return mote_count_of(mote_record(m, op->inputs[MOTE_REDUCE_X]));
}

/* Advances index[] over the axes in the mask. Returns 0 after the last. */
static int advance(const mote_tensor_record *t, uint32_t axes, const int32_t *steps, uint32_t *index, uint32_t *at)
{
    for (uint32_t i = t->rank; i-- > 0;) {
        if (!(axes >> i & 1))
            continue;
        *at += (uint32_t)steps[i];
        if (++index[i] < t->dims[i])
            return 1;
        *at -= (uint32_t)steps[i] * index[i];
        index[i] = 0;
    }
    return 0;
}

typedef struct reduction {
    const mote_tensor_record *t;
    const void *x;
    int32_t kind, steps[MOTE_RANK];
    uint32_t axes;
} reduction;

static int32_t reduced(const reduction *r, uint32_t at)
{
    uint32_t index[MOTE_RANK] = {0};
    int32_t result = r->kind <= SUM ? 0 : mote_value_at(r->x, r->t->dtype, at);
    do {
        const int32_t v = mote_value_at(r->x, r->t->dtype, at);
        if (r->kind <= SUM)
            result += v - r->t->zero_point;
        else if (r->kind == LARGEST ? v > result : v < result)
            result = v;
    } while (advance(r->t, r->axes, r->steps, index, &at));
    return result;
}

static void run(const mote_session *s, const uint16_t *operands, const int32_t *params)
{
    const uint32_t of_y = operands[MOTE_OUT(REDUCE, Y)], type = mote_record(s->model, of_y)->dtype;
    const mote_ending ending = mote_ending_of(s, of_y, params + MOTE_REDUCE_LOW);
    reduction r = {.t = mote_record(s->model, operands[MOTE_REDUCE_X]),
                   .x = mote_data(s, operands[MOTE_REDUCE_X]),
                   .kind = params[MOTE_REDUCE_KIND],
                   .axes = (uint32_t)params[MOTE_REDUCE_AXES]};
    void *y = mote_data_mutable(s, of_y);
    uint32_t index[MOTE_RANK] = {0}, at = 0, i = 0;
    mote_steps_of(r.t, r.steps);
    do {
        int32_t v = reduced(&r, at);
        if (r.kind <= SUM)
            v = mote_ended(&ending,
                           mote_scaled(v, params[MOTE_REDUCE_MULTIPLIER], params[MOTE_REDUCE_SHIFT], ending.rounding));
        mote_value_put(y, type, i++, v);
    } while (advance(r.t, ~r.axes, r.steps, index, &at));
}

const mote_op_kind mote_op_reduce = {.fits = fits, .run = run, .work = work};
