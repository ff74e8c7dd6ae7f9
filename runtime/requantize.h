/* Requantization: the conversion of an accumulator to an output, defined so that 16-bit vector lanes can do it
 * (saturating shift, truncating multiplication, saturating addition). Right shifts of negative numbers round down, as
 * every compiler for the supported chips implements them. */
#ifndef MOTE_RUNTIME_REQUANTIZE_H
#define MOTE_RUNTIME_REQUANTIZE_H

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

/* Returns v / 2^shift rounded to nearest, halves up. |v| <= 2^30; shift: 0..30, or 31 if v < 2^30. */
static inline int32_t mote_round(int32_t v, uint32_t shift)
{
    return (v + (int32_t)((1u << shift) >> 1)) >> shift;
}

/* Adds the biases of `count` rows from `row` on to their dot products, subtracts `less` from each, requantizes and
 * stores. The sums do not overflow: mote_open verified it. */
void mote_requantize_rows(const mote_requantization *q, uint32_t row, uint32_t count, const int32_t *dots,
                          int32_t less);

static inline void mote_requantize(const mote_requantization *q, uint32_t row, int32_t dot)
{
    mote_requantize_rows(q, row, 1, &dot, 0);
}

/* Adds the dot products of two rows with x to dots, which are 0 at the call. */
typedef void mote_dot_pair(const mote_gemv *g, const uint8_t *first, const uint8_t *second, int32_t dots[2]);

/* Computes a GEMV of rows of `row_size` bytes, two rows at a time, so that every x is loaded once for both. Subtracts
 * zero·Σx from each dot product. */
void mote_gemv_pairs(const mote_gemv *g, mote_dot_pair *dot_pair, uint32_t row_size, int32_t zero);

#endif
