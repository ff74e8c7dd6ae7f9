#include "compiler/pack/layout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/graph/operator.h"
#include "compiler/pack/codes.h"
#include "compiler/plan/cost.h"
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
    const size_t blocks = count_blocks(codes, rows, columns), index_size = mote_blocks16_index_size(rows, blocks);
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

/* Inputs of LINEAR and of GRU (runtime/format.h). */
enum { WEIGHTS = 1, BIAS = 2, LINEAR_GROUPS = 4, GRU_GROUPS = 6 };

/* A product of an int8 input without factors, whose weights no other operator reads. */
static bool can_be_laid_out(const mote_graph *g, const mote_op *op)
{
    if (op->opcode != MOTE_OP_LINEAR && op->opcode != MOTE_OP_GRU)
        return false;
    const mote_tensor *w = &g->tensors[op->inputs[WEIGHTS]];
    const bool linear = op->opcode == MOTE_OP_LINEAR;
    return w->role == MOTE_CONSTANT && w->layout == MOTE_ROWS && uses(g, op->inputs[WEIGHTS]) == 1 &&
           !mote_op_input(g, op, linear ? LINEAR_GROUPS : GRU_GROUPS) &&
           !(linear && mote_op_input(g, op, 0)->dtype == MOTE_I16);
}

static bool can_have(const mote_graph *g, const mote_op *op, mote_layout layout)
{
    const mote_tensor *w = &g->tensors[op->inputs[WEIGHTS]];
    const bool own_bias = op->inputs[BIAS] < 0 || uses(g, op->inputs[BIAS]) == 1;
    switch (layout) {
    case MOTE_LANES16:
        return own_bias && mote_lanes16_can(w->dtype, w->dims[1], w->bound);
    case MOTE_TILES16:
        return own_bias && mote_tiles16_can(w->dtype, w->dims[1], w->bound) && w->dims[1] <= UINT16_MAX;
    case MOTE_BLOCKS16:
        return mote_blocks16_can(w->dtype, w->dims[1]);
    default:
        return true;
    }
}

static size_t needs(const mote_tensor *w, mote_layout layout, const int16_t *codes)
{
    switch (layout) {
    case MOTE_LANES16:
        return mote_lanes16_size(w->dtype, w->dims[0], w->dims[1]);
    case MOTE_TILES16:
        return mote_tiles16_needs(w->dtype, codes, w->dims[0], w->dims[1]);
    case MOTE_BLOCKS16:
        return mote_blocks16_needs(w->dtype, codes, w->dims[0], w->dims[1]);
    default:
        return mote_tensor_size(w);
    }
}

/* The operator's weights in the layout; where that has the bias inside, without one of its own. */
static bool lay_out(mote_graph *g, mote_op *op, mote_layout layout, const int16_t *codes)
{
    mote_tensor *w = &g->tensors[op->inputs[WEIGHTS]];
    const uint32_t rows = w->dims[0], columns = w->dims[1];
    const int bias = layout == MOTE_BLOCKS16 ? -1 : op->inputs[BIAS];
    const int32_t *start = bias < 0 ? NULL : g->tensors[bias].data;
    uint8_t *data = malloc(needs(w, layout, codes));
    if (!data)
        return false;
    if (layout == MOTE_BLOCKS16)
        mote_blocks16_pack(w->dtype, codes, rows, columns, data);
    else
        (layout == MOTE_TILES16 ? mote_tiles16_pack : mote_lanes16_pack)(w->dtype, codes, start, rows, columns, data);
    free(w->data);
    w->data = data;
    w->layout = layout;
    if (bias >= 0) {
        op->inputs[BIAS] = -1;
        remove_tensor(g, bias);
    }
    return true;
}

/* What a product takes on a chip: `byte` cycles more for every byte of weights and bias. */
typedef struct target {
    const mote_chip *chip;
    double byte;
} target;

/* Where the model does not fit the RAM, what is smaller spares reading from flash, whichever weights stay there. */
static target target_of(const mote_graph *g, const mote_chip *chip)
{
    uint64_t size = g->arena_size + (uint64_t)g->state_size;
    for (int i = 0; i < g->tensor_count; i++)
        size += g->tensors[i].role == MOTE_CONSTANT ? mote_tensor_size(&g->tensors[i]) : 0;
    return (target){chip, size > (uint64_t)chip->ram_kb << 10 ? mote_flash_byte_work(chip) : 0};
}

/* Blocks and tiles are for what they make smaller: costs are not known well enough to tell otherwise. */
static bool is_pointless(const mote_tensor *w, mote_layout layout, size_t size)
{
    const uint32_t rows = w->dims[0], columns = w->dims[1];
    return (layout == MOTE_BLOCKS16 && size >= mote_tensor_size(w)) ||
           (layout == MOTE_TILES16 && size >= mote_lanes16_size(w->dtype, rows, columns));
}

static double work(const mote_tensor *w, mote_layout layout, const int16_t *codes, const target *t)
{
    const size_t size = needs(w, layout, codes), bias = layout == MOTE_ROWS || layout == MOTE_BLOCKS16 ? 4 : 0;
    if (is_pointless(w, layout, size))
        return INFINITY;
    return mote_product_work(t->chip, layout, w->dtype, w->dims[0], w->dims[1], size) +
           t->byte * (double)(size + bias * w->dims[0]);
}

/* The layout of the fewest cycles. */
static mote_layout fastest(const mote_graph *g, const mote_op *op, const target *t, const int16_t *codes)
{
    const mote_tensor *w = &g->tensors[op->inputs[WEIGHTS]];
    mote_layout best = MOTE_ROWS;
    double least = INFINITY;
    for (mote_layout layout = MOTE_ROWS; layout < MOTE_LAYOUT_COUNT; layout++) {
        const double cycles = can_have(g, op, layout) ? work(w, layout, codes, t) : NAN;
        if (cycles < least)
            best = layout, least = cycles;
    }
    return best;
}

static bool lay_out_op(mote_graph *g, mote_op *op, mote_layout layout, const target *fastest_on)
{
    const mote_tensor *w = &g->tensors[op->inputs[WEIGHTS]];
    int16_t *codes = malloc(mote_tensor_elements(w) * sizeof *codes);
    if (!codes)
        return false;
    mote_codes_unpack(w->dtype, w->data, w->dims[0], w->dims[1], codes);
    if (fastest_on)
        layout = fastest(g, op, fastest_on, codes);
    const bool done = layout == MOTE_ROWS || !can_have(g, op, layout) || lay_out(g, op, layout, codes);
    free(codes);
    return done;
}

/* What is fastest, or without a target all that can have the layout. */
static bool lay_out_all(mote_graph *g, mote_layout layout, const target *fastest_on, mote_error *error)
{
    for (int i = 0; i < g->op_count; i++)
        if (can_be_laid_out(g, &g->ops[i]) && !lay_out_op(g, &g->ops[i], layout, fastest_on))
            return mote_fail(error, MOTE_E_INTERNAL, "no memory to lay out operator %s", g->ops[i].name);
    return true;
}

bool mote_graph_lay_out(mote_graph *g, const mote_chip *chip, mote_error *error)
{
    const target t = target_of(g, chip);
    return lay_out_all(g, MOTE_ROWS, &t, error);
}

bool mote_graph_lay_out_as(mote_graph *g, mote_layout layout, mote_error *error)
{
    return lay_out_all(g, layout, NULL, error);
}
