/* Products from the layout MOTE_BLOCKS16: inputs are arranged once a call, dot products are those of dots.h. */
#include "../ops/blocks16.h"

#include "../requantise.h"
#include "dots.h"
#include "scalar.h"

#define MAX_COLUMNS 512 /* whose inputs find room on the stack */
#define SIXTEEN     16  /* rows at a time */
#define ARRANGED    9   /* words that the inputs of a ternary block become */

static void gemv(const mote_gemv *g, mote_scalar_dots_blocks16 *dots_of, const void *x)
{
    const mote_blocks16 begin = mote_blocks16_begin(g->weights);
    const uint16_t *index = (const void *)begin.index;
    const uint8_t *blocks = begin.block;
    for (uint32_t r = 0; r < g->rows; r += SIXTEEN) {
        const uint32_t rows = g->rows - r < SIXTEEN ? g->rows - r : SIXTEEN;
        int32_t dots[SIXTEEN];
        const uint16_t *next = dots_of((const void *)blocks, x, dots, rows, index);
        blocks += ((uint32_t)(next - index) - 2 * rows) * mote_blocks16_bytes(g->dtype);
        index = next;
        mote_requantise_rows(g, r, rows, dots, 0);
    }
}

void mote_scalar_gemv_blocks16_words(const mote_gemv *g)
{
    if (g->columns > MAX_COLUMNS) {
        mote_gemv_blocks16_int8(g);
        return;
    }
    int16_t x[MAX_COLUMNS];
    const uint32_t padded = (g->columns + 15) & ~15u;
    for (uint32_t c = 0; c < padded; c++)
        x[c] = g->x[c];
    gemv(g, mote_scalar_dots_blocks16_int8, x);
}

/* Sixteen inputs two by two as dots.h says, and their sum. */
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
    gemv(g, mote_scalar_dots_blocks16_ternary2, pairs);
}
