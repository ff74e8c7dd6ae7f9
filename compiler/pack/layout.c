#include "compiler/pack/layout.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/pack/codes.h"
#include "compiler/plan/cost.h"
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

/* Rows and columns of one tile that lie in the matrix, and whether all of its weights are 0. */
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
    const size_t tiles = count_tiles(codes, rows, columns), index_size = mote_tiles16_index_size(rows, tiles);
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

static int uses(const mote_graph *g, int tensor)
{
    int count = 0;
    for (int i = 0; i < g->op_count; i++)
        for (int k = 0; k < g->ops[i].input_count; k++)
            count += g->ops[i].inputs[k] == tensor;
    return count;
}

static void remove_tensor(mote_graph *g, int tensor)
{
    free(g->tensors[tensor].data);
    g->tensor_count--;
    memmove(g->tensors + tensor, g->tensors + tensor + 1, (size_t)(g->tensor_count - tensor) * sizeof *g->tensors);
    for (int i = 0; i < g->op_count; i++) {
        for (int k = 0; k < 8; k++)
            g->ops[i].inputs[k] -= g->ops[i].inputs[k] > tensor;
        for (int k = 0; k < 4; k++)
            g->ops[i].outputs[k] -= g->ops[i].outputs[k] > tensor;
    }
}

/* WEIGHTS and BIAS are the same inputs of LINEAR and of GRU (runtime/format.h). */
enum { WEIGHTS = 1, BIAS = 2 };

static bool can_have_lanes(const mote_graph *g, const mote_op *op)
{
    if (op->opcode != MOTE_OP_LINEAR && op->opcode != MOTE_OP_GRU)
        return false;
    const mote_tensor *w = &g->tensors[op->inputs[WEIGHTS]];
    return w->role == MOTE_CONSTANT && w->layout == MOTE_ROWS && mote_lanes16_can(w->dtype, w->dims[1], w->bound) &&
           uses(g, op->inputs[WEIGHTS]) == 1 && (op->inputs[BIAS] < 0 || uses(g, op->inputs[BIAS]) == 1);
}

static bool pays_in_tiles(const mote_tensor *w, const int16_t *codes, const mote_chip *chip)
{
    const uint32_t rows = w->dims[0], columns = w->dims[1];
    if (!mote_tiles16_can(w->dtype, columns, w->bound) || columns > UINT16_MAX)
        return false;
    const size_t all = mote_lanes16_size(w->dtype, rows, columns);
    const size_t left = mote_tiles16_needs(w->dtype, codes, rows, columns);
    return left < all && mote_product_work(chip, MOTE_TILES16, w->dtype, rows, columns, left) <
                             mote_product_work(chip, MOTE_LANES16, w->dtype, rows, columns, all);
}

/* The operator's weights in the layout, the bias inside. */
static bool lay_out(mote_graph *g, mote_op *op, mote_layout layout, const int16_t *codes)
{
    mote_tensor *w = &g->tensors[op->inputs[WEIGHTS]];
    const int bias = op->inputs[BIAS];
    const int32_t *start = bias < 0 ? NULL : g->tensors[bias].data;
    const size_t size = layout == MOTE_TILES16 ? mote_tiles16_needs(w->dtype, codes, w->dims[0], w->dims[1])
                                               : mote_lanes16_size(w->dtype, w->dims[0], w->dims[1]);
    uint8_t *lanes = malloc(size);
    if (!lanes)
        return false;
    (layout == MOTE_TILES16 ? mote_tiles16_pack : mote_lanes16_pack)(w->dtype, codes, start, w->dims[0], w->dims[1],
                                                                     lanes);
    free(w->data);
    w->data = lanes;
    w->layout = layout;
    op->inputs[BIAS] = -1;
    if (bias >= 0)
        remove_tensor(g, bias);
    return true;
}

/* All that can have the layout; tiles where they pay on the chip. */
static bool lay_out_all(mote_graph *g, mote_layout layout, const mote_chip *chip, mote_error *error)
{
    for (int i = 0; i < g->op_count; i++) {
        mote_op *op = &g->ops[i];
        if (!can_have_lanes(g, op))
            continue;
        const mote_tensor *w = &g->tensors[op->inputs[WEIGHTS]];
        int16_t *codes = malloc(mote_tensor_elements(w) * sizeof *codes);
        bool ok = codes;
        if (ok) {
            mote_codes_unpack(w->dtype, w->data, w->dims[0], w->dims[1], codes);
            ok = (layout == MOTE_TILES16 && !pays_in_tiles(w, codes, chip)) || lay_out(g, op, layout, codes);
        }
        free(codes);
        if (!ok)
            return mote_fail(error, MOTE_E_INTERNAL, "no memory to lay out operator %s", op->name);
    }
    return true;
}

bool mote_graph_lanes16(mote_graph *g, mote_error *error)
{
    return lay_out_all(g, MOTE_LANES16, NULL, error);
}

bool mote_graph_tiles16(mote_graph *g, const mote_chip *chip, mote_error *error)
{
    return lay_out_all(g, MOTE_TILES16, chip, error);
}
