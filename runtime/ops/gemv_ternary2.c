/* GEMV of TERNARY2: Σ(code−1)·x = Σcode·x − Σx, with the codes of two rows in the halves of one word:
 *
 *     word = code of row a + 65536 · code of row b
 *     Σ word·x = Σ code_a·x + 65536 · Σ code_b·x
 *
 * One multiplication serves two rows. Over 64 columns |Σ code·x| <= 64·2·128 = 2^14, so the low half is a signed 16-bit
 * number, and the high half is exact after subtracting it. */
#include "../requantize.h"
#include "ternary.h"

#define GROUP 64 /* columns in 16 bytes of a row */

static uint32_t group_sum(const uint8_t *a, const uint8_t *b, const int8_t *x)
{
    uint32_t sum = 0;
    for (uint32_t j = 0; j < 16; j++) {
        uint32_t codes = a[j] | (uint32_t)b[j] << 16;
        sum += (codes & 0x00030003u) * mote_wrapped(x[j]);
        sum += ((codes >> 2) & 0x00030003u) * mote_wrapped(x[16 + j]);
        sum += ((codes >> 4) & 0x00030003u) * mote_wrapped(x[32 + j]);
        sum += ((codes >> 6) & 0x00030003u) * mote_wrapped(x[48 + j]);
    }
    return sum;
}

static uint32_t tail_sum(const uint8_t *a, const uint8_t *b, const int8_t *x, uint32_t columns)
{
    uint32_t sum = 0;
    for (uint32_t c = 0; c < columns; c++)
        sum += (mote_planes_code(2, a, c) | mote_planes_code(2, b, c) << 16) * mote_wrapped(x[c]);
    return sum;
}

static void dot_pair(const mote_gemv *g, const uint8_t *a, const uint8_t *b, int32_t dots[2])
{
    for (uint32_t c = 0; c < g->columns; c += GROUP, a += 16, b += 16) {
        const uint32_t left = g->columns - c;
        mote_take_apart(left >= GROUP ? group_sum(a, b, g->x + c) : tail_sum(a, b, g->x + c, left), 1, dots);
    }
}

void mote_gemv_ternary2(const mote_gemv *g)
{
    mote_gemv_pairs(g, dot_pair, (g->columns + GROUP - 1) / GROUP * 16, 1);
}
