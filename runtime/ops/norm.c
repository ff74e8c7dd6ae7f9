/* RMSNORM: y = gain · x / rms(x). LAYERNORM: y = gain · c / rms(c) + bias with c = x - mean(x). With c = x for RMSNORM:
 *
 *     N = Σc² + epsilon·d    Q = ⌊N·4^a / d⌋ with the least a that makes Q at least 2^30    R = ⌊√Q⌋
 *     form = c·2^30/R / 2^(30 − a − FORM)    y = form·gain / 2^SHIFT + bias
 *
 * params: MOTE_NORM_EPSILON, MOTE_NORM_FORM, MOTE_NORM_SHIFT. */
#include "../requantize.h"
#include "ops.h"

/* Operands; RMSNORM has the first two. */
enum { X = MOTE_LAYERNORM_X, GAIN = MOTE_LAYERNORM_GAIN, BIAS = MOTE_LAYERNORM_BIAS };

#define MAX_WIDTH 65535u /* the sum in mean_of fits 32 bits, and `divide` can work in digits of 16 bits */

static int has_bias(const mote_op_view *op)
{
    return op->opcode == MOTE_OP_LAYERNORM;
}

static int fits(const mote_model *m, const mote_op_view *op)
{
    const uint32_t y = op->outputs[MOTE_LAYERNORM_Y], d = mote_record(m, y)->dims[0];
    const int32_t *params = op->params;
    return d <= MAX_WIDTH && mote_is(m, op->inputs[X], MOTE_I16, d, 0) &&
           mote_is(m, op->inputs[GAIN], MOTE_I16, d, 0) &&
           (!has_bias(op) || mote_is(m, op->inputs[BIAS], MOTE_I16, d, 0)) && mote_is(m, y, MOTE_I16, d, 0) &&
           mote_in_range(params[MOTE_NORM_EPSILON], 1, 1 << 30) && mote_in_range(params[MOTE_NORM_FORM], 4, 14) &&
           mote_in_range(params[MOTE_NORM_SHIFT], 0, 30);
}

/* Returns Σx / d rounded to nearest, halves up. Adds 32768 to each x, so that no number is negative. */
static int32_t mean_of(const int16_t *x, uint32_t d)
{
    uint32_t sum = d / 2;
    for (uint32_t i = 0; i < d; i++)
        sum += (uint32_t)(x[i] + 32768);
    return (int32_t)(sum / d) - 32768;
}

static uint64_t sum_of_squares(const int16_t *c, uint32_t d)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < d; i++)
        sum += (uint32_t)(c[i] * c[i]);
    return sum;
}

/* Returns ⌊n / d⌋ for n < d·2^32, computed in digits of 16 bits. */
static uint32_t divide(uint64_t n, uint32_t d)
{
    const uint32_t top = (uint32_t)(n >> 32), middle = top << 16 | (uint32_t)(n >> 16 & 0xffff);
    const uint32_t low = middle % d << 16 | (uint32_t)(n & 0xffff);
    return (middle / d) << 16 | low / d;
}

static uint32_t square_root(uint32_t v)
{
    uint32_t root = 0;
    for (uint32_t bit = 1u << 15; bit; bit >>= 1)
        if ((root + bit) * (root + bit) <= v)
            root += bit;
    return root;
}

typedef struct inverse {
    int32_t factor; /* 15 bits */
    uint32_t shift;
} inverse;

/* Returns factor and shift with c·factor / 2^shift = c / √(n / d) in units of 2^-form; d <= n <= d·2^31. */
static inverse inverse_root(uint64_t n, uint32_t d, uint32_t form)
{
    uint32_t a = 0;
    for (; n < (uint64_t)d << 30; a++)
        n <<= 2;
    const uint32_t root = square_root(divide(n, d)), quotient = ((1u << 30) + root / 2) / root;
    return (inverse){quotient > 32767 ? 32767 : (int32_t)quotient, 30 - a - form};
}

/* bias: NULL for RMSNORM. */
static void run(const mote_session *s, const uint16_t *operands, const int32_t *params, const int16_t *bias,
                uint32_t out)
{
    const int16_t *x = mote_data(s, operands[X]), *gain = mote_data(s, operands[GAIN]);
    int16_t *y = mote_data_mutable(s, out);
    const uint32_t d = mote_record(s->model, out)->dims[0];
    const uint32_t gain_shift = (uint32_t)params[MOTE_NORM_SHIFT];
    const int32_t mean = bias ? mean_of(x, d) : 0;
    for (uint32_t i = 0; i < d; i++)
        y[i] = (int16_t)mote_clamp16(x[i] - mean);
    const uint64_t n = sum_of_squares(y, d) + (uint64_t)d * (uint32_t)params[MOTE_NORM_EPSILON];
    const inverse inv = inverse_root(n, d, (uint32_t)params[MOTE_NORM_FORM]);
    s->kernels->rescale(y, d, inv.factor, inv.shift);
    if (!bias)
        s->kernels->mul(y, gain, y, d, gain_shift);
    for (uint32_t i = 0; bias && i < d; i++)
        y[i] = (int16_t)mote_clamp16(mote_round(y[i] * gain[i], gain_shift) + bias[i]);
}

static void run_rms(const mote_session *s, const uint16_t *operands, const int32_t *params)
{
    run(s, operands, params, NULL, operands[MOTE_OUT(RMSNORM, Y)]);
}

static void run_layer(const mote_session *s, const uint16_t *operands, const int32_t *params)
{
    run(s, operands, params, mote_data(s, operands[BIAS]), operands[MOTE_OUT(LAYERNORM, Y)]);
}

const mote_op_kind mote_op_rmsnorm = {.fits = fits, .run = run_rms};
const mote_op_kind mote_op_layernorm = {.fits = fits, .run = run_layer};
