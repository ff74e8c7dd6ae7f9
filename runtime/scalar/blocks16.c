/* GEMV of the layout MOTE_BLOCKS16. Arranges the inputs once per call and uses the dot products of dots.h. */
#include "blocks16.h"

#include "scalar.h"

#define ARRANGED 9 /* words of the arranged inputs of a ternary block */

void mote_scalar_gemv_blocks16_words(const mote_gemv *g)
{
    mote_scalar_gemv_blocks16_int8(g, mote_scalar_dots_blocks16_int8);
}

/* Arranges sixteen inputs in pairs as dots.h defines, followed by their sum. */
static void arrange(uint32_t *to, const int8_t *x)
{
    int32_t sum = 0;
    for (uint32_t c = 0; c < MOTE_BLOCK; c++)
        sum += x[c];
    for (uint32_t place = 0; place < 8; place++) {
        const int32_t first = x[place % 4 * 4 + place / 4], second = x[place % 4 * 4 + place / 4 + 2];
        to[place] = (uint32_t)second + ((uint32_t)first << 16);
    }
    to[8] = (uint32_t)sum;
}

void mote_scalar_gemv_blocks16_ternary2(const mote_gemv *g)
{
    if (g->columns > MAX_COLUMNS) {
        mote_gemv_blocks16_ternary2(g);
        return;
    }
    uint32_t pairs[MAX_COLUMNS / MOTE_BLOCK * ARRANGED];
    for (uint32_t c = 0; c < g->columns; c += MOTE_BLOCK)
        arrange(pairs + c / MOTE_BLOCK * ARRANGED, g->x + c);
    mote_scalar_gemv_blocks16(g, mote_scalar_dots_blocks16_ternary2, pairs);
}
