/* The kernels of the ESP32. Its MAC16 unit multiplies 16-bit halves and loads in the same cycle. The kernels widen the
 * inputs once per call, compute dot products in assembly and requantize with the portable code. The ESP32-S3 uses them
 * for int16 rows that do not suit its vector unit. */
#include "../chip.h"

#if defined(__XTENSA__) && !defined(MOTE_CHIP_ESP32S2)

#include "mac16.h"

#include <stddef.h>

#include "../requantize.h"

#define MAX_COLUMNS 512 /* maximum number of columns whose inputs fit on the stack */
#define AHEAD       4   /* inputs that the dot products load past the end */
#define BLOCK       16  /* rows */

/* Documented in dots_TYPE.S. */
typedef void dots_function(const uint8_t *weights, const int16_t *x, int32_t *dots, uint32_t rows, uint32_t count);
dots_function mote_mac16_dots_int16, mote_mac16_dots_int8, mote_mac16_dots_ternary2;

static void gemv(const mote_gemv *g, dots_function *dots_of, const int16_t *x, uint32_t count, uint32_t row_size,
                 int32_t offset)
{
    for (uint32_t r = 0; r < g->rows; r += BLOCK) {
        const uint32_t rows = g->rows - r < BLOCK ? g->rows - r : BLOCK;
        int32_t dots[BLOCK];
        dots_of(g->weights + (size_t)r * row_size, x, dots, rows, count);
        mote_requantize_rows(&g->out, r, rows, dots, offset);
    }
}

void mote_mac16_gemv_int16(const mote_gemv *g)
{
    if (g->columns % 4 != 0 || g->columns > MAX_COLUMNS) {
        mote_gemv_int16(g);
        return;
    }
    _Alignas(4) int16_t x[MAX_COLUMNS + AHEAD];
    for (uint32_t c = 0; c < g->columns; c++)
        x[c] = g->x[c];
    gemv(g, mote_mac16_dots_int16, x, g->columns, 2 * g->columns, 0);
}

void mote_mac16_gemv_int8(const mote_gemv *g)
{
    if (g->columns % 8 != 0 || g->columns > MAX_COLUMNS) {
        mote_gemv_int8(g);
        return;
    }
    _Alignas(4) int16_t x[MAX_COLUMNS + AHEAD];
    for (uint32_t c = 0; c < g->columns; c++)
        x[c] = g->x[c];
    gemv(g, mote_mac16_dots_int8, x, g->columns, g->columns, 0);
}

/* Arranges the inputs in the order of the codes of a row and returns their sum. */
static int32_t arrange(int16_t *to, const int8_t *x, uint32_t columns)
{
    int32_t sum = 0;
    for (uint32_t group = 0; group < columns; group += 64)
        for (uint32_t word = 0; word < 16; word += 4)
            for (uint32_t byte = 0; byte < 4; byte++)
                for (uint32_t k = 0; k < 4; k++) {
                    const uint32_t c = group + 16 * k + word + byte;
                    const int32_t value = c < columns ? x[c] : 0;
                    to[group + 4 * word + byte % 2 * 8 + 2 * k + byte / 2] = (int16_t)(value * (1 << (6 - 2 * k)));
                    sum += value;
                }
    return sum;
}

void mote_mac16_gemv_ternary2(const mote_gemv *g)
{
    if (g->columns > MAX_COLUMNS) {
        mote_gemv_ternary2(g);
        return;
    }
    _Alignas(4) int16_t x[MAX_COLUMNS + AHEAD];
    const uint32_t words = (g->columns + 63) / 64 * 4;
    const int32_t sum = arrange(x, g->x, g->columns);
    gemv(g, mote_mac16_dots_ternary2, x, words, 4 * words, sum);
}

const mote_kernels mote_mac16_kernels = {
    MOTE_PORTABLE_ENTRIES,
    .name = "mac16",
    MOTE_GEMV(ROWS, I16, mote_mac16_gemv_int16),
    MOTE_GEMV(ROWS, I8, mote_mac16_gemv_int8),
    MOTE_GEMV(ROWS, TERNARY2, mote_mac16_gemv_ternary2),
    MOTE_GEMV(BLOCKS16, I8, mote_mac16_gemv_blocks16_int8),
    MOTE_GEMV(BLOCKS16, TERNARY2, mote_mac16_gemv_blocks16_ternary2),
};

#endif
