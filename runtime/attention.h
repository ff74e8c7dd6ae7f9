/* One head of an attention over its window, codes in int8: what a chip may do in its own way. */
#ifndef MOTE_RUNTIME_ATTENTION_H
#define MOTE_RUNTIME_ATTENTION_H

#include <stdint.h>

typedef struct mote_attention {
    const int16_t *q;    /* [width], 16-byte aligned where width is a multiple of 8 */
    const int8_t *codes; /* of keys or values: `count` rows of `width`, `stride` bytes apart */
    const uint8_t *exponents; /* of the rows, `exponent_stride` bytes apart; beyond 8 as 8 */
    int16_t *scores; /* [count], 16-byte aligned; the rest of the last 16 bytes may be overwritten */
    int16_t *y;      /* [width], aligned as q */
    uint32_t width, stride, exponent_stride, count;
    int32_t shift, factor; /* MOTE_PARAM_SCORE_SHIFT, MOTE_PARAM_SCORE */
} mote_attention;

/* scores[t] = (clamp16(Σ_i q[i]·codes[t][i] >> (shift - exponent of t))·factor) >> 15; width up to 256. */
void mote_attention_scores(const mote_attention *a);

/* ⌊2^15·exp((score - best)/512)⌋ by the table of ops/exp2.c; 0 from 2^-16 on. best >= score, both int16. */
uint32_t mote_attention_weight(int32_t best, int32_t score);

/* Scores in 1/512 nat to probabilities in Q15: their softmax, defined where it is. count: 1..32768. */
void mote_softmax(int16_t *scores, uint32_t count);

/* y[i] = clamp16((Σ_t scores[t]·(codes[t][i] << exponent of t) + 2^14) >> 15); scores 0..32767, their sum below 2^16. */
void mote_attention_mix(const mote_attention *a);

#endif
