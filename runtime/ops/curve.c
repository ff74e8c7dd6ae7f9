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

/* `table` has the factor less one half, of its sign's side, in segments of 64 of x in units of 1/(1024·scale). */
static void run(const mote_session *s, const mote_op_record *op, const mote_segment *table, int32_t scale)
{
    const int16_t *x = mote_data(s, op->inputs[0]);
    int16_t *y = mote_data_mutable(s, op->outputs[0]);
    const uint32_t count = mote_record(s->model, op->outputs[0])->dims[0];
    const int32_t unit = op->params[MOTE_PARAM_UNIT];
    const int32_t up = unit < 10 ? 1 << (10 - unit) : 1, down = unit < 10 ? 0 : unit - 10;
    for (uint32_t i = 0; i < count; i++) {
        const int32_t v = x[i], size = v < 0 ? -v : v, q10 = v * up >> down, a = (q10 < 0 ? -q10 : q10) * scale;
        y[i] = (int16_t)(a >= 8192 ? v < 0 ? 0 : v : mote_round(v * 16384 + size * mote_segment_at(table, a), 15));
    }
}

static void run_silu(const mote_session *s, const mote_op_record *op)
{
    run(s, op, mote_sigmoid_table, 1);
}

static void run_gelu(const mote_session *s, const mote_op_record *op)
{
    run(s, op, mote_normal_table, 2);
}

const mote_op_kind mote_op_silu = {.required = 1, .outputs = 1, .fits = fits, .run = run_silu};
const mote_op_kind mote_op_gelu = {.required = 1, .outputs = 1, .fits = fits, .run = run_gelu};
