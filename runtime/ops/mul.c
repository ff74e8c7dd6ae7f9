/* y = a · b of equal shape. params: MOTE_PARAM_MUL_SHIFT. */
#include "../requantise.h"
#include "ops.h"

static int fits(const mote_model *m, const mote_op_record *op)
{
    const uint32_t y = op->outputs[0], d = mote_record(m, y)->dims[0];
    return mote_is(m, y, MOTE_I16, d, 0) && mote_is(m, op->inputs[0], MOTE_I16, d, 0) &&
           mote_is(m, op->inputs[1], MOTE_I16, d, 0) && mote_is_scratch(m, y) &&
           mote_in_range(op->params[MOTE_PARAM_MUL_SHIFT], 0, 30);
}

void mote_multiply(const int16_t *a, const int16_t *b, int16_t *y, uint32_t count, uint32_t shift)
{
    for (uint32_t i = 0; i < count; i++)
        y[i] = (int16_t)mote_clamp16(mote_round(a[i] * b[i], shift));
}

static void run(const mote_session *s, const mote_op_record *op)
{
    s->kernels->mul(mote_data(s, op->inputs[0]), mote_data(s, op->inputs[1]), mote_data_mutable(s, op->outputs[0]),
                    mote_record(s->model, op->outputs[0])->dims[0], (uint32_t)op->params[MOTE_PARAM_MUL_SHIFT]);
}

const mote_op_kind mote_op_mul = {.required = 3, .outputs = 1, .fits = fits, .run = run};
