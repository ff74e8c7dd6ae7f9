/* The layout MOTE_TILES16 (format.h): sixteen rows side by side, without the tiles of sixteen columns that are all 0.
 */
#ifndef MOTE_RUNTIME_TILES16_H
#define MOTE_RUNTIME_TILES16_H

#include "lanes16.h"

#define MOTE_TILE 16u /* columns of one */

/* 1 when a matrix may have this layout. Kernels add up the codes of ternary weights, which are one more than they
 * count for, before they take the inputs off again. */
static inline int mote_tiles16_can(mote_dtype dtype, uint32_t columns, uint32_t bound)
{
    const uint32_t more = dtype == MOTE_TERNARY2 ? 128 * columns : 0;
    return mote_lanes16_can(dtype, columns, bound) && bound + more < MOTE_LANES_BOUND;
}

/* A walk through the tiles of a matrix that mote_tiles16_valid has accepted; the index begins with its size. */
typedef struct mote_tiles16 {
    const uint8_t *index, *tile; /* what comes next */
    uint32_t size;               /* bytes of a tile */
} mote_tiles16;

static inline uint32_t mote_tiles16_index_bytes(const uint8_t *index)
{
    return index[0] | (uint32_t)index[1] << 8 | (uint32_t)index[2] << 16 | (uint32_t)index[3] << 24;
}

static inline mote_tiles16 mote_tiles16_begin(mote_dtype dtype, const uint8_t *data, uint32_t rows)
{
    const uint8_t *index = data + mote_lanes16_weights(rows);
    return (mote_tiles16){index + 4, index + mote_tiles16_index_bytes(index),
                          (uint32_t)mote_lanes16_stride(dtype, MOTE_TILE)};
}

static inline uint32_t mote_tiles16_next(mote_tiles16 *t)
{
    const uint32_t value = t->index[0] | (uint32_t)t->index[1] << 8;
    t->index += 2;
    return value;
}

/* How many tiles a matrix has. */
static inline uint64_t mote_tiles16_count(const uint8_t *data, uint32_t rows)
{
    mote_tiles16 walk = mote_tiles16_begin(MOTE_I8, data, rows);
    uint64_t tiles = 0;
    for (uint32_t b = 0; b < mote_lanes16_blocks(rows); b++) {
        const uint32_t count = mote_tiles16_next(&walk);
        walk.index += 2 * (count + 1);
        tiles += count;
    }
    return tiles;
}

/* Bytes of the index, and of a matrix, of `tiles` tiles. */
static inline uint64_t mote_tiles16_index_size(uint32_t rows, uint64_t tiles)
{
    return (4 + 2 * (tiles + 2 * (uint64_t)mote_lanes16_blocks(rows)) + 15) & ~(uint64_t)15;
}

static inline uint64_t mote_tiles16_size(mote_dtype dtype, uint32_t rows, uint64_t tiles)
{
    return mote_lanes16_weights(rows) + mote_tiles16_index_size(rows, tiles) +
           tiles * mote_lanes16_stride(dtype, MOTE_TILE) + MOTE_LANES_AHEAD;
}

/* 1 when index and size belong together, every code is 0, 1 or 2 and padding columns weigh nothing. `data`: `t->size`
 * bytes of a matrix with rows. */
int mote_tiles16_valid(const mote_tensor_record *t, const uint8_t *data);

/* 1 when in every row |bias| + 128·Σ|w| is at most the bound; of TERNARY2 every column counts. */
int mote_tiles16_bounded(const mote_tensor_record *t, const uint8_t *data);

#endif
