#include "requantize.h"

void mote_requantize_rows(const mote_requantization *q, uint32_t row, uint32_t count, const int32_t *dots, int32_t less)
{
    for (const uint32_t end = row + count; row < end; row++) {
        const int32_t acc = *dots++ - less + (q->bias ? q->bias[row] : 0);
        const int32_t t = mote_clamp16(q->shift >= 0 ? acc >> q->shift : mote_clamp16(acc) * (1 << -q->shift));
        const int32_t u = q->multiplier ? (t * q->multiplier[row]) >> 15 : t;
        if (q->narrow)
            ((int8_t *)q->y)[row] = (int8_t)mote_clamp8(mote_clamp16(u + ((1 << q->gain) >> 1)) >> q->gain);
        else
            ((int16_t *)q->y)[row] = (int16_t)mote_clamp16(u * (1 << q->gain));
    }
}

void mote_gemv_pairs(const mote_gemv *g, mote_dot_pair *dot_pair, uint32_t row_size, int32_t zero)
{
    const uint8_t *row = g->weights;
    int32_t sum_x = 0;
    for (uint32_t c = 0; zero && c < g->columns; c++)
        sum_x += g->x[c];
    for (uint32_t r = 0; r < g->rows; r += 2, row += 2 * row_size) {
        const uint32_t more = r + 1 < g->rows;
        int32_t dots[2] = {0, 0};
        dot_pair(g, row, more ? row + row_size : row, dots);
        mote_requantize_rows(&g->out, r, 1 + more, dots, zero * sum_x);
    }
}
