/* The layout MOTE_TILES16 (format.h): sixteen rows side by side, without the tiles of sixteen columns that are all 0.
 */
#ifndef MOTE_RUNTIME_TILES16_H
#define MOTE_RUNTIME_TILES16_H

#include "index.h"
#include "lanes16.h"

#define MOTE_TILE 16u /* columns of one */

/* 1 when a matrix may have this layout. Kernels add up the codes of ternary weights, which are one more than they
 * count for, before they take the inputs off again. */
static inline int mote_tiles16_can(mote_dtype dtype, uint32_t columns, uint32_t bound)
{
    const uint32_t more = dtype == MOTE_TERNARY2 ? 128 * columns : 0;
    return mote_lanes16_can(dtype, columns, bound) && bound + more < MOTE_LANES_BOUND;
}

/* A walk through the tiles of a matrix that mote_tiles16_valid has accepted; groups of the index are blocks of rows. */
typedef struct mote_tiles16 {
    const uint8_t *index, *tile; /* what comes next */
    uint32_t size;               /* bytes of a tile */
} mote_tiles16;

static inline mote_tiles16 mote_tiles16_begin(mote_dtype dtype, const uint8_t *data, uint32_t rows)
{
    const uint8_t *index = data + mote_lanes16_weights(rows);
    return (mote_tiles16){index + MOTE_INDEX_START, index + mote_index_bytes(index),
                          (uint32_t)mote_lanes16_stride(dtype, MOTE_TILE)};
}

/* How many tiles a matrix has; bytes of one of so many. */
static inline uint64_t mote_tiles16_count(const uint8_t *data, uint32_t rows)
{
    return mote_index_parts(data + mote_lanes16_weights(rows), mote_lanes16_blocks(rows));
}

static inline uint64_t mote_tiles16_size(mote_dtype dtype, uint32_t rows, uint64_t tiles)
{
    return mote_lanes16_weights(rows) + mote_index_size(mote_lanes16_blocks(rows), tiles) +
           tiles * mote_lanes16_stride(dtype, MOTE_TILE) + MOTE_LANES_AHEAD;
}

/* 1 when index and size belong together, every code is 0, 1 or 2 and padding columns weigh nothing. `data`: `t->size`
 * bytes of a matrix with rows. */
int mote_tiles16_valid(const mote_tensor_record *t, const uint8_t *data);

/* 1 when in every row |bias| + 128·Σ|w| is at most the bound; of TERNARY2 every column counts. */
int mote_tiles16_bounded(const mote_tensor_record *t, const uint8_t *data);

#endif
