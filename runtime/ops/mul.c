/* MUL: y = a · b / 2^MOTE_MUL_SHIFT for equal shapes. params: MOTE_MUL_SHIFT. */
#include "../requantize.h"
#include "ops.h"

static int fits(const mote_model *m, const mote_op_view *op)
{
    const uint32_t y = op->outputs[MOTE_MUL_Y], d = mote_record(m, y)->dims[0];
    return mote_is(m, y, MOTE_I16, d, 0) && mote_is(m, op->inputs[MOTE_MUL_A], MOTE_I16, d, 0) &&
           mote_is(m, op->inputs[MOTE_MUL_B], MOTE_I16, d, 0) && mote_in_range(op->params[MOTE_MUL_SHIFT], 0, 30);
}

void mote_multiply(const int16_t *a, const int16_t *b, int16_t *y, uint32_t count, uint32_t shift)
{
    for (uint32_t i = 0; i < count; i++)
        y[i] = (int16_t)mote_clamp16(mote_round(a[i] * b[i], shift));
}

static void run(const mote_session *s, const uint16_t *operands, const int32_t *params)
{
    s->kernels->mul(mote_data(s, operands[MOTE_MUL_A]), mote_data(s, operands[MOTE_MUL_B]),
                    mote_data_mutable(s, operands[MOTE_OUT(MUL, Y)]),
                    mote_record(s->model, operands[MOTE_OUT(MUL, Y)])->dims[0], (uint32_t)params[MOTE_MUL_SHIFT]);
}

const mote_op_kind mote_op_mul = {.fits = fits, .run = run};
