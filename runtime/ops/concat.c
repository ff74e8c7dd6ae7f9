/* CONCAT: the inputs after one another along params[axis]. */
#include "moves.h"

static int fits(const mote_model *m, const mote_op_view *op)
{
    const mote_tensor_record *y = mote_record(m, op->outputs[MOTE_CONCAT_Y]);
    const int32_t axis = op->params[MOTE_CONCAT_AXIS];
    uint64_t sum = 0;
    if (!mote_values_fit(m, op->outputs[MOTE_CONCAT_Y], MOTE_WHOLE) || !mote_in_range(axis, 0, (int32_t)y->rank - 1))
        return 0;
    for (uint32_t i = 0; i < MOTE_CONCAT_INPUTS; i++) {
        if (op->inputs[i] == MOTE_NO_INDEX)
            continue;
        const mote_tensor_record *x = mote_record(m, op->inputs[i]);
        if (!mote_values_fit(m, op->inputs[i], MOTE_WHOLE) || !mote_same_affine(x, y) || x->rank != y->rank)
            return 0;
        for (uint32_t k = 0; k < x->rank; k++)
            if (k != (uint32_t)axis && x->dims[k] != y->dims[k])
                return 0;
        sum += x->dims[axis];
    }
    return sum == y->dims[axis];
}

static void run(const mote_session *s, const uint16_t *operands, const int32_t *params)
{
    const mote_tensor_record *y = mote_record(s->model, operands[MOTE_OUT(CONCAT, Y)]);
    const uint32_t axis = (uint32_t)params[MOTE_CONCAT_AXIS], bytes = mote_type_bytes(y->dtype);
    uint8_t *to = mote_data_mutable(s, operands[MOTE_OUT(CONCAT, Y)]);
    mote_move move;
    mote_steps_of(y, move.to);
    for (uint32_t i = 0; i < MOTE_CONCAT_INPUTS; i++) {
        if (operands[i] == MOTE_NO_INDEX)
            continue;
        const mote_tensor_record *x = mote_record(s->model, operands[i]);
        mote_steps_of(x, move.from);
        for (uint32_t k = 0; k < MOTE_RANK; k++)
            move.dims[k] = x->dims[k];
        mote_move_run(&move, to, mote_data(s, operands[i]), bytes);
        to += (size_t)x->dims[axis] * (uint32_t)move.to[axis] * bytes;
    }
}

const mote_op_kind mote_op_concat = {.fits = fits, .run = run};
