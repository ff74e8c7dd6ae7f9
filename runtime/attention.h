/* One head of an attention over its window: what a chip may do in its own way. */
#ifndef MOTE_RUNTIME_ATTENTION_H
#define MOTE_RUNTIME_ATTENTION_H

#include <stdint.h>

/* The cache is that of keys or of values: `count` rows of `width`, `stride` elements apart, int8 with a scale a row, or
 * int16. A scale 16·e + f stands for (16 + f)·2^(e - 4); one beyond MOTE_MAX_CACHE_SCALE counts as that. */
typedef struct mote_attention_head {
    const int16_t *q;      /* [width], 16-byte aligned where width is a multiple of 8 */
    const int8_t *codes;   /* or NULL */
    const uint8_t *scales; /* of codes, `scale_stride` bytes apart */
    int16_t *scores;       /* [count], 16-byte aligned; the rest of the last 16 bytes may be overwritten */
    int16_t *y;            /* [width], aligned as q */
    uint32_t width, stride, scale_stride, count;
    int32_t shift, factor; /* MOTE_ATTENTION_SCORE_SHIFT, MOTE_ATTENTION_SCORE */
    const int16_t *wide;   /* or NULL */
} mote_attention_head;

#define MOTE_MAX_CACHE_SCALE 0x81u /* of int16 values: 127·17·2^4 passes 32768 */

/* With dot = Σ_i q[i]·cache[t][i]:
 *     scores[t] = clamp16(((clamp16(dot >> (shift - e))·(16 + f)) >> 4)·factor >> 15), of int16 e = f = 0
 * width: up to 256. */
void mote_attention_scores(const mote_attention_head *a);

/* 2^15·exp((score - best)/512) by the table of ops/exp2.c, 0 from 2^-16 on; best >= score, both int16. */
uint32_t mote_attention_weight(int32_t best, int32_t score);

/* Weights, uint16 up to 2^15, to their shares of 2^15: min((w·inverse + 2^(15+n)) >> (16 + n), 32767). In place. */
void mote_softmax_share(int16_t *weights, uint32_t count, uint32_t inverse, uint32_t n);

/* 2^31 / (sum >> n) with the least n that brings the sum of weights below 2^16: 32768..65536. */
uint32_t mote_softmax_inverse(uint32_t sum, uint32_t *n);

/* Scores in 1/512 nat to probabilities in Q15, 0..32767. count: 1..32768. */
void mote_softmax(int16_t *scores, uint32_t count);

/* y[i] = clamp16((Σ_t w_t·cache[t][i] + 2^14) >> 15) with w_t = (scores[t]·(16 + f)·2^e + 8) >> 4, of int16 scores[t];
 * scores: 0..32767, their sum below 2^15 + count. */
void mote_attention_mix(const mote_attention_head *a);

#endif
