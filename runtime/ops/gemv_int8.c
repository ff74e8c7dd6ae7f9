#include "../requantize.h"

static void dot_pair(const mote_gemv *g, const uint8_t *first, const uint8_t *second, int32_t dots[2])
{
    const int8_t *a = (const int8_t *)first, *b = (const int8_t *)second, *x = g->x;
    int32_t sum_a = 0, sum_b = 0;
    const uint32_t columns = g->columns;
    uint32_t c = 0;
    for (; c + 4 <= columns; c += 4) {
        sum_a += a[c] * x[c] + a[c + 1] * x[c + 1] + a[c + 2] * x[c + 2] + a[c + 3] * x[c + 3];
        sum_b += b[c] * x[c] + b[c + 1] * x[c + 1] + b[c + 2] * x[c + 2] + b[c + 3] * x[c + 3];
    }
    for (; c < columns; c++) {
        sum_a += a[c] * x[c];
        sum_b += b[c] * x[c];
    }
    dots[0] = sum_a;
    dots[1] = sum_b;
}

void mote_gemv_int8(const mote_gemv *g)
{
    mote_gemv_pairs(g, dot_pair, g->columns, 0);
}
