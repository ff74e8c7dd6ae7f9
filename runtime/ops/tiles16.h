/* The layout MOTE_TILES16 (format.h): sixteen rows side by side, without the tiles of sixteen columns whose weights are
 * all 0. */
#ifndef MOTE_RUNTIME_TILES16_H
#define MOTE_RUNTIME_TILES16_H

#include "index.h"
#include "lanes16.h"

#define MOTE_TILE 16u /* columns of a tile */

/* Returns 1 if a matrix may have this layout. For ternary weights kernels first sum code·x, where a code is the weight
 * plus 1, and then subtract the inputs, which needs 128·columns of headroom. */
static inline int mote_tiles16_can(mote_dtype dtype, uint32_t columns, uint32_t bound)
{
    const uint32_t more = dtype == MOTE_TERNARY2 ? 128 * columns : 0;
    return mote_lanes16_can(dtype, columns, bound) && bound + more < MOTE_LANES_BOUND;
}

/* Iterator over the tiles of a matrix that mote_tiles16_valid has accepted; the groups of the index are blocks of rows.
 */
typedef struct mote_tiles16 {
    const uint8_t *index, *tile; /* the next entry of the index, the next tile */
    uint32_t size;               /* bytes of a tile */
} mote_tiles16;

static inline mote_tiles16 mote_tiles16_begin(mote_dtype dtype, const uint8_t *data, uint32_t rows)
{
    const uint8_t *index = data + mote_lanes16_weights(rows);
    return (mote_tiles16){index + MOTE_INDEX_START, index + mote_index_bytes(index),
                          (uint32_t)mote_lanes16_stride(dtype, MOTE_TILE)};
}

/* Number of tiles of a matrix. */
static inline uint64_t mote_tiles16_count(const uint8_t *data, uint32_t rows)
{
    return mote_index_parts(data + mote_lanes16_weights(rows), mote_lanes16_blocks(rows));
}

/* Bytes of a matrix with `tiles` tiles. */
static inline uint64_t mote_tiles16_size(mote_dtype dtype, uint32_t rows, uint64_t tiles)
{
    return mote_lanes16_weights(rows) + mote_index_size(mote_lanes16_blocks(rows), tiles) +
           tiles * mote_lanes16_stride(dtype, MOTE_TILE) + MOTE_LANES_AHEAD;
}

/* Returns 1 if index and size are consistent, every ternary code is 0, 1 or 2, and the weights of padding columns are
 * 0. data: t->size bytes. */
int mote_tiles16_valid(const mote_tensor_record *t, const uint8_t *data);

/* Returns 1 if |bias| + 128·Σ|w| of every row is at most the bound. For TERNARY2, Σ|w| counts every column as 1. */
int mote_tiles16_bounded(const mote_tensor_record *t, const uint8_t *data);

#endif
