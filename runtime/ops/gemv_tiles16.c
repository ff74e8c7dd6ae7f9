/* Portable GEMV and checks of the layout MOTE_TILES16: sixteen rows at once. */
#include "../requantize.h"
#include "planes.h"
#include "tiles16.h"

static int tile_valid(const mote_tensor_record *t, const uint8_t *tile, uint32_t first)
{
    if (t->dtype == MOTE_TERNARY2 && !mote_ternary2_exist(tile, (uint32_t)mote_lanes16_stride(t->dtype, MOTE_TILE)))
        return 0;
    for (uint32_t c = t->dims[1] - first; c < MOTE_TILE; c++)
        for (uint32_t lane = 0; lane < MOTE_LANES; lane++)
            if (mote_lanes16_weight(t->dtype, tile, lane, c) != 0)
                return 0;
    return 1;
}

/* Checks that the tiles of a block are in order, within the matrix and distinct. */
static int block_valid(const mote_tensor_record *t, mote_tiles16 *walk)
{
    uint32_t column = 0;
    const uint32_t count = mote_index_next(&walk->index);
    for (uint32_t i = 0; i < count; i++, walk->tile += walk->size) {
        const uint32_t step = mote_index_next(&walk->index);
        column += step;
        if (step % MOTE_TILE != 0 || (i > 0 && step == 0) || column >= t->dims[1] || !tile_valid(t, walk->tile, column))
            return 0;
    }
    return mote_index_next(&walk->index) == 0;
}

int mote_tiles16_valid(const mote_tensor_record *t, const uint8_t *data)
{
    const uint32_t rows = t->dims[0], blocks = mote_lanes16_blocks(rows);
    uint64_t tiles;
    if (t->rank != 2 || (t->dtype != MOTE_I8 && t->dtype != MOTE_TERNARY2) || rows == 0 || t->dims[1] == 0 ||
        t->dims[1] > UINT16_MAX || t->size < mote_tiles16_size(t->dtype, rows, 0))
        return 0;
    const uint32_t starts = (uint32_t)mote_lanes16_weights(rows);
    if (!mote_index_valid(data + starts, t->size - MOTE_LANES_AHEAD - starts, blocks, &tiles) ||
        t->size != mote_tiles16_size(t->dtype, rows, tiles))
        return 0;
    mote_tiles16 walk = mote_tiles16_begin(t->dtype, data, rows);
    for (uint32_t b = 0; b < blocks; b++)
        if (!block_valid(t, &walk))
            return 0;
    return 1;
}

static void add_magnitudes(uint32_t sums[MOTE_LANES], const int8_t *tile)
{
    for (uint32_t i = 0; i < MOTE_TILE * MOTE_LANES; i++) {
        const int32_t w = tile[i];
        sums[i % MOTE_LANES] += (uint32_t)(w < 0 ? -w : w);
    }
}

int mote_tiles16_bounded(const mote_tensor_record *t, const uint8_t *data)
{
    mote_tiles16 walk = mote_tiles16_begin(t->dtype, data, t->dims[0]);
    for (uint32_t r = 0; r < t->dims[0]; r += MOTE_LANES) {
        uint32_t sums[MOTE_LANES] = {0};
        const uint32_t count = mote_index_next(&walk.index);
        walk.index += 2 * (count + 1);
        for (uint32_t i = 0; i < count; i++, walk.tile += walk.size)
            if (t->dtype == MOTE_I8)
                add_magnitudes(sums, (const int8_t *)walk.tile);
        for (uint32_t lane = 0; lane < MOTE_LANES; lane++) {
            const int32_t start = mote_lanes16_start(data, r + lane);
            const uint32_t offset = (uint32_t)(start < 0 ? -start : start);
            const uint32_t sum = t->dtype == MOTE_I8 ? sums[lane] : t->dims[1];
            if (offset > t->bound || sum > (t->bound - offset) / 128)
                return 0;
        }
    }
    return 1;
}

static void gemv(const mote_gemv *g, mote_dtype dtype)
{
    mote_tiles16 walk = mote_tiles16_begin(dtype, g->weights, g->rows);
    for (uint32_t r = 0; r < g->rows; r += MOTE_LANES) {
        const int8_t *x = g->x;
        int32_t acc[MOTE_LANES];
        for (uint32_t lane = 0; lane < MOTE_LANES; lane++)
            acc[lane] = mote_lanes16_start(g->weights, r + lane);
        for (uint32_t count = mote_index_next(&walk.index); count > 0; count--, walk.tile += walk.size) {
            x += mote_index_next(&walk.index);
            for (uint32_t c = 0; c < MOTE_TILE && x + c < g->x + g->columns; c++)
                for (uint32_t lane = 0; lane < MOTE_LANES; lane++)
                    acc[lane] += mote_lanes16_weight(dtype, walk.tile, lane, c) * x[c];
        }
        walk.index += 2;
        mote_requantize_rows(&g->out, r, g->rows - r < MOTE_LANES ? g->rows - r : MOTE_LANES, acc, 0);
    }
}

void mote_gemv_tiles16_int8(const mote_gemv *g)
{
    gemv(g, MOTE_I8);
}

void mote_gemv_tiles16_ternary2(const mote_gemv *g)
{
    gemv(g, MOTE_TERNARY2);
}
