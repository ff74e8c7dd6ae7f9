#include "weight.h"

#include "../kernels.h"
#include "half.h"
#include "ternary.h"

/* Unpacks `count` weights from `column` on to w; those of planes write MOTE_UNPACKED weights. */
typedef void unpack_function(const mote_row *row, uint32_t column, uint32_t count, int16_t *w);

static void unpack_int16(const mote_row *row, uint32_t column, uint32_t count, int16_t *w)
{
    for (uint32_t i = 0; i < count; i++)
        w[i] = ((const int16_t *)(const void *)row->data)[column + i];
}

static void unpack_int8(const mote_row *row, uint32_t column, uint32_t count, int16_t *w)
{
    for (uint32_t i = 0; i < count; i++)
        w[i] = (int8_t)row->data[column + i];
}

static void unpack_half(const mote_row *row, uint32_t column, uint32_t count, int16_t *w)
{
    for (uint32_t i = 0; i < count; i++)
        w[i] = (int16_t)mote_half_fixed(((const uint16_t *)(const void *)row->data)[column + i], row->fraction);
}

static void unpack_ternary5(const mote_row *row, uint32_t column, uint32_t count, int16_t *w)
{
    for (uint32_t i = 0; i < count; i++)
        w[i] = (int16_t)((int32_t)mote_ternary5_code(row->data, column + i) - 1);
}

/* Returns the address of the 16 bytes that hold columns column..column+15, and sets *shift to the lowest bit of the
 * codes in these bytes. */
static const uint8_t *plane(uint32_t bits, const uint8_t *data, uint32_t column, uint32_t *shift)
{
    const uint32_t bit = column / 16 * bits;
    *shift = bit % 8;
    return data + bit / 8 * 16;
}

static void unpack_planes(const mote_row *row, uint32_t column, uint32_t count, int16_t *w)
{
    const mote_planes p = mote_planes_of(row->dtype);
    const uint32_t mask = (1u << p.bits) - 1;
    uint32_t shift;
    const uint8_t *codes = plane(p.bits, row->data, column, &shift);
    (void)count;
    for (uint32_t i = 0; i < MOTE_UNPACKED; i++)
        w[i] = (int16_t)(p.step * (int32_t)(codes[i] >> shift & mask) - p.zero);
}

static void unpack_split(const mote_row *row, uint32_t column, uint32_t count, int16_t *w)
{
    const uint32_t bits = mote_high_bits(row->dtype), mask = (1u << bits) - 1;
    const int32_t zero = mote_split_zero(bits);
    uint32_t at, above;
    const uint8_t *low = plane(4, row->data, column, &at);
    const uint8_t *high = plane(bits, row->data + mote_planes_row_size(4, row->columns), column, &above);
    (void)count;
    for (uint32_t i = 0; i < MOTE_UNPACKED; i++)
        w[i] = (int16_t)((int32_t)((low[i] >> at & 15) | (high[i] >> above & mask) << 4) - zero);
}

static unpack_function *const unpackers[MOTE_DTYPE_COUNT] = {
    MOTE_IF_TYPE(I16, unpack_int16),         MOTE_IF_TYPE(I8, unpack_int8),   MOTE_IF_TYPE(F16, unpack_half),
    MOTE_IF_TYPE(TERNARY5, unpack_ternary5), MOTE_IF_TYPE(I4, unpack_planes), MOTE_IF_TYPE(TERNARY2, unpack_planes),
    MOTE_IF_TYPE(BINARY, unpack_planes),     MOTE_IF_TYPE(I5, unpack_split),  MOTE_IF_TYPE(I6, unpack_split),
};

int mote_type_is_left_out(mote_dtype dtype)
{
    return mote_is_weight(dtype) && !unpackers[dtype];
}

uint32_t mote_unpack(const mote_row *row, uint32_t column, int16_t w[MOTE_UNPACKED])
{
    const uint32_t left = row->columns - column, count = left < MOTE_UNPACKED ? left : MOTE_UNPACKED;
    unpackers[row->dtype](row, column, count, w);
    return count;
}
