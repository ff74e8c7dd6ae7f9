/* SILU: y = x·σ(x). GELU: y = x·Φ(x). The factor comes from a table in Q10 of x, and is 0 or 1 beyond it. params:
 * MOTE_PARAM_UNIT. */
#include "../requantise.h"
#include "normal.h"
#include "ops.h"
#include "sigmoid.h"

static int fits(const mote_model *m, const mote_op_record *op)
{
    const uint32_t x = op->inputs[0], y = op->outputs[0], d = mote_record(m, x)->dims[0];
    return mote_is(m, x, MOTE_I16, d, 0) && mote_is(m, y, MOTE_I16, d, 0) && mote_is_scratch(m, y) &&
           mote_in_range(op->params[MOTE_PARAM_UNIT], 4, 14);
}

static int32_t to_q10(int32_t x, int32_t unit)
{
    return unit >= 10 ? x >> (unit - 10) : mote_clamp16(x * (1 << (10 - unit)));
}

static int32_t sigmoid_factor(int32_t a)
{
    return a >= 8192 ? 32768 : a <= -8192 ? 0 : mote_sigmoid(a);
}

static int32_t normal_factor(int32_t a)
{
    return a >= 4096 ? 32768 : a <= -4096 ? 0 : mote_normal(a);
}

static inline void run(const mote_session *s, const mote_op_record *op, int32_t (*factor)(int32_t))
{
    const int16_t *x = mote_data(s, op->inputs[0]);
    int16_t *y = mote_data_mutable(s, op->outputs[0]);
    const uint32_t count = mote_record(s->model, op->outputs[0])->dims[0];
    const int32_t unit = op->params[MOTE_PARAM_UNIT];
    for (uint32_t i = 0; i < count; i++)
        y[i] = (int16_t)mote_clamp16(mote_round(x[i] * factor(to_q10(x[i], unit)), 15));
}

static void run_silu(const mote_session *s, const mote_op_record *op)
{
    run(s, op, sigmoid_factor);
}

static void run_gelu(const mote_session *s, const mote_op_record *op)
{
    run(s, op, normal_factor);
}

const mote_op_kind mote_op_silu = {.required = 1, .outputs = 1, .fits = fits, .run = run_silu};
const mote_op_kind mote_op_gelu = {.required = 1, .outputs = 1, .fits = fits, .run = run_gelu};
