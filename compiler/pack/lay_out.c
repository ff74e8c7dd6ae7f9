#include "compiler/pack/lay_out.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/graph/operator.h"
#include "compiler/pack/codes.h"
#include "compiler/pack/layout.h"
#include "compiler/plan/cost.h"
#include "runtime/ops/blocks16.h"
#include "runtime/ops/tiles16.h"

static mote_tensor *weights_of(const mote_graph *g, const mote_op *op)
{
    return &g->tensors[mote_op_operand(op, MOTE_OPERAND_WEIGHTS)];
}

/* True for a product with int8 input and without group factors whose weights are in rows and have no other reader. */
static bool can_be_laid_out(const mote_graph *g, const mote_op *op)
{
    if (!mote_op_has(op, MOTE_TRAIT_PRODUCT))
        return false;
    const mote_tensor *w = weights_of(g, op);
    return w->layout == MOTE_ROWS && !w->stride &&
           mote_graph_readers(g, mote_op_operand(op, MOTE_OPERAND_WEIGHTS)) == 1 &&
           mote_op_operand(op, MOTE_OPERAND_GROUPS) < 0 &&
           !(op->opcode == MOTE_OP_LINEAR && mote_op_input(g, op, MOTE_LINEAR_X)->dtype == MOTE_I16);
}

static bool can_have(const mote_graph *g, const mote_op *op, mote_layout layout)
{
    const mote_tensor *w = weights_of(g, op);
    const int bias = mote_op_operand(op, MOTE_OPERAND_BIAS);
    const bool own_bias = bias < 0 || mote_graph_readers(g, bias) == 1;
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

/* Converts the weights of an operator to the layout. If the layout contains the bias, removes the bias operand. */
static bool lay_out(mote_graph *g, mote_op *op, mote_layout layout, const int16_t *codes)
{
    mote_tensor *w = weights_of(g, op);
    const uint32_t rows = w->dims[0], columns = w->dims[1];
    const int bias = layout == MOTE_BLOCKS16 ? -1 : mote_op_operand(op, MOTE_OPERAND_BIAS);
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
    if (bias >= 0)
        *mote_op_slot(op, MOTE_OPERAND_BIAS) = -1;
    return bias < 0 || mote_graph_remove(g, bias);
}

/* The chip to select layouts for, and its additional cycles per byte of weights and bias. */
typedef struct target {
    const mote_chip *chip;
    double byte;
} target;

/* Returns the target of a model. If the model does not fit in RAM, every byte costs a read from flash, because a
 * smaller matrix reduces these reads even if other weights are the ones that stay in flash. */
static target target_of(const mote_graph *g, const mote_chip *chip)
{
    uint64_t size = g->arena_size + (uint64_t)g->state_size;
    for (int i = 0; i < g->tensor_count; i++)
        size += g->tensors[i].role == MOTE_CONSTANT ? mote_tensor_size(&g->tensors[i]) : 0;
    return (target){chip, size > (uint64_t)chip->ram_kb << 10 ? mote_flash_byte_work(chip) : 0};
}

/* True for a sparse layout that is not smaller. The cost model is too coarse to justify one by speed alone. */
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

/* Returns the layout with the fewest cycles. */
static mote_layout fastest(const mote_graph *g, const mote_op *op, const target *t, const int16_t *codes)
{
    const mote_tensor *w = weights_of(g, op);
    mote_layout best = MOTE_ROWS;
    double least = INFINITY;
    for (mote_layout layout = MOTE_ROWS; layout < MOTE_LAYOUT_COUNT; layout++) {
        const double cycles = can_have(g, op, layout) ? work(w, layout, codes, t) : NAN;
        if (cycles < least)
            best = layout, least = cycles;
    }
    return best;
}

/* Returns the bytes of an int8 row that is padded to whole vectors. */
static uint32_t filled(uint32_t columns)
{
    return (columns + 15) & ~15u;
}

/* True if the chip multiplies int8 rows faster when they are padded with zeros to whole vectors. */
static bool is_worth_filling(const mote_tensor *w, const target *t)
{
    const uint32_t rows = w->dims[0], columns = w->dims[1];
    const uint64_t size = mote_tensor_size(w), more = (uint64_t)rows * filled(columns);
    if (w->dtype != MOTE_I8 || w->stride || columns % 16 == 0)
        return false;
    return mote_product_work(t->chip, MOTE_ROWS, MOTE_I8, rows, filled(columns), more) + t->byte * (double)more <
           mote_product_work(t->chip, MOTE_ROWS, MOTE_I8, rows, columns, size) + t->byte * (double)size;
}

static bool fill_rows(mote_tensor *w)
{
    const uint32_t columns = w->dims[1], stride = filled(columns);
    uint8_t *data = calloc(w->dims[0], stride);
    if (!data)
        return false;
    for (uint32_t r = 0; r < w->dims[0]; r++)
        memcpy(data + (size_t)r * stride, (const uint8_t *)w->data + (size_t)r * columns, columns);
    free(w->data);
    w->data = data;
    w->stride = stride;
    return true;
}

static bool lay_out_op(mote_graph *g, mote_op *op, mote_layout layout, const target *fastest_on)
{
    mote_tensor *w = weights_of(g, op);
    int16_t *codes = malloc(mote_tensor_elements(w) * sizeof *codes);
    if (!codes)
        return false;
    mote_codes_unpack(w->dtype, w->data, w->dims[0], w->dims[1], codes);
    if (fastest_on)
        layout = fastest(g, op, fastest_on, codes);
    bool done = layout == MOTE_ROWS || !can_have(g, op, layout) || lay_out(g, op, layout, codes);
    if (done && fastest_on && w->layout == MOTE_ROWS && is_worth_filling(w, fastest_on))
        done = fill_rows(w);
    free(codes);
    return done;
}

/* Gives each matrix its fastest layout on the target, or `layout`, if the matrix can have it, without a target. */
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
