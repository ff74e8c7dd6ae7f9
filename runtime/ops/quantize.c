/* QUANTIZE: int16 to int8 by the fixed factor MOTE_QUANTIZE_STEP / 2^MOTE_QUANTIZE_SHIFT, or to I8V by the factor that
 * maps the largest magnitude to 127. */
#include "../requantize.h"
#include "ops.h"

static int fits(const mote_model *m, const mote_op_view *op)
{
    const uint32_t x = op->inputs[MOTE_QUANTIZE_X], y = op->outputs[MOTE_QUANTIZE_Y], d = mote_record(m, x)->dims[0];
    const mote_dtype dtype = mote_record(m, y)->dtype;
    const int fixed = mote_in_range(op->params[MOTE_QUANTIZE_STEP], 1, 32767) &&
                      mote_in_range(op->params[MOTE_QUANTIZE_SHIFT], 0, 30);
    return (dtype == MOTE_I8V || (dtype == MOTE_I8 && fixed)) && mote_is(m, x, MOTE_I16, d, 0) &&
           mote_is(m, y, dtype, d, 0);
}

void mote_quantize(const int16_t *x, int8_t *y, uint32_t count, int32_t step, uint32_t shift)
{
    for (uint32_t i = 0; i < count; i++)
        y[i] = (int8_t)mote_clamp8(mote_round(x[i] * step, shift));
}

uint32_t mote_peak(const int16_t *x, uint32_t count)
{
    int32_t low = 0, high = 0;
    for (uint32_t i = 0; i < count; i++) {
        low = x[i] < low ? x[i] : low;
        high = x[i] > high ? x[i] : high;
    }
    return (uint32_t)(-low > high ? -low : high);
}

void mote_rescale(int16_t *y, uint32_t count, int32_t mantissa, uint32_t shift)
{
    for (uint32_t i = 0; i < count; i++)
        y[i] = (int16_t)mote_clamp16(mote_round(y[i] * mantissa, shift));
}

/* Returns peak / 2^up / 127 with a mantissa of 15 bits; `peak` is the largest magnitude shifted left by `up` to 15
 * bits.
 */
static mote_vector_scale scale_of(uint32_t peak, int32_t up)
{
    const uint32_t quotient = (peak * 128 + 63) / 127;
    const int32_t excess = quotient >= 32768;
    return (mote_vector_scale){.mantissa = (int32_t)(quotient >> excess), .exponent = excess - 7 - up};
}

/* Quantizes to I8V. The factor is 127 / peak in 15 bits, so that 16-bit lanes can multiply by it and products fit 31
 * bits. */
static void run_vector(const mote_session *s, const int16_t *x, int8_t *y, uint32_t count)
{
    uint32_t peak = (uint32_t)mote_clamp((int32_t)s->kernels->peak(x, count), 1, 32767), up = 0;
    while (peak << up < 16384)
        up++;
    peak <<= up;
    s->kernels->quantize(x, y, count, (int32_t)((127u << 22) / peak), 22 - up);
    *(mote_vector_scale *)(void *)(y + ((count + 15) & ~15u)) = scale_of(peak, (int32_t)up);
}

static void run(const mote_session *s, const uint16_t *operands, const int32_t *params)
{
    const int16_t *x = mote_data(s, operands[MOTE_QUANTIZE_X]);
    int8_t *y = mote_data_mutable(s, operands[MOTE_OUT(QUANTIZE, Y)]);
    const mote_tensor_record *record = mote_record(s->model, operands[MOTE_OUT(QUANTIZE, Y)]);
    if (record->dtype == MOTE_I8V)
        run_vector(s, x, y, record->dims[0]);
    else
        s->kernels->quantize(x, y, record->dims[0], params[MOTE_QUANTIZE_STEP], (uint32_t)params[MOTE_QUANTIZE_SHIFT]);
}

const mote_op_kind mote_op_quantize = {.fits = fits, .run = run};
