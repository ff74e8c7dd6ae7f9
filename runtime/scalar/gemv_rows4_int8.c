/* GEMV of int8 weights for cores whose byte loads extend the sign. It multiplies four rows at a time, so that an input
 * is loaded once for all of them, and unrolls eight columns to amortize the pointer increments. */
#include "../requantize.h"
#include "scalar.h"

/* The barrier keeps the compiler from moving the loads of all columns to the front, which needs too many registers. */
#define COLUMN(i)                                                                                                      \
    do {                                                                                                               \
        sum_a += a[i] * x[i];                                                                                          \
        sum_b += b[i] * x[i];                                                                                          \
        sum_c += c[i] * x[i];                                                                                          \
        sum_d += d[i] * x[i];                                                                                          \
        __asm__ volatile("" : : : "memory");                                                                           \
    } while (0)

static void dots_of_four(const int8_t *a, const int8_t *x, int32_t dots[4], uint32_t columns)
{
    const int8_t *b = a + columns, *c = b + columns, *d = c + columns;
    const int8_t *single = x + columns % 8, *last = x + columns;
    int32_t sum_a = 0, sum_b = 0, sum_c = 0, sum_d = 0;
    for (; x < single; a++, b++, c++, d++, x++)
        COLUMN(0);
    for (; x < last; a += 8, b += 8, c += 8, d += 8, x += 8) {
        COLUMN(0);
        COLUMN(1);
        COLUMN(2);
        COLUMN(3);
        COLUMN(4);
        COLUMN(5);
        COLUMN(6);
        COLUMN(7);
    }
    dots[0] = sum_a;
    dots[1] = sum_b;
    dots[2] = sum_c;
    dots[3] = sum_d;
}

void mote_scalar_gemv_rows4_int8(const mote_gemv *g)
{
    const int8_t *row = (const int8_t *)g->weights;
    uint32_t r = 0;
    for (; r + 4 <= g->rows; r += 4, row += 4 * (size_t)g->columns) {
        int32_t dots[4];
        dots_of_four(row, g->x, dots, g->columns);
        mote_requantize_rows(&g->out, r, 4, dots, 0);
    }
    for (; r < g->rows; r++, row += g->columns) {
        int32_t sum = 0;
        for (uint32_t c = 0; c < g->columns; c++)
            sum += row[c] * g->x[c];
        mote_requantize(&g->out, r, sum);
    }
}
