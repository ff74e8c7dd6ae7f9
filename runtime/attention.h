/* Kernels of attention: one head over its window. A chip may replace them. */
#ifndef MOTE_RUNTIME_ATTENTION_H
#define MOTE_RUNTIME_ATTENTION_H

#include <stdint.h>

/* One head and its cache of keys or of values: `count` rows of `width` elements, `stride` elements apart, either int8
 * with a scale for each row or int16. The scale byte 16·e + f means (16 + f)·2^(e - 4); a byte above
 * MOTE_MAX_CACHE_SCALE counts as MOTE_MAX_CACHE_SCALE. */
typedef struct mote_attention_head {
    const int16_t *q;      /* [width], 16-byte aligned if width is a multiple of 8 */
    const int8_t *codes;   /* int8 cache, or NULL */
    const uint8_t *scales; /* scales of codes, `scale_stride` bytes apart */
    int16_t *scores;       /* [count], 16-byte aligned; the rest of the last 16 bytes may be overwritten */
    int16_t *y;            /* [width], aligned as q */
    uint32_t width, stride, scale_stride, count;
    int32_t shift, factor; /* MOTE_ATTENTION_SCORE_SHIFT, MOTE_ATTENTION_SCORE */
    const int16_t *wide;   /* int16 cache, or NULL */
} mote_attention_head;

#define MOTE_MAX_CACHE_SCALE 0x81u /* e = 8, f = 1: largest scale that int16 values need, 127·17·2^4 > 32768 */

/* Computes the attention scores. With dot = Σ_i q[i]·cache[t][i]:
 *     scores[t] = clamp16(((clamp16(dot >> (shift - e))·(16 + f)) >> 4)·factor >> 15)
 * For an int16 cache e = f = 0. width: up to 256. */
void mote_attention_scores(const mote_attention_head *a);

/* Returns 2^15·exp((score - best)/512), computed with the table of ops/exp2.c; 0 if exp(...) is at most 2^-16. best >=
 * score, both in the range of int16. */
uint32_t mote_attention_weight(int32_t best, int32_t score);

/* Converts weights, which are uint16 up to 2^15, to probabilities in Q15, in place:
 * min((w·inverse + 2^(15+n)) >> (16 + n), 32767). */
void mote_softmax_share(int16_t *weights, uint32_t count, uint32_t inverse, uint32_t n);

/* Returns 2^31 / (sum >> n), 32768..65536, where *n is the least n with sum >> n below 2^16. */
uint32_t mote_softmax_inverse(uint32_t sum, uint32_t *n);

/* Converts scores in 1/512 nat to probabilities in Q15, 0..32767, in place. count: 1..32768. */
void mote_softmax(int16_t *scores, uint32_t count);

/* Computes the weighted sum y[i] = clamp16((Σ_t w_t·cache[t][i] + 2^14) >> 15), where w_t is
 * (scores[t]·(16 + f)·2^e + 8) >> 4 for an int8 cache and scores[t] for an int16 cache. scores: 0..32767, their sum
 * below 2^15 + count. */
void mote_attention_mix(const mote_attention_head *a);

#endif
