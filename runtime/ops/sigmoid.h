#ifndef MOTE_RUNTIME_SIGMOID_H
#define MOTE_RUNTIME_SIGMOID_H

#include "../requantise.h"

/* round(32768·σ(i/16)), i = 0..128. */
extern const uint16_t mote_sigmoid_table[129];

/* σ of x in Q12 (int16 range) as Q15, 11..32757: linear between table entries, σ(−x) = 1 − σ(x). */
static inline int32_t mote_sigmoid(int32_t x)
{
    const int32_t a = mote_clamp16(x < 0 ? -x : x);
    const uint16_t *t = mote_sigmoid_table + (a >> 8);
    const int32_t y = t[0] + (((t[1] - t[0]) * (a & 255)) >> 8);
    return x < 0 ? 32768 - y : y;
}

/* tanh of x in Q12 as Q14, by tanh(x) = 2σ(2x) − 1. */
static inline int32_t mote_tanh(int32_t x)
{
    return mote_sigmoid(mote_clamp16(2 * x)) - 16384;
}

#endif
