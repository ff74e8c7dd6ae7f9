/* Rows of unsigned codes of b bits in planes: groups of 16 bytes, in which the b bits from bit b·k on of byte j hold
 * column 16k + j, so that a shift and a mask give 16 adjacent columns. weight = step · code - zero. */
#ifndef MOTE_RUNTIME_PLANES_H
#define MOTE_RUNTIME_PLANES_H

#include "../format.h"

typedef struct mote_planes {
    uint32_t bits; /* bits of a code; 0 for types that are not stored in planes */
    int32_t step, zero;
    uint32_t padding; /* code of padding columns */
} mote_planes;

static inline mote_planes mote_planes_of(mote_dtype dtype)
{
    switch (dtype) {
    case MOTE_I4:
        return (mote_planes){4, 1, 8, 8};
    case MOTE_TERNARY2:
        return (mote_planes){2, 1, 1, 1};
    case MOTE_BINARY:
        return (mote_planes){1, 2, 1, 0};
    default:
        return (mote_planes){0, 0, 0, 0};
    }
}

/* Number of bits of a code above the low four for MOTE_I5 and MOTE_I6, 0 for other types. These bits have their own
 * planes after those of the low bits of the row; weight = code - mote_split_zero. */
static inline uint32_t mote_high_bits(mote_dtype dtype)
{
    return dtype == MOTE_I5 ? 1 : dtype == MOTE_I6 ? 2 : 0;
}

static inline int32_t mote_split_zero(uint32_t high_bits)
{
    return 8 << high_bits;
}

/* Number of columns in a group of 16 bytes. */
static inline uint32_t mote_planes_group(uint32_t bits)
{
    return 128 / bits;
}

static inline uint64_t mote_planes_row_size(uint32_t bits, uint32_t columns)
{
    return ((uint64_t)columns * bits + 127) / 128 * 16;
}

static inline uint32_t mote_planes_code(uint32_t bits, const uint8_t *row, uint32_t column)
{
    const uint32_t bit = column / 16 * bits;
    return (uint32_t)row[bit / 8 * 16 + column % 16] >> bit % 8 & ((1u << bits) - 1);
}

/* Returns 1 if all codes of two bits are 0, 1 or 2. codes: 4-byte aligned; size: bytes, a multiple of 4. */
static inline int mote_ternary2_exist(const void *codes, uint32_t size)
{
    const uint32_t *words = codes;
    for (uint32_t i = 0; i < size / 4; i++)
        if (words[i] & (words[i] >> 1) & 0x55555555u)
            return 0;
    return 1;
}

#endif
