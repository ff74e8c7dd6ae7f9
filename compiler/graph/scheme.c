#include "compiler/graph/scheme.h"

#include <math.h>
#include <stddef.h>

#include "compiler/graph/vector.h"

enum { LANES = 16 };

/* Computes Σ|w| over the elements with |w| > threshold and the number of these elements, in independent sums so that
 * the loop vectorizes. */
MOTE_CLONES static void sum_above(const float *w, size_t count, float threshold, float *sum, float *kept)
{
    float sums[LANES] = {0}, counts[LANES] = {0};
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (size_t j = 0; j < LANES; j++) {
            float size = fabsf(w[i + j]);
            sums[j] += size > threshold ? size : 0;
            counts[j] += size > threshold ? 1.0f : 0.0f;
        }
    for (size_t j = 0; i < count; i++, j++) {
        float size = fabsf(w[i]);
        sums[j] += size > threshold ? size : 0;
        counts[j] += size > threshold ? 1.0f : 0.0f;
    }
    double total = 0, number = 0;
    for (size_t j = 0; j < LANES; j++)
        total += (double)sums[j], number += (double)counts[j];
    *sum = (float)total;
    *kept = (float)number;
}

MOTE_CLONES static float largest(const float *w, size_t count)
{
    float most[LANES] = {0}, result = 0;
    size_t i = 0;
    for (; i + LANES <= count; i += LANES)
        for (size_t j = 0; j < LANES; j++) {
            float size = fabsf(w[i + j]);
            most[j] = size > most[j] ? size : most[j];
        }
    for (; i < count; i++)
        result = fabsf(w[i]) > result ? fabsf(w[i]) : result;
    for (size_t j = 0; j < LANES; j++)
        result = most[j] > result ? most[j] : result;
    return result;
}

MOTE_CLONES static void round_codes(const float *w, size_t count, float scale, float most, int8_t *codes)
{
    float inverse = 1 / scale;
    const float nearest = 0x1.8p23f; /* adding and subtracting it rounds to the nearest integer */
    for (size_t i = 0; i < count; i++) {
        float code = w[i] * inverse;
        code = code < most ? code : most; /* also for NaN */
        code = code > -most ? code : -most;
        codes[i] = (int8_t)(code + nearest - nearest);
    }
}

MOTE_CLONES static void threshold_codes(const float *w, size_t count, float threshold, int8_t *codes)
{
    for (size_t i = 0; i < count; i++)
        codes[i] = (int8_t)((w[i] > threshold) - (w[i] < -threshold));
}

mote_scheme mote_scheme_of(mote_dtype quantizer)
{
    static const mote_scheme schemes[MOTE_DTYPE_COUNT] = {
        [MOTE_I8] = MOTE_SCHEME_INT8,     [MOTE_I6] = MOTE_SCHEME_INT6,          [MOTE_I5] = MOTE_SCHEME_INT5,
        [MOTE_I4] = MOTE_SCHEME_INT4,     [MOTE_TERNARY2] = MOTE_SCHEME_TERNARY, [MOTE_TERNARY5] = MOTE_SCHEME_TERNARY,
        [MOTE_BINARY] = MOTE_SCHEME_SIGN,
    };
    return (unsigned)quantizer < MOTE_DTYPE_COUNT ? schemes[quantizer] : MOTE_SCHEME_FLOAT;
}

int mote_scheme_top(mote_scheme scheme)
{
    static const int top[MOTE_SCHEME_COUNT] = {
        [MOTE_SCHEME_INT8] = 127,    [MOTE_SCHEME_TERNARY] = 1, [MOTE_SCHEME_SIGN] = 1,  [MOTE_SCHEME_INT4] = 7,
        [MOTE_SCHEME_INT16] = 32767, [MOTE_SCHEME_INT5] = 15,   [MOTE_SCHEME_INT6] = 31,
    };
    return top[scheme];
}

bool mote_granularity_is_pow2(mote_granularity granularity)
{
    return granularity == MOTE_POW2_TENSOR || granularity == MOTE_POW2_ROW;
}

bool mote_granularity_is_row(mote_granularity granularity)
{
    return granularity == MOTE_PER_ROW || granularity == MOTE_POW2_ROW;
}

/* Rounds to -top..top with the scale max|w| / top. A power of two is rounded up, so that no weight is clipped. */
static float fit_levels(float top, bool pow2, const float *w, size_t count, int8_t *codes)
{
    float scale = largest(w, count) / top;
    if (!(scale > 0x1p-100f))
        scale = 1;
    else if (pow2)
        scale = exp2f(ceilf(log2f(scale)));
    round_codes(w, count, scale, top, codes);
    return scale;
}

/* Quantizes by a threshold on |w|. The least-squares scale is the mean of the |w| above it (Li and Liu, Ternary Weight
 * Networks, 2016). They use the threshold 0.7·mean|w|; 0.5·mean|w| is better in training: docs/training.md. With pow2
 * the scale is rounded to the nearest power of two and the threshold is half of it: every weight gets its nearest
 * code. */
static float fit_ternary(bool pow2, const float *w, size_t count, int8_t *codes)
{
    float sum, kept;
    sum_above(w, count, 0, &sum, &kept); /* the mean leaves out pruned weights */
    float threshold = 0.5f * sum / (kept > 0 ? kept : 1);
    sum_above(w, count, threshold, &sum, &kept);
    float scale = kept > 0 ? sum / kept : 1;
    if (!(scale > 0x1p-100f))
        scale = 1;
    if (pow2) {
        float below = exp2f(floorf(log2f(scale)));
        scale = scale > 1.5f * below ? 2 * below : below;
        threshold = scale / 2;
    }
    threshold_codes(w, count, threshold, codes);
    return scale;
}

static float fit_sign(bool pow2, const float *w, size_t count, int8_t *codes)
{
    float sum, kept;
    sum_above(w, count, -1, &sum, &kept);
    float scale = fmaxf(sum / (float)count, 0x1p-100f); /* zeros have no code, so the scale is tiny */
    if (pow2)
        scale = exp2f(rintf(log2f(scale)));
    for (size_t i = 0; i < count; i++)
        codes[i] = w[i] < 0 ? -1 : 1;
    return scale;
}

static float fit(mote_scheme scheme, bool pow2, const float *w, size_t count, int8_t *codes)
{
    switch (scheme) {
    case MOTE_SCHEME_TERNARY:
        return fit_ternary(pow2, w, count, codes);
    case MOTE_SCHEME_SIGN:
        return fit_sign(pow2, w, count, codes);
    default:
        return fit_levels((float)mote_scheme_top(scheme), pow2, w, count, codes);
    }
}

void mote_quantize_matrix(mote_scheme scheme, mote_granularity granularity, const float *weights, uint32_t rows,
                          uint32_t columns, int8_t *codes, float *scales)
{
    bool pow2 = mote_granularity_is_pow2(granularity);
    if (mote_granularity_is_row(granularity)) {
        for (uint32_t i = 0; i < rows; i++)
            scales[i] = fit(scheme, pow2, weights + (size_t)i * columns, columns, codes + (size_t)i * columns);
        return;
    }
    float scale = fit(scheme, pow2, weights, (size_t)rows * columns, codes);
    for (uint32_t i = 0; i < rows; i++)
        scales[i] = scale;
}

/* Chooses a scale and rounds to it. Rounding adds at most columns/2 to Σ|code| of a row, so the scale leaves `columns`
 * of the room free. */
static float fit_int16(bool pow2, uint32_t room, const float *w, uint32_t rows, uint32_t columns, int16_t *codes)
{
    const size_t count = (size_t)rows * columns;
    float scale = largest(w, count) / 32767, sum, kept;
    for (uint32_t r = 0; r < rows; r++) {
        sum_above(w + (size_t)r * columns, columns, -1, &sum, &kept);
        scale = fmaxf(scale, sum / fmaxf((float)room - (float)columns, 1));
    }
    if (!(scale > 0x1p-100f))
        scale = 1;
    else if (pow2)
        scale = exp2f(ceilf(log2f(scale)));
    for (size_t i = 0; i < count; i++)
        codes[i] = (int16_t)fmaxf(-32767, fminf(32767, rintf(w[i] / scale)));
    return scale;
}

void mote_quantize_int16(mote_granularity granularity, uint32_t room, const float *weights, uint32_t rows,
                         uint32_t columns, int16_t *codes, float *scales)
{
    const bool pow2 = mote_granularity_is_pow2(granularity);
    const uint32_t sharing = mote_granularity_is_row(granularity) ? 1 : rows;
    for (uint32_t r = 0; r < rows; r++) {
        const size_t at = (size_t)r * columns;
        scales[r] = r % sharing ? scales[r - 1] : fit_int16(pow2, room, weights + at, sharing, columns, codes + at);
    }
}
