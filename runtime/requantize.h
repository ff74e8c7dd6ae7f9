/* How an accumulator becomes an output: the one definition, chosen so that 16-bit vector lanes can do it (saturating
 * shift, truncating multiply, saturating add). Right shifts of negative numbers round down, as every compiler for the
 * supported chips does them. */
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

/* v / 2^shift to the nearest, halves up. |v| <= 2^30; shift 0..30, or 31 where v < 2^30. */
static inline int32_t mote_round(int32_t v, uint32_t shift)
{
    return (v + (int32_t)((1u << shift) >> 1)) >> shift;
}

/* Adds the biases of `count` rows from `row` on to their dot products, each less `less`; requantizes and stores. The
 * sums fit: opening the file proved it. */
void mote_requantize_rows(const mote_requantization *q, uint32_t row, uint32_t count, const int32_t *dots,
                          int32_t less);

static inline void mote_requantize(const mote_requantization *q, uint32_t row, int32_t dot)
{
    mote_requantize_rows(q, row, 1, &dot, 0);
}

/* dots = what two rows make of x; they begin as 0. */
typedef void mote_dot_pair(const mote_gemv *g, const uint8_t *first, const uint8_t *second, int32_t dots[2]);

/* The product of rows of `row_size` bytes, two at a time, so that every x is loaded once for both: dots, less
 * zero·Σx. */
void mote_gemv_pairs(const mote_gemv *g, mote_dot_pair *dot_pair, uint32_t row_size, int32_t zero);

#endif
