/* ADD: y = a + b, saturating, for equal types, shapes and scales. params: none. */
#include "../requantize.h"
#include "ops.h"

static int fits(const mote_model *m, const mote_op_view *op)
{
    const mote_tensor_record *y = mote_record(m, op->outputs[MOTE_ADD_Y]);
    mote_dtype dtype = y->dtype;
    return (dtype == MOTE_I8 || dtype == MOTE_I16) && mote_is(m, op->inputs[MOTE_ADD_A], dtype, y->dims[0], 0) &&
           mote_is(m, op->inputs[MOTE_ADD_B], dtype, y->dims[0], 0) &&
           mote_is(m, op->outputs[MOTE_ADD_Y], dtype, y->dims[0], 0);
}

void mote_saturating_add(const void *a, const void *b, void *y, uint32_t count, uint32_t narrow)
{
    for (uint32_t i = 0; i < count; i++)
        if (narrow)
            ((int8_t *)y)[i] = (int8_t)mote_clamp8(((const int8_t *)a)[i] + ((const int8_t *)b)[i]);
        else
            ((int16_t *)y)[i] = (int16_t)mote_clamp16(((const int16_t *)a)[i] + ((const int16_t *)b)[i]);
}

static void run(const mote_session *s, const uint16_t *operands, const int32_t *params)
{
    (void)params;
    const mote_tensor_record *record = mote_record(s->model, operands[MOTE_OUT(ADD, Y)]);
    s->kernels->add(mote_data(s, operands[MOTE_ADD_A]), mote_data(s, operands[MOTE_ADD_B]),
                    mote_data_mutable(s, operands[MOTE_OUT(ADD, Y)]), record->dims[0], record->dtype == MOTE_I8);
}

const mote_op_kind mote_op_add = {.fits = fits, .run = run};
