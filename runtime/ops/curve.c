/* SILU: y = x·σ(x). GELU: y = x·Φ(x). The factor comes from a nonlinearity table, and is 0 or 1 beyond it. x is in
 * units of 2^-MOTE_CURVE_UNIT. params: MOTE_CURVE_UNIT. */
#include "../requantize.h"
#include "normal.h"
#include "ops.h"
#include "sigmoid.h"

static int fits(const mote_model *m, const mote_op_view *op)
{
    const uint32_t x = op->inputs[MOTE_SILU_X], y = op->outputs[MOTE_SILU_Y], d = mote_record(m, x)->dims[0];
    return mote_is(m, x, MOTE_I16, d, 0) && mote_is(m, y, MOTE_I16, d, 0) &&
           mote_in_range(op->params[MOTE_CURVE_UNIT], 4, 14);
}

void mote_activate(const int16_t *x, int16_t *y, uint32_t count, const mote_segment *curve, uint32_t up, uint32_t down)
{
    for (uint32_t i = 0; i < count; i++) {
        const int32_t v = x[i], size = v < 0 ? -v : v, scaled = v >> down;
        const int32_t at = mote_clamp(scaled < 0 ? -scaled : scaled, 0, 8192 >> up) << up;
        y[i] = (int16_t)mote_round(v * 16384 + size * mote_segment_at(curve, at), 15);
    }
}

/* A segment of `curve` is 64 wide in units of 2^-(10 + more). */
static void run(const mote_session *s, const uint16_t *operands, const int32_t *params, const mote_segment *curve,
                uint32_t more)
{
    const uint32_t count = mote_record(s->model, operands[MOTE_OUT(SILU, Y)])->dims[0];
    const uint32_t unit = (uint32_t)params[MOTE_CURVE_UNIT], up = unit < 10 ? 10 - unit : 0;
    s->kernels->activate(mote_data(s, operands[MOTE_SILU_X]), mote_data_mutable(s, operands[MOTE_OUT(SILU, Y)]), count,
                         curve, up + more, unit + up - 10);
}

static void run_silu(const mote_session *s, const uint16_t *operands, const int32_t *params)
{
    run(s, operands, params, mote_sigmoid_table, 0);
}

static void run_gelu(const mote_session *s, const uint16_t *operands, const int32_t *params)
{
    run(s, operands, params, mote_normal_table, 1);
}

const mote_op_kind mote_op_silu = {.fits = fits, .run = run_silu};
const mote_op_kind mote_op_gelu = {.fits = fits, .run = run_gelu};
