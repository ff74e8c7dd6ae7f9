#include "../requantize.h"

/* No partial sum exceeds 128·Σ|w|, which mote_open verified to be below 2^31. */
static void dot_pair(const mote_gemv *g, const uint8_t *first, const uint8_t *second, int32_t dots[2])
{
    const int16_t *a = (const void *)first, *b = (const void *)second;
    const int8_t *x = g->x;
    int32_t sum_a = 0, sum_b = 0;
    const uint32_t columns = g->columns;
    uint32_t c = 0;
    for (; c + 2 <= columns; c += 2) {
        sum_a += a[c] * x[c] + a[c + 1] * x[c + 1];
        sum_b += b[c] * x[c] + b[c + 1] * x[c + 1];
    }
    if (c < columns) {
        sum_a += a[c] * x[c];
        sum_b += b[c] * x[c];
    }
    dots[0] = sum_a;
    dots[1] = sum_b;
}

void mote_gemv_int16(const mote_gemv *g)
{
    mote_gemv_pairs(g, dot_pair, 2 * g->columns, 0);
}
