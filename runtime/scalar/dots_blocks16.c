/* Dot products over the blocks of MOTE_BLOCKS16. The columns of a block are multiplied as in dots_int8.c and
 * dots_ternary2.c. */
#include "dots.h"

#define EVEN   0x00030003u
#define ODD    0x000c000cu
#define SECOND 0x55555555u /* every second bit; inverting them turns two's complement into the code 1 - weight */
#define MOST   4u          /* maximum number of blocks whose sums of products fit both halves */

const uint16_t *mote_scalar_dots_blocks16_int8(const uint32_t *blocks, const void *x, int32_t *dots, uint32_t rows,
                                               const uint16_t *index)
{
    for (const int32_t *last = dots + rows; dots < last; index++) {
        const int16_t *at = x;
        int32_t dot = 0;
        for (uint32_t count = *index++; count > 0; count--, blocks += 4) {
            at += *index++;
            dot += mote_scalar_dot_int8(blocks, at, 16);
        }
        *dots++ = dot;
    }
    return index;
}

static int32_t high(uint32_t sum)
{
    const int32_t low = (int16_t)sum;
    return (int32_t)(sum - (uint32_t)low) >> 16;
}

const uint16_t *mote_scalar_dots_blocks16_ternary2(const uint32_t *blocks, const void *x, int32_t *dots, uint32_t rows,
                                                   const uint16_t *index)
{
    for (const int32_t *last = dots + rows; dots < last; index++) {
        const uint32_t *at = x;
        int32_t dot = 0;
        for (uint32_t count = *index++; count > 0;) {
            uint32_t even = 0, odd = 0;
            for (uint32_t some = count < MOST ? count : MOST; some > 0; some--, count--) {
                const uint32_t step = *index++;
                uint32_t word = *blocks++ ^ SECOND;
                at += step / 2 + step / 16;
                dot += (int32_t)at[8];
                even += (word & EVEN) * at[0];
                odd += (word & ODD) * at[1];
                word >>= 4;
                even += (word & EVEN) * at[2];
                odd += (word & ODD) * at[3];
                word >>= 4;
                even += (word & EVEN) * at[4];
                odd += (word & ODD) * at[5];
                word >>= 4;
                even += (word & EVEN) * at[6];
                odd += (word & ODD) * at[7];
            }
            dot -= high(even) + (high(odd) >> 2);
        }
        *dots++ = dot;
    }
    return index;
}
