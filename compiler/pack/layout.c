#include "compiler/pack/layout.h"

#include <stdbool.h>
#include <string.h>

#include "runtime/ops/blocks16.h"
#include "runtime/ops/tiles16.h"

static void put_start(uint8_t *data, uint32_t row, int32_t value)
{
    const uint32_t byte = row % 8 * 5 / 2, bits = ((uint32_t)value & 0xfffffu) << (row % 2 * 4);
    for (uint32_t i = 0; i < 3; i++)
        data[mote_lanes16_start_byte(row, byte + i)] |= (uint8_t)(bits >> (8 * i));
}

static void put_weight(mote_dtype dtype, uint8_t *block, uint32_t lane, uint32_t column, int16_t code)
{
    if (dtype == MOTE_TERNARY2)
        block[column / 4 * MOTE_LANES + lane] |= (uint8_t)((code + 1) << (column % 4 * 2));
    else
        block[column * MOTE_LANES + lane] = (uint8_t)code;
}

void mote_lanes16_pack(mote_dtype dtype, const int16_t *codes, const int32_t *bias, uint32_t rows, uint32_t columns,
                       uint8_t *out)
{
    const size_t stride = mote_lanes16_stride(dtype, columns);
    const uint32_t padded = (columns + 15) & ~15u;
    memset(out, 0, mote_lanes16_size(dtype, rows, columns));
    for (uint32_t r = 0; r < mote_lanes16_blocks(rows) * MOTE_LANES; r++) {
        uint8_t *block = out + mote_lanes16_weights(rows) + r / MOTE_LANES * stride;
        put_start(out, r, bias && r < rows ? bias[r] : 0);
        for (uint32_t c = 0; c < padded; c++)
            put_weight(dtype, block, r % MOTE_LANES, c, r < rows && c < columns ? codes[r * (size_t)columns + c] : 0);
    }
}

void mote_lanes16_unpack(mote_dtype dtype, const uint8_t *in, uint32_t rows, uint32_t columns, int16_t *codes,
                         int32_t *bias)
{
    for (uint32_t r = 0; r < rows; r++) {
        const uint8_t *block = mote_lanes16_block(dtype, in, rows, columns, r);
        bias[r] = mote_lanes16_start(in, r);
        for (uint32_t c = 0; c < columns; c++)
            codes[r * (size_t)columns + c] = (int16_t)mote_lanes16_weight(dtype, block, r % MOTE_LANES, c);
    }
}

/* True if all weights of the tile that begins at (row, column) are 0. */
static bool tile_is_empty(const int16_t *codes, uint32_t rows, uint32_t columns, uint32_t row, uint32_t column)
{
    for (uint32_t r = row; r < rows && r < row + MOTE_LANES; r++)
        for (uint32_t c = column; c < columns && c < column + MOTE_TILE; c++)
            if (codes[r * (size_t)columns + c])
                return false;
    return true;
}

static size_t count_tiles(const int16_t *codes, uint32_t rows, uint32_t columns)
{
    size_t count = 0;
    for (uint32_t r = 0; r < rows; r += MOTE_LANES)
        for (uint32_t c = 0; c < columns; c += MOTE_TILE)
            count += !tile_is_empty(codes, rows, columns, r, c);
    return count;
}

size_t mote_tiles16_needs(mote_dtype dtype, const int16_t *codes, uint32_t rows, uint32_t columns)
{
    return mote_tiles16_size(dtype, rows, count_tiles(codes, rows, columns));
}

static void put_tile(mote_dtype dtype, uint8_t *tile, const int16_t *codes, uint32_t rows, uint32_t columns,
                     uint32_t row, uint32_t column)
{
    for (uint32_t lane = 0; lane < MOTE_LANES; lane++)
        for (uint32_t k = 0; k < MOTE_TILE; k++) {
            const uint32_t r = row + lane, c = column + k;
            put_weight(dtype, tile, lane, k, r < rows && c < columns ? codes[r * (size_t)columns + c] : 0);
        }
}

static void put16(uint8_t **at, size_t value)
{
    *(*at)++ = (uint8_t)value;
    *(*at)++ = (uint8_t)(value >> 8);
}

void mote_tiles16_pack(mote_dtype dtype, const int16_t *codes, const int32_t *bias, uint32_t rows, uint32_t columns,
                       uint8_t *out)
{
    const size_t tiles = count_tiles(codes, rows, columns),
                 index_size = mote_index_size(mote_lanes16_blocks(rows), tiles);
    memset(out, 0, mote_tiles16_size(dtype, rows, tiles));
    for (uint32_t r = 0; bias && r < rows; r++)
        put_start(out, r, bias[r]);
    uint8_t *index = out + mote_lanes16_weights(rows), *tile = index + index_size;
    put16(&index, index_size);
    put16(&index, index_size >> 16);
    for (uint32_t r = 0; r < rows; r += MOTE_LANES) {
        uint32_t before = 0;
        const uint32_t left = rows - r < MOTE_LANES ? rows - r : MOTE_LANES;
        put16(&index, count_tiles(codes + r * (size_t)columns, left, columns));
        for (uint32_t c = 0; c < columns; c += MOTE_TILE) {
            if (tile_is_empty(codes, rows, columns, r, c))
                continue;
            put_tile(dtype, tile, codes, rows, columns, r, c);
            put16(&index, c - before);
            before = c;
            tile += mote_lanes16_stride(dtype, MOTE_TILE);
        }
        put16(&index, 0);
    }
}

static bool block_is_empty(const int16_t *row, uint32_t columns, uint32_t column)
{
    for (uint32_t c = column; c < columns && c < column + MOTE_BLOCK; c++)
        if (row[c])
            return false;
    return true;
}

static size_t count_blocks(const int16_t *codes, uint32_t rows, uint32_t columns)
{
    size_t count = 0;
    for (uint32_t r = 0; r < rows; r++)
        for (uint32_t c = 0; c < columns; c += MOTE_BLOCK)
            count += !block_is_empty(codes + r * (size_t)columns, columns, c);
    return count;
}

size_t mote_blocks16_needs(mote_dtype dtype, const int16_t *codes, uint32_t rows, uint32_t columns)
{
    return mote_blocks16_size(dtype, rows, count_blocks(codes, rows, columns));
}

static void put_block(mote_dtype dtype, uint8_t *block, const int16_t *weights, uint32_t count)
{
    for (uint32_t c = 0; c < count; c++)
        if (dtype == MOTE_TERNARY2)
            block[c % 4] |= (uint8_t)((weights[c] & 3) << (c / 4 * 2));
        else
            block[c] = (uint8_t)weights[c];
}

void mote_blocks16_pack(mote_dtype dtype, const int16_t *codes, uint32_t rows, uint32_t columns, uint8_t *out)
{
    const size_t blocks = count_blocks(codes, rows, columns), index_size = mote_index_size(rows, blocks);
    memset(out, 0, mote_blocks16_size(dtype, rows, blocks));
    uint8_t *index = out, *block = out + index_size;
    put16(&index, index_size);
    put16(&index, index_size >> 16);
    for (uint32_t r = 0; r < rows; r++) {
        const int16_t *row = codes + r * (size_t)columns;
        uint32_t before = 0;
        put16(&index, count_blocks(row, 1, columns));
        for (uint32_t c = 0; c < columns; c += MOTE_BLOCK) {
            if (block_is_empty(row, columns, c))
                continue;
            put_block(dtype, block, row + c, columns - c < MOTE_BLOCK ? columns - c : MOTE_BLOCK);
            put16(&index, c - before);
            before = c;
            block += mote_blocks16_bytes(dtype);
        }
        put16(&index, 0);
    }
}
