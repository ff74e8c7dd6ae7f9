/* Portable GEMV and checks of the layout MOTE_BLOCKS16. Columns past the last have weight 0, whatever their inputs. */
#include "../requantize.h"
#include "blocks16.h"

static int block_valid(const mote_tensor_record *t, const uint8_t *block, uint32_t first)
{
    for (uint32_t i = 0; t->dtype == MOTE_TERNARY2 && i < mote_blocks16_bytes(t->dtype); i++)
        if ((uint32_t)block[i] >> 1 & ~(uint32_t)block[i] & 0x55)
            return 0;
    for (uint32_t c = t->dims[1] - first; c < MOTE_BLOCK; c++)
        if (mote_blocks16_weight(t->dtype, block, c) != 0)
            return 0;
    return 1;
}

/* Checks that the blocks of a row are in order, within the matrix and distinct. */
static int row_valid(const mote_tensor_record *t, mote_blocks16 *walk)
{
    uint32_t column = 0;
    const uint32_t count = mote_index_next(&walk->index);
    for (uint32_t i = 0; i < count; i++, walk->block += mote_blocks16_bytes(t->dtype)) {
        const uint32_t step = mote_index_next(&walk->index);
        column += step;
        if (step % MOTE_BLOCK != 0 || (i > 0 && step == 0) || column >= t->dims[1] ||
            !block_valid(t, walk->block, column))
            return 0;
    }
    return mote_index_next(&walk->index) == 0;
}

int mote_blocks16_valid(const mote_tensor_record *t, const uint8_t *data)
{
    uint64_t blocks;
    if (t->rank != 2 || t->dims[0] == 0 || t->dims[1] == 0 || !mote_blocks16_can(t->dtype, t->dims[1]) ||
        t->size < mote_blocks16_size(t->dtype, t->dims[0], 0) ||
        !mote_index_valid(data, t->size - MOTE_BLOCKS_AHEAD, t->dims[0], &blocks) ||
        t->size != mote_blocks16_size(t->dtype, t->dims[0], blocks))
        return 0;
    mote_blocks16 walk = mote_blocks16_begin(data);
    for (uint32_t r = 0; r < t->dims[0]; r++)
        if (!row_valid(t, &walk))
            return 0;
    return mote_all_zero(walk.block, data + t->size);
}

/* Returns Σ|w| of the next row, or its maximum, the number of columns, for a ternary matrix. */
static uint32_t magnitude(const mote_tensor_record *t, mote_blocks16 *walk)
{
    const uint32_t count = mote_index_next(&walk->index), bytes = count * mote_blocks16_bytes(t->dtype);
    uint32_t sum = 0;
    for (uint32_t i = 0; t->dtype == MOTE_I8 && i < bytes; i++) {
        const int32_t w = (int8_t)walk->block[i];
        sum += (uint32_t)(w < 0 ? -w : w);
    }
    walk->index += 2 * (count + 1);
    walk->block += bytes;
    return t->dtype == MOTE_I8 ? sum : t->dims[1];
}

int mote_blocks16_bounded(const mote_tensor_record *t, const uint8_t *data, const int32_t *bias)
{
    mote_blocks16 walk = mote_blocks16_begin(data);
    for (uint32_t r = 0; r < t->dims[0]; r++) {
        const int32_t start = bias ? bias[r] : 0;
        const uint32_t offset = start < 0 ? 0u - (uint32_t)start : (uint32_t)start;
        if (offset > t->bound || magnitude(t, &walk) > (t->bound - offset) / 128)
            return 0;
    }
    return 1;
}

static void gemv(const mote_gemv *g, mote_dtype dtype)
{
    mote_blocks16 walk = mote_blocks16_begin(g->weights);
    for (uint32_t r = 0; r < g->rows; r++) {
        const int8_t *x = g->x;
        int32_t sum = 0;
        for (uint32_t count = mote_index_next(&walk.index); count > 0;
             count--, walk.block += mote_blocks16_bytes(dtype)) {
            x += mote_index_next(&walk.index);
            for (uint32_t c = 0; c < MOTE_BLOCK; c++)
                sum += mote_blocks16_weight(dtype, walk.block, c) * x[c];
        }
        walk.index += 2;
        mote_requantize(&g->out, r, sum);
    }
}

void mote_gemv_blocks16_int8(const mote_gemv *g)
{
    gemv(g, MOTE_I8);
}

void mote_gemv_blocks16_ternary2(const mote_gemv *g)
{
    gemv(g, MOTE_TERNARY2);
}
