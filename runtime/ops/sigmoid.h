#ifndef MOTE_RUNTIME_SIGMOID_H
#define MOTE_RUNTIME_SIGMOID_H

#include "../requantise.h"

/* round(32768·σ(i/16)), i = 0..128. */
extern const uint16_t mote_sigmoid_table[129];

/* σ of x in Q10 as Q15, 12..32756: linear between table entries, constant from ±8 on, σ(−x) = 1 − σ(x). */
static inline int32_t mote_sigmoid(int32_t x)
{
    const int32_t a = mote_clamp(x < 0 ? -x : x, 0, 8191);
    const uint16_t *t = mote_sigmoid_table + (a >> 6);
    const int32_t y = t[0] + (((t[1] - t[0]) * (a & 63)) >> 6);
    return x < 0 ? 32768 - y : y;
}

/* tanh of x in Q10 as Q14, by tanh(x) = 2σ(2x) − 1. */
static inline int32_t mote_tanh(int32_t x)
{
    return mote_sigmoid(2 * x) - 16384;
}

#endif
