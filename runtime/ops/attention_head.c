#include "../attention.h"

#include "../requantise.h"
#include "exp2.h"

#define EXPONENTS 8 /* the largest */
#define LANES     16

static uint32_t exponent_at(const mote_attention *a, uint32_t row)
{
    const uint32_t e = a->exponents[row * a->exponent_stride];
    return e < EXPONENTS ? e : EXPONENTS;
}

void mote_attention_scores(const mote_attention *a)
{
    const int8_t *codes = a->codes;
    for (uint32_t t = 0; t < a->count; t++, codes += a->stride) {
        int32_t dot = 0;
        for (uint32_t i = 0; i < a->width; i++)
            dot += a->q[i] * codes[i];
        dot = mote_clamp16(dot >> (uint32_t)(a->shift - (int32_t)exponent_at(a, t)));
        a->scores[t] = (int16_t)((dot * a->factor) >> 15);
    }
}

uint32_t mote_attention_weight(int32_t best, int32_t score)
{
    const uint32_t x = (uint32_t)(best - score) * 47274 >> 8; /* log2(e) · 2^16 / 512 · 2^8 = 47274 */
    return x >= 16 << 16 ? 0 : mote_exp2(15, x);
}

void mote_softmax(int16_t *scores, uint32_t count)
{
    int32_t best = scores[0];
    uint32_t sum = 0, n = 0;
    for (uint32_t t = 1; t < count; t++)
        best = scores[t] > best ? scores[t] : best;
    for (uint32_t t = 0; t < count; t++) {
        const uint32_t w = mote_attention_weight(best, scores[t]);
        scores[t] = (int16_t)(uint16_t)w;
        sum += w;
    }
    while (sum >> n >= 65536)
        n++;
    const uint32_t inverse = 0x80000000u / (sum >> n);
    for (uint32_t t = 0; t < count; t++) {
        const uint32_t p = ((uint16_t)scores[t] * inverse + (1u << (15 + n))) >> (16 + n);
        scores[t] = (int16_t)(p > 32767 ? 32767 : p);
    }
}

/* LANES columns at a time. Σ scores <= 2^15 + count/2 and |code << exponent| <= 2^15. */
void mote_attention_mix(const mote_attention *a)
{
    for (uint32_t from = 0; from < a->width; from += LANES) {
        const uint32_t lanes = a->width - from < LANES ? a->width - from : LANES;
        int32_t sum[LANES] = {0};
        const int8_t *codes = a->codes + from;
        for (uint32_t t = 0; t < a->count; t++, codes += a->stride) {
            const int32_t unit = a->scores[t] * (1 << exponent_at(a, t));
            for (uint32_t i = 0; i < lanes; i++)
                sum[i] += unit * codes[i];
        }
        for (uint32_t i = 0; i < lanes; i++)
            a->y[from + i] = (int16_t)mote_clamp16((sum[i] + 16384) >> 15);
    }
}
