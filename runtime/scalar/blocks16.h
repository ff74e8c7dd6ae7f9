/* GEMV of the layout MOTE_BLOCKS16 from dot products of sixteen rows. */
#ifndef MOTE_RUNTIME_SCALAR_BLOCKS16_H
#define MOTE_RUNTIME_SCALAR_BLOCKS16_H

#include "../ops/blocks16.h"
#include "../requantize.h"
#include "dots.h"

#define MAX_COLUMNS 512 /* maximum number of columns whose inputs fit on the stack */
#define SIXTEEN     16  /* rows at a time */
#define AHEAD       4   /* inputs that dots_of may load past the end */

/* x: the inputs in the arrangement that dots_of needs. */
static inline void mote_scalar_gemv_blocks16(const mote_gemv *g, mote_scalar_dots_blocks16 *dots_of, const void *x)
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
        mote_requantize_rows(&g->out, r, rows, dots, 0);
    }
}

/* GEMV of int8 weights; dots_of takes the inputs as int16. */
static inline void mote_scalar_gemv_blocks16_int8(const mote_gemv *g, mote_scalar_dots_blocks16 *dots_of)
{
    if (g->columns > MAX_COLUMNS) {
        mote_gemv_blocks16_int8(g);
        return;
    }
    _Alignas(4) int16_t x[MAX_COLUMNS + AHEAD];
    const uint32_t padded = (g->columns + 15) & ~15u;
    for (uint32_t c = 0; c < padded; c++)
        x[c] = g->x[c];
    mote_scalar_gemv_blocks16(g, dots_of, x);
}

#endif
