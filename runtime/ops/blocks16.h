/* The layout MOTE_BLOCKS16 (format.h): rows without the blocks of sixteen columns whose weights are all 0. */
#ifndef MOTE_RUNTIME_BLOCKS16_H
#define MOTE_RUNTIME_BLOCKS16_H

#include "../format.h"
#include "index.h"

#define MOTE_BLOCK        16u /* columns of a block */
#define MOTE_BLOCKS_AHEAD 16u /* zero bytes after the last block */

/* Returns 1 if a matrix may have this layout. */
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

/* Iterator over the blocks of a matrix that mote_blocks16_valid has accepted; the groups of the index are rows. */
typedef struct mote_blocks16 {
    const uint8_t *index, *block; /* the next entry of the index, the next block */
} mote_blocks16;

static inline mote_blocks16 mote_blocks16_begin(const uint8_t *data)
{
    return (mote_blocks16){data + MOTE_INDEX_START, data + mote_index_bytes(data)};
}

/* Bytes of a matrix with `blocks` blocks. */
static inline uint64_t mote_blocks16_size(mote_dtype dtype, uint32_t rows, uint64_t blocks)
{
    return mote_index_size(rows, blocks) + ((blocks * mote_blocks16_bytes(dtype) + 15) & ~(uint64_t)15) +
           MOTE_BLOCKS_AHEAD;
}

/* Returns 1 if index and size are consistent, every ternary weight is -1, 0 or 1, and the weights of padding columns
 * are 0. data: t->size bytes. */
int mote_blocks16_valid(const mote_tensor_record *t, const uint8_t *data);

/* Returns 1 if |bias| + 128·Σ|w| of every row is at most the bound. For TERNARY2, Σ|w| counts every column as 1. bias:
 * [rows] or NULL. */
int mote_blocks16_bounded(const mote_tensor_record *t, const uint8_t *data, const int32_t *bias);

#endif
