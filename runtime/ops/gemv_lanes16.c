/* Portable GEMV and checks of the layout MOTE_LANES16: sixteen rows at once, column by column. */
#include "../requantize.h"
#include "lanes16.h"
#include "planes.h"

int mote_lanes16_valid(const mote_tensor_record *t, const uint8_t *data)
{
    const uint32_t columns = t->dims[1], padded = (columns + 15) & ~15u;
    const uint32_t stride = (uint32_t)mote_lanes16_stride(t->dtype, columns);
    const uint8_t *block = data + mote_lanes16_weights(t->dims[0]);
    for (uint32_t b = 0; b < mote_lanes16_blocks(t->dims[0]); b++, block += stride) {
        if (t->dtype == MOTE_TERNARY2 && !mote_ternary2_exist(block, stride))
            return 0;
        for (uint32_t c = columns; c < padded; c++)
            for (uint32_t lane = 0; lane < MOTE_LANES; lane++)
                if (mote_lanes16_weight(t->dtype, block, lane, c) != 0)
                    return 0;
    }
    return 1;
}

static void add_int8(int32_t acc[MOTE_LANES], const uint8_t *block, const int8_t *x, uint32_t columns)
{
    const int8_t *w = (const int8_t *)block;
    for (uint32_t c = 0; c < columns; c++, w += MOTE_LANES)
        for (uint32_t lane = 0; lane < MOTE_LANES; lane++)
            acc[lane] += w[lane] * x[c];
}

static void add_ternary2(int32_t acc[MOTE_LANES], const uint8_t *block, const int8_t *x, uint32_t columns)
{
    for (uint32_t c = 0; c < columns; c++) {
        const uint8_t *codes = block + c / 4 * MOTE_LANES;
        for (uint32_t lane = 0; lane < MOTE_LANES; lane++)
            acc[lane] += ((int32_t)(((uint32_t)codes[lane] >> (c % 4 * 2)) & 3u) - 1) * x[c];
    }
}

static void gemv(const mote_gemv *g, mote_dtype dtype)
{
    for (uint32_t r = 0; r < g->rows; r += MOTE_LANES) {
        const uint8_t *block = mote_lanes16_block(dtype, g->weights, g->rows, g->columns, r);
        int32_t acc[MOTE_LANES];
        for (uint32_t lane = 0; lane < MOTE_LANES; lane++)
            acc[lane] = mote_lanes16_start(g->weights, r + lane);
        if (dtype == MOTE_TERNARY2)
            add_ternary2(acc, block, g->x, g->columns);
        else
            add_int8(acc, block, g->x, g->columns);
        mote_requantize_rows(&g->out, r, g->rows - r < MOTE_LANES ? g->rows - r : MOTE_LANES, acc, 0);
    }
}

void mote_gemv_lanes16_int8(const mote_gemv *g)
{
    gemv(g, MOTE_I8);
}

void mote_gemv_lanes16_ternary2(const mote_gemv *g)
{
    gemv(g, MOTE_TERNARY2);
}
