/* GEMV of TERNARY5, with the codes of two rows in the halves of one word as in gemv_ternary2.c. One division of both
 * halves by three extracts a trit of each row. */
#include "../requantize.h"
#include "ternary.h"

#define BLOCK 12 /* bytes summed before the halves are separated: 60 columns, |Σ| < 2^14 */

static uint32_t byte_sum(uint32_t codes, const int8_t *x, uint32_t columns)
{
    uint32_t sum = 0;
    for (uint32_t k = 0; k < columns; k++) {
        uint32_t rest = ((codes * 171) >> 9) & 0x007f007fu; /* mote_third of both halves: 171·242 < 2^16 */
        sum += (codes - 3 * rest) * mote_wrapped(x[k]);
        codes = rest;
    }
    return sum;
}

static void dot_pair(const mote_gemv *g, const uint8_t *a, const uint8_t *b, int32_t dots[2])
{
    for (uint32_t c = 0; c < g->columns;) {
        uint32_t sum = 0;
        for (uint32_t j = 0; j < BLOCK && c < g->columns; j++, c += 5) {
            uint32_t codes = *a++ | (uint32_t)*b++ << 16;
            sum += byte_sum(codes, g->x + c, g->columns - c < 5 ? g->columns - c : 5);
        }
        mote_take_apart(sum, 1, dots);
    }
}

void mote_gemv_ternary5(const mote_gemv *g)
{
    mote_gemv_pairs(g, dot_pair, (g->columns + 4) / 5, 1);
}
