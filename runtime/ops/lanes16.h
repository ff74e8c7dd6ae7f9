/* The layout MOTE_LANES16 (format.h): sixteen rows side by side, for processors that multiply sixteen lanes by one
 * input. */
#ifndef MOTE_RUNTIME_LANES16_H
#define MOTE_RUNTIME_LANES16_H

#include "../format.h"

#define MOTE_LANES       16u
#define MOTE_LANES_START 48u /* bytes of a block before its weights */
#define MOTE_LANES_AHEAD 32u /* bytes after the last block */

/* A lane holds 20 bits. What a file may use of it leaves kernels 2^15 for what meets padding or a code of one and is
 * cancelled only later. */
#define MOTE_LANES_BOUND ((1u << 19) - (1u << 15))

static inline uint32_t mote_lanes16_blocks(uint32_t rows)
{
    return rows / MOTE_LANES + (rows % MOTE_LANES != 0);
}

/* Bytes of a block of sixteen rows. */
static inline uint64_t mote_lanes16_stride(mote_dtype dtype, uint32_t columns)
{
    const uint64_t padded = ((uint64_t)columns + 15) & ~(uint64_t)15;
    return MOTE_LANES_START + (dtype == MOTE_TERNARY2 ? padded * 4 : padded * MOTE_LANES);
}

/* Bytes of a matrix, what kernels load ahead included; for a stride below 2^32. */
static inline uint64_t mote_lanes16_size(mote_dtype dtype, uint32_t rows, uint32_t columns)
{
    return mote_lanes16_stride(dtype, columns) * mote_lanes16_blocks(rows) + MOTE_LANES_AHEAD;
}

/* Byte `i` of the 20 that hold eight lanes; `half` 0 is lanes 0..7. */
static inline uint32_t mote_lanes16_start_byte(uint32_t half, uint32_t i)
{
    return i < 16 ? 16 * half + i : 32 + 4 * half + i - 16;
}

/* What the accumulator of a lane starts with: the bias. */
static inline int32_t mote_lanes16_start(const uint8_t *block, uint32_t lane)
{
    const uint32_t half = lane / 8, byte = lane % 8 * 5 / 2;
    uint32_t bits = 0;
    for (uint32_t i = 0; i < 3; i++)
        bits |= (uint32_t)block[mote_lanes16_start_byte(half, byte + i)] << (8 * i);
    bits = (bits >> (lane % 2 * 4)) & 0xfffffu;
    return (int32_t)(bits ^ 0x80000u) - 0x80000;
}

static inline uint32_t mote_lanes16_code(const uint8_t *block, uint32_t lane, uint32_t column)
{
    return ((uint32_t)block[MOTE_LANES_START + column / 4 * MOTE_LANES + lane] >> (column % 4 * 2)) & 3u;
}

static inline int32_t mote_lanes16_weight(mote_dtype dtype, const uint8_t *block, uint32_t lane, uint32_t column)
{
    if (dtype == MOTE_TERNARY2)
        return (int32_t)mote_lanes16_code(block, lane, column) - 1;
    return ((const int8_t *)block)[MOTE_LANES_START + column * MOTE_LANES + lane];
}

/* 1 when every code is 0, 1 or 2 and padding columns weigh nothing. `data`: `t->size` bytes, which fit its dims. */
int mote_lanes16_valid(const mote_tensor_record *t, const uint8_t *data);

#endif
