#include "../requantise.h"

/* Two rows at a time, so that every x is loaded once for both. */
static void dot_pair(const int8_t *a, const int8_t *b, const int8_t *x, uint32_t columns, int32_t *dot_a,
                     int32_t *dot_b)
{
    int32_t sum_a = 0, sum_b = 0;
    uint32_t c = 0;
    for (; c + 4 <= columns; c += 4) {
        sum_a += a[c] * x[c] + a[c + 1] * x[c + 1] + a[c + 2] * x[c + 2] + a[c + 3] * x[c + 3];
        sum_b += b[c] * x[c] + b[c + 1] * x[c + 1] + b[c + 2] * x[c + 2] + b[c + 3] * x[c + 3];
    }
    for (; c < columns; c++) {
        sum_a += a[c] * x[c];
        sum_b += b[c] * x[c];
    }
    *dot_a = sum_a;
    *dot_b = sum_b;
}

void mote_gemv_int8(const mote_gemv *g)
{
    const int8_t *row = (const int8_t *)g->weights;
    for (uint32_t r = 0; r < g->rows; r += 2, row += 2 * g->columns) {
        uint32_t pair = r + 1 < g->rows;
        int32_t first, second;
        dot_pair(row, pair ? row + g->columns : row, g->x, g->columns, &first, &second);
        mote_requantise(g, r, first);
        if (pair)
            mote_requantise(g, r + 1, second);
    }
}
