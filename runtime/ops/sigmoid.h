#ifndef MOTE_RUNTIME_SIGMOID_H
#define MOTE_RUNTIME_SIGMOID_H

#include "../requantise.h"

/* A segment of σ − 1/2 in Q15, 1/16 wide: its value where it begins and how much it rises. Vector kernels load both
 * as one word. */
typedef struct mote_sigmoid_segment {
    int16_t value, rise;
} __attribute__((aligned(4))) mote_sigmoid_segment;

extern const mote_sigmoid_segment mote_sigmoid_table[128];

/* σ of x in Q10 as Q15, 12..32756: linear within a segment, constant from ±8 on, σ(−x) = 1 − σ(x). */
static inline int32_t mote_sigmoid(int32_t x)
{
    const int32_t a = mote_clamp(x < 0 ? -x : x, 0, 8191);
    const mote_sigmoid_segment *s = mote_sigmoid_table + (a >> 6);
    const int32_t y = s->value + ((s->rise * (a & 63)) >> 6);
    return 16384 + (x < 0 ? -y : y);
}

/* tanh of x in Q10 as Q14, by tanh(x) = 2σ(2x) − 1. */
static inline int32_t mote_tanh(int32_t x)
{
    return mote_sigmoid(2 * x) - 16384;
}

#endif
