/* PAD: values before and after each axis: params[value], reflected ones or the edge. */
#include "moves.h"

enum { VALUE, REFLECTED, EDGE };

static int axis_fits(const int32_t *p, uint32_t i, uint32_t from, uint32_t to)
{
    const int64_t before = p[MOTE_PAD_BEFORE0 + i], after = p[MOTE_PAD_AFTER0 + i];
    const int64_t most = p[MOTE_PAD_MODE] == REFLECTED ? (int64_t)from - 1 : INT32_MAX;
    return before >= 0 && before <= most && after >= 0 && after <= most && before + from + after == to;
}

static int fits(const mote_model *m, const mote_op_view *op)
{
    const mote_tensor_record *x = mote_record(m, op->inputs[MOTE_PAD_X]);
    const mote_tensor_record *y = mote_record(m, op->outputs[MOTE_PAD_Y]);
    int fits = mote_values_fit(m, op->inputs[MOTE_PAD_X], MOTE_WHOLE) &&
               mote_values_fit(m, op->outputs[MOTE_PAD_Y], MOTE_WHOLE) && mote_same_affine(x, y) &&
               x->rank == y->rank && mote_in_range(op->params[MOTE_PAD_MODE], VALUE, EDGE) &&
               mote_value_fits(y->dtype, op->params[MOTE_PAD_VALUE]);
    for (uint32_t i = 0; fits && i < x->rank; i++)
        fits = axis_fits(op->params, i, x->dims[i], y->dims[i]);
    return fits;
}

/* The index along an axis of x of index `at` of y; −1 for the value. */
static int32_t source(int32_t at, int32_t before, int32_t size, int32_t mode)
{
    const int32_t i = at - before;
    if (i >= 0 && i < size)
        return i;
    if (mode == REFLECTED)
        return i < 0 ? -i : 2 * (size - 1) - i;
    return mode == VALUE ? -1 : i < 0 ? 0 : size - 1;
}

static void run(const mote_session *s, const uint16_t *operands, const int32_t *params)
{
    const mote_tensor_record *x = mote_record(s->model, operands[MOTE_PAD_X]);
    const mote_tensor_record *y = mote_record(s->model, operands[MOTE_OUT(PAD, Y)]);
    const void *from = mote_data(s, operands[MOTE_PAD_X]);
    void *to = mote_data_mutable(s, operands[MOTE_OUT(PAD, Y)]);
    const uint32_t count = mote_count_of(y);
    int32_t steps[MOTE_RANK];
    uint32_t index[MOTE_RANK] = {0};
    mote_steps_of(x, steps);
    for (uint32_t i = 0; i < count; i++) {
        int32_t at = 0, inside = 1;
        for (uint32_t k = 0; k < y->rank; k++) {
            const int32_t of_axis =
                source((int32_t)index[k], params[MOTE_PAD_BEFORE0 + k], (int32_t)x->dims[k], params[MOTE_PAD_MODE]);
            inside = inside && of_axis >= 0;
            at += of_axis * steps[k];
        }
        mote_value_put(to, y->dtype, i, inside ? mote_value_at(from, x->dtype, (size_t)at) : params[MOTE_PAD_VALUE]);
        for (uint32_t k = y->rank; k-- > 0 && ++index[k] == y->dims[k];)
            index[k] = 0;
    }
}

const mote_op_kind mote_op_pad = {.fits = fits, .run = run};
