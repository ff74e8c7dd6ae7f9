/* The product that takes everything: each type of weights in rows, inputs of 8 or 16 bits, factors of groups. Sixteen
 * columns at a time become int16. */
#include "../model.h"
#include "../requantise.h"
#include "half.h"
#include "ternary.h"

#define CHUNK 16u

/* w[0..count-1] = the weights from `column`, a multiple of 16, on. */
typedef void unpack_function(const mote_gemv *g, const uint8_t *row, uint32_t column, uint32_t count, int16_t *w);

static void unpack_int16(const mote_gemv *g, const uint8_t *row, uint32_t column, uint32_t count, int16_t *w)
{
    (void)g;
    for (uint32_t i = 0; i < count; i++)
        w[i] = ((const int16_t *)(const void *)row)[column + i];
}

static void unpack_int8(const mote_gemv *g, const uint8_t *row, uint32_t column, uint32_t count, int16_t *w)
{
    (void)g;
    for (uint32_t i = 0; i < count; i++)
        w[i] = (int8_t)row[column + i];
}

static void unpack_half(const mote_gemv *g, const uint8_t *row, uint32_t column, uint32_t count, int16_t *w)
{
    for (uint32_t i = 0; i < count; i++)
        w[i] = (int16_t)mote_half_fixed(((const uint16_t *)(const void *)row)[column + i], g->fraction);
}

static void unpack_ternary5(const mote_gemv *g, const uint8_t *row, uint32_t column, uint32_t count, int16_t *w)
{
    (void)g;
    for (uint32_t i = 0; i < count; i++)
        w[i] = (int16_t)((int32_t)mote_ternary5_code(row, column + i) - 1);
}

/* Sixteen codes of one plane. */
static inline void plane(uint32_t bits, const uint8_t *row, uint32_t column, uint32_t code[CHUNK])
{
    const uint32_t group = mote_planes_group(bits), shift = column % group / 16 * bits, mask = (1u << bits) - 1;
    const uint8_t *bytes = row + column / group * 16;
    for (uint32_t i = 0; i < CHUNK; i++)
        code[i] = bytes[i] >> shift & mask;
}

static void unpack_planes(const mote_gemv *g, const uint8_t *row, uint32_t column, uint32_t count, int16_t *w)
{
    const mote_planes p = mote_planes_of(g->dtype);
    uint32_t code[CHUNK];
    plane(p.bits, row, column, code);
    for (uint32_t i = 0; i < count; i++)
        w[i] = (int16_t)(p.step * (int32_t)code[i] - p.zero);
}

static void unpack_split(const mote_gemv *g, const uint8_t *row, uint32_t column, uint32_t count, int16_t *w)
{
    const uint32_t bits = mote_high_bits(g->dtype);
    uint32_t low[CHUNK], high[CHUNK];
    plane(4, row, column, low);
    plane(bits, row + mote_planes_row_size(4, g->columns), column, high);
    for (uint32_t i = 0; i < count; i++)
        w[i] = (int16_t)((int32_t)(low[i] | high[i] << 4) - mote_split_zero(bits));
}

static unpack_function *const unpackers[MOTE_DTYPE_COUNT] = {
    MOTE_KERNEL(I16, unpack_int16),         MOTE_KERNEL(I8, unpack_int8),   MOTE_KERNEL(F16, unpack_half),
    MOTE_KERNEL(TERNARY5, unpack_ternary5), MOTE_KERNEL(I4, unpack_planes), MOTE_KERNEL(TERNARY2, unpack_planes),
    MOTE_KERNEL(BINARY, unpack_planes),     MOTE_KERNEL(I5, unpack_split),  MOTE_KERNEL(I6, unpack_split),
};

static int32_t dot_narrow(const int16_t *w, const int8_t *x, uint32_t count)
{
    int32_t sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += w[i] * x[i];
    return sum;
}

static int32_t dot_wide(const int16_t *w, const int16_t *x, uint32_t count)
{
    int32_t sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += w[i] * x[i];
    return sum;
}

static int32_t row_dot(const mote_gemv *g, unpack_function *unpack, const uint8_t *row, const int8_t *factor)
{
    int32_t sum = 0;
    int16_t w[CHUNK];
    for (uint32_t c = 0, end = g->group; c < g->columns; c += CHUNK) {
        const uint32_t count = g->columns - c < CHUNK ? g->columns - c : CHUNK;
        unpack(g, row, c, count, w);
        if (factor && c == end) {
            factor++;
            end += g->group;
        }
        sum += (factor ? *factor : 1) * (g->wide ? dot_wide(w, g->wide + c, count) : dot_narrow(w, g->x + c, count));
    }
    return sum;
}

void mote_gemv_general(const mote_gemv *g)
{
    const uint32_t size = (uint32_t)mote_row_size(g->dtype, g->columns);
    const uint32_t groups = g->groups ? mote_groups_of(g->columns, g->group) : 0;
    for (uint32_t r = 0; r < g->rows; r++) {
        const uint8_t *row = g->weights + (size_t)r * size;
        const int8_t *factors = g->groups ? g->groups + (size_t)r * groups : NULL;
        mote_requantise(g, r, row_dot(g, unpackers[g->dtype], row, factors));
    }
}
