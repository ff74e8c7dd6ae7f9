#include "../attention.h"

#include "../requantize.h"
#include "exp2.h"

#define LANES 16

/* Limits the scale, because other operators of a hostile file may write any byte to the state. */
static uint32_t scale_at(const mote_attention_head *a, uint32_t row)
{
    const uint32_t scale = a->scales[row * a->scale_stride];
    return scale < MOTE_MAX_CACHE_SCALE ? scale : MOTE_MAX_CACHE_SCALE;
}

static int32_t sixteenths(uint32_t scale)
{
    return 16 + (int32_t)(scale & 15);
}

/* Returns ⌊clamp16(⌊q·row / 2^(shift - e)⌋)·(16 + f) / 16⌋, at most 2^16 in magnitude. */
static int32_t similarity(const mote_attention_head *a, uint32_t t)
{
    const uint32_t scale = scale_at(a, t);
    const int8_t *row = a->codes + t * a->stride;
    int32_t dot = 0;
    for (uint32_t i = 0; i < a->width; i++)
        dot += a->q[i] * row[i];
    return mote_clamp16(dot >> ((uint32_t)a->shift - (scale >> 4))) * sixteenths(scale) >> 4;
}

static int32_t wide_similarity(const mote_attention_head *a, uint32_t t)
{
    const int16_t *row = a->wide + t * a->stride;
    int64_t dot = 0;
    for (uint32_t i = 0; i < a->width; i++)
        dot += a->q[i] * row[i];
    dot >>= a->shift;
    return dot < -32768 ? -32768 : dot > 32767 ? 32767 : (int32_t)dot;
}

void mote_attention_scores(const mote_attention_head *a)
{
    for (uint32_t t = 0; t < a->count; t++) {
        const int32_t found = a->wide ? wide_similarity(a, t) : similarity(a, t);
        a->scores[t] = (int16_t)mote_clamp16((found * a->factor) >> 15);
    }
}

uint32_t mote_attention_weight(int32_t best, int32_t score)
{
    const uint32_t x = (uint32_t)(best - score) * 47274 >> 8; /* log2(e) · 2^16 / 512 · 2^8 = 47274 */
    return x >= 16 << 16 ? 0 : mote_exp2(15, x);
}

uint32_t mote_softmax_inverse(uint32_t sum, uint32_t *n)
{
    *n = 0;
    while (sum >> *n >= 65536)
        ++*n;
    return 0x80000000u / (sum >> *n);
}

void mote_softmax_share(int16_t *weights, uint32_t count, uint32_t inverse, uint32_t n)
{
    for (uint32_t t = 0; t < count; t++) {
        const uint32_t p = ((uint16_t)weights[t] * inverse + (1u << (15 + n))) >> (16 + n);
        weights[t] = (int16_t)(p > 32767 ? 32767 : p);
    }
}

/* Stores the weights in place of the scores. */
void mote_softmax(int16_t *scores, uint32_t count)
{
    int32_t best = scores[0];
    uint32_t sum = 0, n;
    for (uint32_t t = 1; t < count; t++)
        best = scores[t] > best ? scores[t] : best;
    for (uint32_t t = 0; t < count; t++) {
        const uint32_t weight = mote_attention_weight(best, scores[t]);
        scores[t] = (int16_t)(uint16_t)weight;
        sum += weight;
    }
    const uint32_t inverse = mote_softmax_inverse(sum, &n);
    mote_softmax_share(scores, count, inverse, n);
}

/* Computes LANES columns at a time. The sums fit 32 bits: Σ scores <= 2^15 + count/2 and |value| <= 127·17·2^4. */
void mote_attention_mix(const mote_attention_head *a)
{
    for (uint32_t from = 0; from < a->width; from += LANES) {
        const uint32_t lanes = a->width - from < LANES ? a->width - from : LANES;
        int32_t sum[LANES] = {0};
        for (uint32_t t = 0; t < a->count; t++) {
            const uint32_t at = t * a->stride + from;
            if (a->wide) {
                for (uint32_t i = 0; i < lanes; i++)
                    sum[i] += a->scores[t] * a->wide[at + i];
                continue;
            }
            const uint32_t scale = scale_at(a, t);
            const int32_t weight = (a->scores[t] * sixteenths(scale) * (1 << (scale >> 4)) + 8) >> 4;
            for (uint32_t i = 0; i < lanes; i++)
                sum[i] += weight * a->codes[at + i];
        }
        for (uint32_t i = 0; i < lanes; i++)
            a->y[from + i] = (int16_t)mote_clamp16((sum[i] + 16384) >> 15);
    }
}
