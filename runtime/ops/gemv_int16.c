#include "../requantise.h"

/* Two rows at a time, so that every x is loaded once for both. */
static void dot_pair(const int16_t *a, const int16_t *b, const int8_t *x, uint32_t columns, int32_t *dot_a,
                     int32_t *dot_b)
{
    int32_t sum_a = 0, sum_b = 0;
    uint32_t c = 0;
    for (; c + 2 <= columns; c += 2) {
        sum_a += a[c] * x[c] + a[c + 1] * x[c + 1];
        sum_b += b[c] * x[c] + b[c + 1] * x[c + 1];
    }
    if (c < columns) {
        sum_a += a[c] * x[c];
        sum_b += b[c] * x[c];
    }
    *dot_a = sum_a;
    *dot_b = sum_b;
}

/* No sum of some of the products passes 128·Σ|w|, which opening the file proved below 2^31. */
void mote_gemv_int16(const mote_gemv *g)
{
    const int16_t *row = (const int16_t *)(const void *)g->weights;
    for (uint32_t r = 0; r < g->rows; r += 2, row += 2 * g->columns) {
        uint32_t pair = r + 1 < g->rows;
        int32_t first, second;
        dot_pair(row, pair ? row + g->columns : row, g->x, g->columns, &first, &second);
        mote_requantise(g, r, first);
        if (pair)
            mote_requantise(g, r + 1, second);
    }
}
