/* SLICE: y(i) = x(begin + i·step) on each axis. params: begin, step and size of each axis. */
#include "moves.h"

static int axis_fits(const int32_t *p, uint32_t axis, uint32_t from, uint32_t to)
{
    const int64_t begin = p[MOTE_SLICE_BEGIN0 + axis], step = p[MOTE_SLICE_STEP0 + axis];
    const int64_t end = begin + step * ((int64_t)to - 1);
    return step >= -(int64_t)from && step <= from && p[MOTE_SLICE_SIZE0 + axis] == (int32_t)to && begin >= 0 &&
           begin < from && end >= 0 && end < from;
}

static int fits(const mote_model *m, const mote_op_view *op)
{
    const mote_tensor_record *x = mote_record(m, op->inputs[MOTE_SLICE_X]);
    const mote_tensor_record *y = mote_record(m, op->outputs[MOTE_SLICE_Y]);
    int fits = mote_values_fit(m, op->inputs[MOTE_SLICE_X], MOTE_WHOLE) &&
               mote_values_fit(m, op->outputs[MOTE_SLICE_Y], MOTE_WHOLE) && mote_same_affine(x, y) &&
               x->rank == y->rank;
    for (uint32_t i = 0; fits && i < x->rank; i++)
        fits = axis_fits(op->params, i, x->dims[i], y->dims[i]);
    return fits;
}

static void run(const mote_session *s, const uint16_t *operands, const int32_t *params)
{
    const mote_tensor_record *x = mote_record(s->model, operands[MOTE_SLICE_X]);
    const mote_tensor_record *y = mote_record(s->model, operands[MOTE_OUT(SLICE, Y)]);
    const uint32_t bytes = mote_type_bytes(x->dtype);
    mote_move move;
    int32_t begin = 0;
    mote_steps_of(x, move.from);
    mote_steps_of(y, move.to);
    for (uint32_t i = 0; i < MOTE_RANK; i++) {
        move.dims[i] = y->dims[i];
        if (i >= x->rank)
            continue;
        begin += params[MOTE_SLICE_BEGIN0 + i] * move.from[i];
        move.from[i] *= params[MOTE_SLICE_STEP0 + i];
    }
    mote_move_run(&move, mote_data_mutable(s, operands[MOTE_OUT(SLICE, Y)]),
                  (const uint8_t *)mote_data(s, operands[MOTE_SLICE_X]) + (size_t)begin * bytes, bytes);
}

const mote_op_kind mote_op_slice = {.fits = fits, .run = run};
