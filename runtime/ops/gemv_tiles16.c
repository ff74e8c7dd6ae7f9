/* The products of sixteen rows at once from the layout MOTE_TILES16. */
#include "../requantise.h"
#include "tiles16.h"

static int tile_valid(const mote_tensor_record *t, const uint8_t *tile, uint32_t first)
{
    const uint32_t size = (uint32_t)mote_lanes16_stride(t->dtype, MOTE_TILE);
    for (uint32_t i = 0; t->dtype == MOTE_TERNARY2 && i < size; i++)
        if (tile[i] & (tile[i] >> 1) & 0x55)
            return 0;
    for (uint32_t c = t->dims[1] - first; c < MOTE_TILE; c++)
        for (uint32_t lane = 0; lane < MOTE_LANES; lane++)
            if (mote_lanes16_weight(t->dtype, tile, lane, c) != 0)
                return 0;
    return 1;
}

/* One block's tiles: in order, within the matrix, each once. */
static int block_valid(const mote_tensor_record *t, mote_tiles16 *walk, const uint8_t *end)
{
    const uint32_t columns = t->dims[1], count = mote_tiles16_next(walk);
    uint32_t column = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t step = mote_tiles16_next(walk);
        column += step;
        if (step % MOTE_TILE != 0 || (i > 0 && step == 0) || column >= columns ||
            (size_t)(end - walk->tile) < walk->size || !tile_valid(t, walk->tile, column))
            return 0;
        walk->tile += walk->size;
    }
    return mote_tiles16_next(walk) == 0;
}

/* The counts, so that the rest of the index can be read without looking where it ends; then zeros to its end. */
static int counts_valid(const mote_tensor_record *t, const uint8_t *index, const uint8_t *end)
{
    mote_tiles16 walk = {index + 4, end, 0};
    for (uint32_t b = 0; b < mote_lanes16_blocks(t->dims[0]); b++) {
        if (end - walk.index < 4)
            return 0;
        const uint32_t count = mote_tiles16_next(&walk);
        if ((uint32_t)(end - walk.index) < 2 * (count + 1))
            return 0;
        walk.index += 2 * (count + 1);
    }
    if (end - walk.index >= MOTE_ALIGNMENT)
        return 0;
    while (walk.index < end)
        if (mote_tiles16_next(&walk) != 0)
            return 0;
    return 1;
}

int mote_tiles16_valid(const mote_tensor_record *t, const uint8_t *data)
{
    const uint64_t starts = mote_lanes16_weights(t->dims[0]);
    if (t->rank != 2 || (t->dtype != MOTE_I8 && t->dtype != MOTE_TERNARY2) || t->dims[0] == 0 || t->dims[1] == 0 ||
        t->dims[1] > UINT16_MAX || t->size < starts + mote_tiles16_index_size(t->dims[0], 0) + MOTE_LANES_AHEAD)
        return 0;
    const uint32_t index_size = mote_tiles16_index_bytes(data + starts);
    const uint8_t *end = data + t->size - MOTE_LANES_AHEAD;
    if (index_size < 4 || index_size % MOTE_ALIGNMENT != 0 || index_size > (uint64_t)(end - (data + starts)) ||
        !counts_valid(t, data + starts, data + starts + index_size))
        return 0;
    mote_tiles16 walk = mote_tiles16_begin(t->dtype, data, t->dims[0]);
    for (uint32_t b = 0; b < mote_lanes16_blocks(t->dims[0]); b++)
        if (!block_valid(t, &walk, end))
            return 0;
    return walk.tile == end;
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
        const uint32_t count = mote_tiles16_next(&walk);
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
        for (uint32_t count = mote_tiles16_next(&walk); count > 0; count--, walk.tile += walk.size) {
            x += mote_tiles16_next(&walk);
            for (uint32_t c = 0; c < MOTE_TILE && x + c < g->x + g->columns; c++)
                for (uint32_t lane = 0; lane < MOTE_LANES; lane++)
                    acc[lane] += mote_lanes16_weight(dtype, walk.tile, lane, c) * x[c];
        }
        walk.index += 2;
        mote_requantise_rows(g, r, g->rows - r < MOTE_LANES ? g->rows - r : MOTE_LANES, acc, 0);
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
