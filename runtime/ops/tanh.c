/* TANH: y = tanh(x), with x in units of 2^-MOTE_TANH_UNIT and y in units of 2^-(14 - MOTE_TANH_SHIFT). */
#include "../requantize.h"
#include "ops.h"
#include "sigmoid.h"

static int fits(const mote_model *m, const mote_op_view *op)
{
    const uint32_t x = op->inputs[MOTE_TANH_X], y = op->outputs[MOTE_TANH_Y], d = mote_record(m, x)->dims[0];
    return mote_is(m, x, MOTE_I16, d, 0) && mote_is(m, y, MOTE_I16, d, 0) &&
           mote_in_range(op->params[MOTE_TANH_UNIT], 4, 14) && mote_in_range(op->params[MOTE_TANH_SHIFT], 0, 14);
}

static void run(const mote_session *s, const uint16_t *operands, const int32_t *params)
{
    const int16_t *x = mote_data(s, operands[MOTE_TANH_X]);
    int16_t *y = mote_data_mutable(s, operands[MOTE_OUT(TANH, Y)]);
    const uint32_t count = mote_record(s->model, operands[MOTE_OUT(TANH, Y)])->dims[0];
    const uint32_t unit = (uint32_t)params[MOTE_TANH_UNIT], up = unit < 10 ? 10 - unit : 0, down = unit + up - 10;
    for (uint32_t i = 0; i < count; i++)
        y[i] = (int16_t)mote_round(mote_tanh(x[i] * (1 << up) >> down), (uint32_t)params[MOTE_TANH_SHIFT]);
}

const mote_op_kind mote_op_tanh = {.fits = fits, .run = run};
