/* Σ(step·code − zero)·x = step·Σcode·x − zero·Σx, with the codes of two rows side by side in one word, as in
 * gemv_ternary2.c. The halves are taken apart every 8 bytes: |Σ code·x| <= 16·15·128 < 2^15 for int4, and
 * 64·128 for binary. */
#include "../requantise.h"
#include "planes.h"
#include "ternary.h"

/* Adds the halves of `sum`: the low one is the signed 16-bit number it looks like. */
static void take_apart(uint32_t sum, int32_t *dot_a, int32_t *dot_b)
{
    const int32_t low = (int16_t)sum;
    *dot_a += low;
    *dot_b += (int32_t)(sum - (uint32_t)low) >> 16;
}

/* Eight bytes, of which `planes` planes are columns. */
static inline uint32_t byte_sum(uint32_t bits, const uint8_t *a, const uint8_t *b, const int8_t *x, uint32_t planes)
{
    const uint32_t mask = ((1u << bits) - 1) * 0x00010001u;
    uint32_t sum = 0;
    for (uint32_t j = 0; j < 8; j++) {
        uint32_t codes = a[j] | (uint32_t)b[j] << 16;
        for (uint32_t k = 0; k < planes; k++, codes >>= bits)
            sum += (codes & mask) * mote_wrapped(x[16 * k + j]);
    }
    return sum;
}

static inline void dot_pair(uint32_t bits, const uint8_t *a, const uint8_t *b, const int8_t *x, uint32_t columns,
                            int32_t *dot_a, int32_t *dot_b)
{
    const uint32_t group = mote_planes_group(bits), whole = columns & ~15u;
    *dot_a = *dot_b = 0;
    for (uint32_t c = 0; c < whole; c += group) {
        const uint32_t planes = (whole - c < group ? whole - c : group) / 16, at = c / group * 16;
        take_apart(byte_sum(bits, a + at, b + at, x + c, planes), dot_a, dot_b);
        take_apart(byte_sum(bits, a + at + 8, b + at + 8, x + c + 8, planes), dot_a, dot_b);
    }
    uint32_t rest = 0;
    for (uint32_t c = whole; c < columns; c++)
        rest += (mote_planes_code(bits, a, c) | mote_planes_code(bits, b, c) << 16) * mote_wrapped(x[c]);
    take_apart(rest, dot_a, dot_b);
}

static inline void gemv(const mote_gemv *g, mote_planes planes)
{
    const uint32_t row_size = (uint32_t)mote_planes_row_size(planes.bits, g->columns);
    const uint8_t *row = g->weights;
    int32_t sum_x = 0;
    for (uint32_t c = 0; c < g->columns; c++)
        sum_x += g->x[c];
    for (uint32_t r = 0; r < g->rows; r += 2, row += 2 * row_size) {
        uint32_t pair = r + 1 < g->rows;
        int32_t first, second;
        dot_pair(planes.bits, row, pair ? row + row_size : row, g->x, g->columns, &first, &second);
        mote_requantise(g, r, planes.step * first - planes.zero * sum_x);
        if (pair)
            mote_requantise(g, r + 1, planes.step * second - planes.zero * sum_x);
    }
}

/* Codes in two parts: low + 16·high - zero. */
static inline void gemv_split(const mote_gemv *g, uint32_t high_bits)
{
    const uint32_t low_size = (uint32_t)mote_planes_row_size(4, g->columns);
    const uint32_t row_size = low_size + (uint32_t)mote_planes_row_size(high_bits, g->columns);
    const uint8_t *row = g->weights;
    int32_t sum_x = 0;
    for (uint32_t c = 0; c < g->columns; c++)
        sum_x += g->x[c];
    const int32_t offset = mote_split_zero(high_bits) * sum_x;
    for (uint32_t r = 0; r < g->rows; r += 2, row += 2 * row_size) {
        const uint32_t pair = r + 1 < g->rows;
        const uint8_t *second = pair ? row + row_size : row;
        int32_t low[2], high[2];
        dot_pair(4, row, second, g->x, g->columns, &low[0], &low[1]);
        dot_pair(high_bits, row + low_size, second + low_size, g->x, g->columns, &high[0], &high[1]);
        mote_requantise(g, r, low[0] + 16 * high[0] - offset);
        if (pair)
            mote_requantise(g, r + 1, low[1] + 16 * high[1] - offset);
    }
}

void mote_gemv_int5(const mote_gemv *g)
{
    gemv_split(g, 1);
}

void mote_gemv_int6(const mote_gemv *g)
{
    gemv_split(g, 2);
}

void mote_gemv_int4(const mote_gemv *g)
{
    gemv(g, mote_planes_of(MOTE_I4));
}

void mote_gemv_binary(const mote_gemv *g)
{
    gemv(g, mote_planes_of(MOTE_BINARY));
}
