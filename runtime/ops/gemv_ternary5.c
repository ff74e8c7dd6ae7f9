/* As gemv_ternary2.c, two rows in one word; a division by three of both halves at once takes the trits off a byte. */
#include "../requantise.h"
#include "ternary.h"

#define BLOCK 12 /* bytes summed before the halves are taken apart: 60 columns, |Σ| < 2^14 */

static uint32_t byte_sum(uint32_t codes, const int8_t *x, uint32_t columns)
{
    uint32_t sum = 0;
    for (uint32_t k = 0; k < columns; k++) {
        uint32_t rest = ((codes * 171) >> 9) & 0x007f007fu; /* mote_third of both halves: 171·242 < 2^16 */
        sum += (codes - 3 * rest) * mote_wrapped(x[k]);
        codes = rest;
    }
    return sum;
}

static void dot_pair(const uint8_t *a, const uint8_t *b, const int8_t *x, uint32_t columns, int32_t *dot_a,
                     int32_t *dot_b)
{
    *dot_a = *dot_b = 0;
    for (uint32_t c = 0; c < columns;) {
        uint32_t sum = 0;
        for (uint32_t j = 0; j < BLOCK && c < columns; j++, c += 5) {
            uint32_t codes = *a++ | (uint32_t)*b++ << 16;
            sum += byte_sum(codes, x + c, columns - c < 5 ? columns - c : 5);
        }
        int32_t low = (int16_t)sum;
        *dot_a += low;
        *dot_b += (int32_t)(sum - (uint32_t)low) >> 16;
    }
}

void mote_gemv_ternary5(const mote_gemv *g)
{
    const uint32_t row_size = (g->columns + 4) / 5;
    const uint8_t *row = g->weights;
    int32_t sum_x = 0;
    for (uint32_t c = 0; c < g->columns; c++)
        sum_x += g->x[c];
    for (uint32_t r = 0; r < g->rows; r += 2, row += 2 * row_size) {
        uint32_t pair = r + 1 < g->rows;
        int32_t first, second;
        dot_pair(row, pair ? row + row_size : row, g->x, g->columns, &first, &second);
        mote_requantise(g, r, first - sum_x);
        if (pair)
            mote_requantise(g, r + 1, second - sum_x);
    }
}
