/* GATHER: index i along params[axis] of y is index indices[i] of x. */
#include "../memory.h"
#include "affine.h"

static int fits(const mote_model *m, const mote_op_view *op)
{
    const mote_tensor_record *x = mote_record(m, op->inputs[MOTE_GATHER_X]);
    const mote_tensor_record *y = mote_record(m, op->outputs[MOTE_GATHER_Y]);
    const mote_tensor_record *indices = mote_record(m, op->inputs[MOTE_GATHER_INDICES]);
    const int32_t axis = op->params[MOTE_GATHER_AXIS];
    if (!mote_values_fit(m, op->inputs[MOTE_GATHER_X], MOTE_WHOLE) ||
        !mote_values_fit(m, op->outputs[MOTE_GATHER_Y], MOTE_WHOLE) || !mote_same_affine(x, y) || x->rank != y->rank ||
        !mote_in_range(axis, 0, (int32_t)x->rank - 1) || indices->dtype != MOTE_U16 || indices->rank != 1 ||
        indices->dims[0] != y->dims[axis])
        return 0;
    for (uint32_t i = 0; i < x->rank; i++)
        if (i != (uint32_t)axis && x->dims[i] != y->dims[i])
            return 0;
    const uint16_t *at = mote_constant(m, op->inputs[MOTE_GATHER_INDICES]);
    for (uint32_t i = 0; i < indices->dims[0]; i++)
        if (at[i] >= x->dims[axis])
            return 0;
    return 1;
}

static void run(const mote_session *s, const uint16_t *operands, const int32_t *params)
{
    const mote_tensor_record *x = mote_record(s->model, operands[MOTE_GATHER_X]);
    const mote_tensor_record *y = mote_record(s->model, operands[MOTE_OUT(GATHER, Y)]);
    const uint16_t *indices = mote_constant(s->model, operands[MOTE_GATHER_INDICES]);
    const uint8_t *from = mote_data(s, operands[MOTE_GATHER_X]);
    uint8_t *to = mote_data_mutable(s, operands[MOTE_OUT(GATHER, Y)]);
    const uint32_t axis = (uint32_t)params[MOTE_GATHER_AXIS];
    uint32_t block = mote_type_bytes(x->dtype), outer = 1;
    for (uint32_t i = axis + 1; i < x->rank; i++)
        block *= x->dims[i];
    for (uint32_t i = 0; i < axis; i++)
        outer *= x->dims[i];
    for (uint32_t o = 0; o < outer; o++, from += (size_t)x->dims[axis] * block)
        for (uint32_t i = 0; i < y->dims[axis]; i++, to += block)
            memcpy(to, from + (size_t)indices[i] * block, block);
}

const mote_op_kind mote_op_gather = {.fits = fits, .run = run};
