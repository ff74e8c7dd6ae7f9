/* How an accumulator becomes an output: the one definition, chosen so that 16-bit vector lanes can do it (saturating
 * shift, truncating multiply, saturating add). Right shifts of negative numbers round down, as every compiler for the
 * supported chips does them. */
#ifndef MOTE_RUNTIME_REQUANTISE_H
#define MOTE_RUNTIME_REQUANTISE_H

#include "kernels.h"

static inline int32_t mote_clamp(int32_t v, int32_t low, int32_t high)
{
    return v < low ? low : v > high ? high : v;
}

static inline int32_t mote_clamp16(int32_t v)
{
    return mote_clamp(v, -32768, 32767);
}

static inline int32_t mote_clamp8(int32_t v)
{
    return mote_clamp(v, -127, 127);
}

/* v / 2^shift to the nearest, halves up. |v| <= 2^30; shift 0..30, or 31 where v < 2^30. */
static inline int32_t mote_round(int32_t v, uint32_t shift)
{
    return (v + (int32_t)((1u << shift) >> 1)) >> shift;
}

/* Adds the bias of `row` to its dot product, requantises and stores. The sum fits: opening the file proved it. */
static inline void mote_requantise(const mote_gemv *g, uint32_t row, int32_t dot)
{
    int32_t acc = dot + (g->bias ? g->bias[row] : 0);
    int32_t t = g->shift >= 0 ? mote_clamp16(acc >> g->shift) : mote_clamp16(mote_clamp16(acc) * (1 << -g->shift));
    int32_t u = g->multiplier ? (t * g->multiplier[row]) >> 15 : t;
    if (g->narrow)
        ((int8_t *)g->y)[row] = (int8_t)mote_clamp8(mote_clamp16(u + ((1 << g->gain) >> 1)) >> g->gain);
    else
        ((int16_t *)g->y)[row] = (int16_t)mote_clamp16(u * (1 << g->gain));
}

#endif
