#include "weight.h"

#include "ternary.h"

int mote_is_integer_weight(mote_dtype dtype)
{
    return dtype == MOTE_I16 || dtype == MOTE_I8 || dtype == MOTE_TERNARY5 || mote_planes_of(dtype).bits ||
           mote_high_bits(dtype);
}

int32_t mote_weight(mote_dtype dtype, const uint8_t *row, uint32_t columns, uint32_t column)
{
    if (dtype == MOTE_I8)
        return ((const int8_t *)row)[column];
    if (dtype == MOTE_I16)
        return ((const int16_t *)(const void *)row)[column];
    if (dtype == MOTE_TERNARY5)
        return (int32_t)mote_ternary5_code(row, column) - 1;
    const uint32_t high = mote_high_bits(dtype);
    if (high)
        return (int32_t)mote_split_code(high, row, columns, column) - mote_split_zero(high);
    const mote_planes p = mote_planes_of(dtype);
    return p.step * (int32_t)mote_planes_code(p.bits, row, column) - p.zero;
}
