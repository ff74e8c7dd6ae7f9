#include "compiler/prune/mask.h"

#include <stdlib.h>
#include <string.h>

mote_block_shape mote_pruned_block(mote_pruned granularity)
{
    static const mote_block_shape shapes[MOTE_PRUNED_COUNT] = {
        [MOTE_UNPRUNED] = {1, 1},         [MOTE_PRUNED_WEIGHTS] = {1, 1},       [MOTE_PRUNED_BLOCKS1X16] = {1, 16},
        [MOTE_PRUNED_BLOCKS8X4] = {8, 4}, [MOTE_PRUNED_BLOCKS16X16] = {16, 16},
    };
    return shapes[granularity];
}

typedef struct block {
    float value;          /* mean importance */
    uint32_t row, column; /* first row and column */
    uint32_t rows, columns;
} block;

static uint32_t shorter(uint32_t a, uint32_t b)
{
    return a < b ? a : b;
}

static block block_at(const mote_scored *m, mote_block_shape shape, uint32_t row, uint32_t column)
{
    block b = {0, row, column, shorter(shape.rows, m->rows - row), shorter(shape.columns, m->columns - column)};
    double sum = 0;
    for (uint32_t r = 0; r < b.rows; r++)
        for (uint32_t c = 0; c < b.columns; c++)
            sum += (double)m->importance[(size_t)(row + r) * m->columns + column + c];
    b.value = (float)(sum / (b.rows * b.columns));
    return b;
}

static size_t blocks_of(const mote_scored *m, mote_block_shape s)
{
    return ((size_t)m->rows + s.rows - 1) / s.rows * (((size_t)m->columns + s.columns - 1) / s.columns);
}

/* Lists all blocks by rows; NULL when out of memory. */
static block *list_blocks(const mote_scored *m, size_t *count)
{
    const mote_block_shape shape = mote_pruned_block(m->granularity);
    block *blocks = malloc((blocks_of(m, shape) + 1) * sizeof *blocks), *b = blocks;
    for (uint32_t r = 0; blocks && r < m->rows; r += shape.rows)
        for (uint32_t c = 0; c < m->columns; c += shape.columns)
            *b++ = block_at(m, shape, r, c);
    *count = blocks ? (size_t)(b - blocks) : 0;
    return blocks;
}

static int by_value(const void *a, const void *b)
{
    const block *x = a, *y = b;
    if (x->value != y->value)
        return x->value < y->value ? -1 : 1;
    if (x->row != y->row)
        return x->row < y->row ? -1 : 1;
    return x->column < y->column ? -1 : x->column > y->column;
}

static bool is_gone(const mote_scored *m, const block *b, const uint8_t *keep)
{
    for (uint32_t r = 0; r < b->rows; r++)
        if (memchr(keep + (size_t)(b->row + r) * m->columns + b->column, 1, b->columns))
            return false;
    return true;
}

static void take_out(const mote_scored *m, const block *b, uint8_t *keep)
{
    for (uint32_t r = 0; r < b->rows; r++)
        memset(keep + (size_t)(b->row + r) * m->columns + b->column, 0, b->columns);
}

/* Removes the blocks of lowest importance up to the sparsity. Blocks that are gone already count. */
static void take_lowest(const mote_scored *m, block *blocks, size_t count, double sparsity, uint8_t *keep)
{
    size_t all = 0, gone = 0;
    for (size_t i = 0; i < count; i++) {
        const size_t size = (size_t)blocks[i].rows * blocks[i].columns;
        all += size;
        gone += is_gone(m, &blocks[i], keep) ? size : 0;
    }
    qsort(blocks, count, sizeof *blocks, by_value);
    const double most = sparsity * (double)all + 1e-6;
    for (size_t i = 0; i < count; i++) {
        const size_t size = (size_t)blocks[i].rows * blocks[i].columns;
        if (is_gone(m, &blocks[i], keep))
            continue;
        if ((double)(gone + size) > most)
            break;
        take_out(m, &blocks[i], keep);
        gone += size;
    }
}

bool mote_mask_sparsity(const mote_scored *m, double sparsity, bool more, uint8_t *keep, mote_error *error)
{
    size_t count;
    block *blocks = list_blocks(m, &count);
    if (!blocks)
        return mote_fail(error, MOTE_E_INTERNAL, "out of memory while choosing weights");
    if (!more)
        memset(keep, 1, (size_t)m->rows * m->columns);
    if (m->by_row && mote_pruned_block(m->granularity).rows == 1)
        for (size_t r = 0, each = count / m->rows; r < m->rows; r++)
            take_lowest(m, blocks + r * each, each, sparsity, keep);
    else
        take_lowest(m, blocks, count, sparsity, keep);
    free(blocks);
    return true;
}

bool mote_mask_threshold(const mote_scored *m, double threshold, uint8_t *keep, mote_error *error)
{
    size_t count;
    block *blocks = list_blocks(m, &count);
    if (!blocks)
        return mote_fail(error, MOTE_E_INTERNAL, "out of memory while choosing weights");
    const size_t all = (size_t)m->rows * m->columns;
    double sum = 0;
    for (size_t i = 0; i < all; i++)
        sum += (double)m->importance[i];
    memset(keep, 1, all);
    for (size_t i = 0; i < count; i++)
        if ((double)blocks[i].value < threshold * sum / (double)all)
            take_out(m, &blocks[i], keep);
    free(blocks);
    return true;
}

void mote_mask_of(const float *weights, uint32_t rows, uint32_t columns, mote_pruned granularity, uint8_t *keep)
{
    const mote_scored m = {weights, rows, columns, granularity, false};
    const mote_block_shape shape = mote_pruned_block(granularity);
    for (size_t i = 0; i < (size_t)rows * columns; i++)
        keep[i] = granularity == MOTE_UNPRUNED || weights[i] != 0;
    for (uint32_t r = 0; granularity != MOTE_UNPRUNED && r < rows; r += shape.rows)
        for (uint32_t c = 0; c < columns; c += shape.columns) {
            const block b = {0, r, c, shorter(shape.rows, m.rows - r), shorter(shape.columns, m.columns - c)};
            for (uint32_t k = 0; k < b.rows && !is_gone(&m, &b, keep); k++)
                memset(keep + (size_t)(r + k) * columns + c, 1, b.columns);
        }
}

void mote_mask_apply(float *weights, const uint8_t *keep, size_t count)
{
    for (size_t i = 0; i < count; i++)
        weights[i] = keep[i] ? weights[i] : 0;
}
