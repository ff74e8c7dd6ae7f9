/* The layout MOTE_LANES16 (format.h): sixteen rows side by side, for processors that multiply sixteen lanes by one
 * input. */
#ifndef MOTE_RUNTIME_LANES16_H
#define MOTE_RUNTIME_LANES16_H

#include "../format.h"

#define MOTE_LANES       16u
#define MOTE_LANES_START 48u /* bytes of the start values, the biases, of sixteen accumulators */
#define MOTE_LANES_AHEAD 32u /* zero bytes after the last block */

/* Limit of the bound. A lane has 20 bits. A file may use ±(2^19 - 2^15); kernels need 2^15 of headroom for products of
 * padding columns and of the code 1, which cancel only at the end. */
#define MOTE_LANES_BOUND ((1u << 19) - (1u << 15))

/* Returns 1 if a matrix may have this layout. The limit of 752 columns for ternary weights comes from kernels that
 * split the sum of the inputs into seven bytes. */
static inline int mote_lanes16_can(mote_dtype dtype, uint32_t columns, uint32_t bound)
{
    return bound < MOTE_LANES_BOUND && (dtype == MOTE_I8 || (dtype == MOTE_TERNARY2 && columns <= 752));
}

/* Number of blocks of sixteen rows. */
static inline uint32_t mote_lanes16_blocks(uint32_t rows)
{
    return rows / MOTE_LANES + (rows % MOTE_LANES != 0);
}

/* Bytes of the weights of one block. */
static inline uint64_t mote_lanes16_stride(mote_dtype dtype, uint32_t columns)
{
    const uint64_t padded = ((uint64_t)columns + 15) & ~(uint64_t)15;
    return dtype == MOTE_TERNARY2 ? padded * 4 : padded * MOTE_LANES;
}

/* Bytes of a matrix, if the stride is below 2^32. */
static inline uint64_t mote_lanes16_size(mote_dtype dtype, uint32_t rows, uint32_t columns)
{
    return (MOTE_LANES_START + mote_lanes16_stride(dtype, columns)) * mote_lanes16_blocks(rows) + MOTE_LANES_AHEAD;
}

static inline uint64_t mote_lanes16_weights(uint32_t rows) /* offset of the weights */
{
    return (uint64_t)MOTE_LANES_START * mote_lanes16_blocks(rows);
}

/* Offset, in the matrix, of byte 0..19 of those that hold the start values of eight lanes. `row` is one of the eight.
 */
static inline uint64_t mote_lanes16_start_byte(uint32_t row, uint32_t byte)
{
    const uint32_t half = row / 8 % 2;
    return (uint64_t)(row / MOTE_LANES) * MOTE_LANES_START + (byte < 16 ? 16 * half + byte : 32 + 4 * half + byte - 16);
}

/* Returns the start value of a row's accumulator: the bias. */
static inline int32_t mote_lanes16_start(const uint8_t *data, uint32_t row)
{
    const uint32_t byte = row % 8 * 5 / 2;
    uint32_t bits = 0;
    for (uint32_t i = 0; i < 3; i++)
        bits |= (uint32_t)data[mote_lanes16_start_byte(row, byte + i)] << (8 * i);
    bits = (bits >> (row % 2 * 4)) & 0xfffffu;
    return (int32_t)(bits ^ 0x80000u) - 0x80000;
}

/* block: the first weight of a block of rows. */
static inline int32_t mote_lanes16_weight(mote_dtype dtype, const uint8_t *block, uint32_t lane, uint32_t column)
{
    if (dtype == MOTE_TERNARY2)
        return (int32_t)((block[column / 4 * MOTE_LANES + lane] >> (column % 4 * 2)) & 3) - 1;
    return ((const int8_t *)block)[column * MOTE_LANES + lane];
}

static inline const uint8_t *mote_lanes16_block(mote_dtype dtype, const uint8_t *data, uint32_t rows, uint32_t columns,
                                                uint32_t row)
{
    return data + mote_lanes16_weights(rows) + row / MOTE_LANES * mote_lanes16_stride(dtype, columns);
}

/* Returns 1 if every ternary code is 0, 1 or 2 and the weights of padding columns are 0. data: t->size bytes, the size
 * that the dims give. */
int mote_lanes16_valid(const mote_tensor_record *t, const uint8_t *data);

#endif
