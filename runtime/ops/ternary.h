/* Helpers of TERNARY5, five trits per byte, and of GEMV with two rows in one word. */
#ifndef MOTE_RUNTIME_TERNARY_H
#define MOTE_RUNTIME_TERNARY_H

#include "planes.h"

/* Returns ⌊b / 3⌋ for b < 256. */
static inline uint32_t mote_third(uint32_t b)
{
    return (b * 171) >> 9;
}

/* Returns the code of a column: 0, 1 or 2. */
static inline uint32_t mote_ternary5_code(const uint8_t *row, uint32_t column)
{
    uint32_t b = row[column / 5];
    for (uint32_t k = column % 5; k > 0; k--)
        b = mote_third(b);
    return b - 3 * mote_third(b);
}

/* Returns x modulo 2^32, for sums of two rows in one word. */
static inline uint32_t mote_wrapped(int8_t x)
{
    const int32_t wide = (int16_t)x;
    return (uint32_t)wide;
}

/* Adds step times the halves of `sum` to dots. The low half is a signed 16-bit number; the high half is exact after
 * subtracting it. */
static inline void mote_take_apart(uint32_t sum, int32_t step, int32_t dots[2])
{
    const int32_t low = (int16_t)sum;
    dots[0] += step * low;
    dots[1] += step * ((int32_t)(sum - (uint32_t)low) >> 16);
}

#endif
