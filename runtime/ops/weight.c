#include "weight.h"

#include "../kernels.h"
#include "half.h"
#include "ternary.h"

/* `count` of them. */
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

/* w += step·code, sixteen codes of a plane. */
static void add_codes(uint32_t bits, int32_t step, const uint8_t *data, uint32_t column, int16_t *w)
{
    const uint32_t bit = column / 16 * bits, shift = bit % 8, mask = (1u << bits) - 1;
    const uint8_t *bytes = data + bit / 8 * 16;
    for (uint32_t i = 0; i < MOTE_UNPACKED; i++)
        w[i] = (int16_t)(w[i] + step * (int32_t)(bytes[i] >> shift & mask));
}

static void fill(int32_t value, int16_t *w)
{
    for (uint32_t i = 0; i < MOTE_UNPACKED; i++)
        w[i] = (int16_t)value;
}

static void unpack_planes(const mote_row *row, uint32_t column, uint32_t count, int16_t *w)
{
    const mote_planes p = mote_planes_of(row->dtype);
    (void)count;
    fill(-p.zero, w);
    add_codes(p.bits, p.step, row->data, column, w);
}

static void unpack_split(const mote_row *row, uint32_t column, uint32_t count, int16_t *w)
{
    const uint32_t bits = mote_high_bits(row->dtype);
    (void)count;
    fill(-mote_split_zero(bits), w);
    add_codes(4, 1, row->data, column, w);
    add_codes(bits, 16, row->data + mote_planes_row_size(4, row->columns), column, w);
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
