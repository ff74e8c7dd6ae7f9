#include "scalar.h"

#include <stddef.h>

#include "../requantize.h"
#include "dots.h"

#define MAX_COLUMNS 512 /* maximum number of columns whose inputs fit on the stack */
#define BLOCK       16  /* rows */

#if defined(__riscv) /* byte loads extend the sign */
#define gemv_int8        mote_scalar_gemv_rows4_int8
#define gemv_blocks_int8 mote_scalar_gemv_blocks16_bytes
#else
#define gemv_blocks_int8 mote_scalar_gemv_blocks16_words

static void gemv_int8(const mote_gemv *g)
{
    if (g->columns % 4 != 0 || g->columns >= MAX_COLUMNS) {
        mote_gemv_int8(g);
        return;
    }
    int16_t x[MAX_COLUMNS];
    for (uint32_t c = 0; c < g->columns; c++)
        x[c] = g->x[c];
    const uint32_t *weights = (const void *)g->weights;
    for (uint32_t r = 0; r < g->rows; r += BLOCK, weights += BLOCK / 4 * (size_t)g->columns) {
        const uint32_t rows = g->rows - r < BLOCK ? g->rows - r : BLOCK;
        int32_t dots[BLOCK];
        mote_scalar_dots_int8(weights, x, dots, rows, g->columns);
        mote_requantize_rows(&g->out, r, rows, dots, 0);
    }
}
#endif

/* Arranges the inputs in pairs as dots.h defines and returns their sum. */
static int32_t arrange(uint32_t *pairs, const int8_t *x, uint32_t columns)
{
    int32_t sum = 0;
    for (uint32_t c = 0; c < columns; c++)
        sum += x[c];
    for (uint32_t group = 0; group < columns; group += 64)
        for (uint32_t word = 0; word < 16; word += 4)
            for (uint32_t place = 0; place < 8; place++) {
                const uint32_t c0 = group + place % 4 * 16 + word + place / 4, c1 = c0 + 2;
                const int32_t x0 = c0 < columns ? x[c0] : 0, x1 = c1 < columns ? x[c1] : 0;
                *pairs++ = (uint32_t)x1 + ((uint32_t)x0 << 16);
            }
    return sum;
}

static void gemv_ternary2(const mote_gemv *g)
{
    if (g->columns > MAX_COLUMNS) {
        mote_gemv_ternary2(g);
        return;
    }
    uint32_t pairs[MAX_COLUMNS / 2];
    const uint32_t groups = (g->columns + 63) / 64;
    const int32_t sum_x = arrange(pairs, g->x, g->columns);
    const uint32_t *codes = (const void *)g->weights;
    for (uint32_t r = 0; r < g->rows; r += BLOCK, codes += BLOCK * 4 * (size_t)groups) {
        const uint32_t rows = g->rows - r < BLOCK ? g->rows - r : BLOCK;
        int32_t dots[BLOCK];
        mote_scalar_dots_ternary2(codes, pairs, dots, rows, groups);
        mote_requantize_rows(&g->out, r, rows, dots, sum_x);
    }
}

const mote_kernels mote_scalar_kernels = {
    MOTE_PORTABLE_ENTRIES,
    .name = "scalar",
    MOTE_GEMV(ROWS, I8, gemv_int8),
    MOTE_GEMV(ROWS, TERNARY2, gemv_ternary2),
    MOTE_GEMV(BLOCKS16, I8, gemv_blocks_int8),
    MOTE_GEMV(BLOCKS16, TERNARY2, mote_scalar_gemv_blocks16_ternary2),
};
