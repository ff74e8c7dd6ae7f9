/* Dot products of TERNARY2. A mask leaves two codes in the halves of a word. One multiplication by a word with the two
 * inputs in reverse order leaves the sum of both products in its high half:
 *
 *     (c0 + 65536·c1)·(x1 + 65536·x0) = c0·x1 + 65536·(c0·x0 + c1·x1)    modulo 2^32
 *
 * Even and odd columns, of 64 at a time, are summed separately. The low half, |Σ c0·x1| <= 16·2·128, is a signed
 * 16-bit number that is subtracted at the end. Codes of odd columns stay in place and so count 4 times. Their sum is at
 * least -4·32·2·128 = -2^15 and less than 2^15, so both halves still fit. */
#include "dots.h"

#define EVEN 0x00030003u
#define ODD  0x000c000cu

static int32_t high(uint32_t sum)
{
    const int32_t low = (int16_t)sum;
    return (int32_t)(sum - (uint32_t)low) >> 16;
}

static int32_t group_dot(const uint32_t *codes, const uint32_t *x)
{
    uint32_t even = 0, odd = 0;
    for (const uint32_t *end = codes + 4; codes < end; codes++, x += 8) {
        uint32_t word = *codes;
        even += (word & EVEN) * x[0];
        odd += (word & ODD) * x[1];
        word >>= 4;
        even += (word & EVEN) * x[2];
        odd += (word & ODD) * x[3];
        word >>= 4;
        even += (word & EVEN) * x[4];
        odd += (word & ODD) * x[5];
        word >>= 4;
        even += (word & EVEN) * x[6];
        odd += (word & ODD) * x[7];
    }
    return high(even) + (high(odd) >> 2);
}

void mote_scalar_dots_ternary2(const uint32_t *codes, const uint32_t *pairs, int32_t *dots, uint32_t rows,
                               uint32_t groups)
{
    const uint32_t *end = pairs + 32 * groups;
    for (const int32_t *last = dots + rows; dots < last; dots++) {
        int32_t dot = 0;
        for (const uint32_t *x = pairs; x < end; x += 32, codes += 4)
            dot += group_dot(codes, x);
        *dots = dot;
    }
}
