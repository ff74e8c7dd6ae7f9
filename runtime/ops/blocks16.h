/* The layout MOTE_BLOCKS16 (format.h): rows without the blocks of sixteen columns that are all 0. */
#ifndef MOTE_RUNTIME_BLOCKS16_H
#define MOTE_RUNTIME_BLOCKS16_H

#include "../format.h"
#include "index.h"

#define MOTE_BLOCK        16u /* columns of one */
#define MOTE_BLOCKS_AHEAD 16u /* zero bytes after the last block */

/* 1 when a matrix may have this layout. */
static inline int mote_blocks16_can(mote_dtype dtype, uint32_t columns)
{
    return (dtype == MOTE_I8 || dtype == MOTE_TERNARY2) && columns <= UINT16_MAX;
}

/* Bytes of a block. */
static inline uint32_t mote_blocks16_bytes(mote_dtype dtype)
{
    return dtype == MOTE_TERNARY2 ? 4 : 16;
}

static inline int32_t mote_blocks16_weight(mote_dtype dtype, const uint8_t *block, uint32_t column)
{
    if (dtype == MOTE_TERNARY2)
        return (int32_t)(((uint32_t)block[column % 4] >> (column / 4 * 2) & 3) ^ 2) - 2;
    return (int8_t)block[column];
}

/* A walk through the blocks of a matrix that mote_blocks16_valid has accepted; groups of the index are rows. */
typedef struct mote_blocks16 {
    const uint8_t *index, *block; /* what comes next */
} mote_blocks16;

static inline mote_blocks16 mote_blocks16_begin(const uint8_t *data)
{
    return (mote_blocks16){data + MOTE_INDEX_START, data + mote_index_bytes(data)};
}

/* Bytes of a matrix of so many blocks. */
static inline uint64_t mote_blocks16_size(mote_dtype dtype, uint32_t rows, uint64_t blocks)
{
    return mote_index_size(rows, blocks) + ((blocks * mote_blocks16_bytes(dtype) + 15) & ~(uint64_t)15) +
           MOTE_BLOCKS_AHEAD;
}

/* 1 when index and size belong together, every ternary weight is -1, 0 or 1, and padding columns weigh nothing.
 * `data`: `t->size` bytes of a matrix with rows. */
int mote_blocks16_valid(const mote_tensor_record *t, const uint8_t *data);

/* 1 when in every row |bias| + 128·Σ|w| is at most the bound; of TERNARY2 every column counts. bias: [rows] or NULL. */
int mote_blocks16_bounded(const mote_tensor_record *t, const uint8_t *data, const int32_t *bias);

#endif
