#ifndef MOTE_RUNTIME_SIGMOID_H
#define MOTE_RUNTIME_SIGMOID_H

#include "../requantize.h"
#include "segment.h"

/* σ − 1/2 in Q15, in segments of 1/16; the last segment is the constant for larger arguments. */
extern const mote_segment mote_sigmoid_table[129];

/* Returns σ(x) in Q15, 12..32756; x: Q10. Linear within a segment, constant from ±8 on, σ(−x) = 1 − σ(x). */
static inline int32_t mote_sigmoid(int32_t x)
{
    const int32_t a = mote_clamp(x < 0 ? -x : x, 0, 8191);
    const int32_t y = mote_segment_at(mote_sigmoid_table, a);
    return 16384 + (x < 0 ? -y : y);
}

/* Returns tanh(x) in Q14, computed as 2σ(2x) − 1; x: Q10. */
static inline int32_t mote_tanh(int32_t x)
{
    return mote_sigmoid(2 * x) - 16384;
}

#endif
