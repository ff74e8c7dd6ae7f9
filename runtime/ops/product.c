#include "lanes16.h"
#include "ops.h"
#include "ternary.h"
#include "tiles16.h"

#define MAX_COLUMNS 65535u /* so that Σ|w| of a row fits 32 bits */

/* Of weights [columns] a row in a layout of rows, or one lane of a block. */
static int32_t weight(const mote_tensor_record *w, const uint8_t *weights, uint32_t row, uint32_t column)
{
    if (w->layout == MOTE_LANES16)
        return mote_lanes16_weight(w->dtype, weights, row % MOTE_LANES, column);
    if (w->dtype == MOTE_I4)
        return mote_packed_weight(MOTE_I4, weights + row * (w->size / w->dims[0]), column);
    const size_t i = (size_t)row * w->dims[1] + column;
    return w->dtype == MOTE_I16 ? ((const int16_t *)(const void *)weights)[i] : ((const int8_t *)weights)[i];
}

/* Σ|w| of a row, or for ternary and binary rows, which are not unpacked for this, the most it could be. */
static uint32_t magnitude(const mote_tensor_record *w, const uint8_t *weights, uint32_t row)
{
    const uint32_t columns = w->dims[1];
    if (w->dtype != MOTE_I16 && w->dtype != MOTE_I8 && w->dtype != MOTE_I4)
        return columns;
    if (w->layout == MOTE_TILES16)
        return mote_tiles16_magnitude(w, weights, row);
    if (w->layout == MOTE_LANES16)
        weights = mote_lanes16_block(w->dtype, weights, w->dims[0], columns, row);
    uint32_t sum = 0;
    for (uint32_t c = 0; c < columns; c++) {
        const int32_t w_c = weight(w, weights, row, c);
        sum += (uint32_t)(w_c < 0 ? -w_c : w_c);
    }
    return sum;
}

static int32_t bias_of(const mote_tensor_record *w, const uint8_t *weights, const int32_t *bias, uint32_t row)
{
    if (w->layout != MOTE_ROWS)
        return mote_lanes16_start(weights, row);
    return bias ? bias[row] : 0;
}

/* A layout of lanes has the bias inside, and no lane overflows. */
static int layout_fits(const mote_tensor_record *w, const int32_t *bias)
{
    if (w->layout == MOTE_ROWS)
        return 1;
    return !bias && (w->layout == MOTE_TILES16 ? mote_tiles16_can(w->dtype, w->dims[1], w->bound)
                                               : mote_lanes16_can(w->dtype, w->dims[1], w->bound));
}

/* |accumulator| <= 128·Σ|w| + |bias| in every row, and the file's bound is no smaller. */
static int bound_holds(const mote_model *m, const mote_product *p)
{
    const mote_tensor_record *w = mote_record(m, p->weights);
    const uint8_t *weights = mote_constant(m, p->weights);
    const int32_t *bias = mote_constant(m, p->bias);
    if (w->bound > INT32_MAX || !layout_fits(w, bias))
        return 0;
    for (uint32_t r = 0; r < w->dims[0]; r++) {
        const int32_t start = bias_of(w, weights, bias, r);
        const uint32_t offset = start < 0 ? 0u - (uint32_t)start : (uint32_t)start;
        if (offset > w->bound || magnitude(w, weights, r) > (w->bound - offset) / 128)
            return 0;
    }
    return 1;
}

static int vector_fits(const mote_model *m, uint32_t tensor, mote_dtype dtype, uint32_t rows)
{
    return tensor == MOTE_NO_INDEX || (mote_is(m, tensor, dtype, rows, 0) && mote_is_constant(m, tensor));
}

static int multipliers_fit(const mote_model *m, uint32_t tensor, uint32_t rows)
{
    const int16_t *multiplier = mote_constant(m, tensor);
    for (uint32_t r = 0; multiplier && r < rows; r++)
        if (multiplier[r] < 0)
            return 0;
    return 1;
}

static int in_range(int32_t v, int32_t low, int32_t high)
{
    return v >= low && v <= high;
}

static int is_weight(mote_dtype dtype)
{
    return dtype == MOTE_I16 || dtype == MOTE_I8 || dtype == MOTE_TERNARY5 || mote_planes_of(dtype).bits;
}

int mote_product_fits(const mote_model *m, const mote_product *p, const int32_t *params)
{
    const mote_tensor_record *w = mote_record(m, p->weights), *y = mote_record(m, p->y);
    const uint32_t rows = w->dims[0], columns = w->dims[1];
    if (!is_weight(w->dtype))
        return 0;
    if (y->dtype != MOTE_I16 && y->dtype != MOTE_I8)
        return 0;
    return columns <= MAX_COLUMNS && mote_is(m, p->weights, w->dtype, rows, columns) &&
           mote_is_constant(m, p->weights) && mote_is(m, p->x, MOTE_I8, columns, 0) &&
           vector_fits(m, p->bias, MOTE_I32, rows) && vector_fits(m, p->multiplier, MOTE_I16, rows) &&
           multipliers_fit(m, p->multiplier, rows) && mote_is(m, p->y, y->dtype, rows, 0) &&
           in_range(params[MOTE_PARAM_SHIFT], -8, 24) && in_range(params[MOTE_PARAM_GAIN], 0, 8) && bound_holds(m, p);
}

void mote_product_run(const mote_session *s, const mote_product *p, const int32_t *params)
{
    const mote_tensor_record *w = mote_record(s->model, p->weights);
    const mote_gemv g = {
        .weights = mote_constant(s->model, p->weights),
        .x = mote_data(s, p->x),
        .bias = mote_constant(s->model, p->bias),
        .multiplier = mote_constant(s->model, p->multiplier),
        .y = mote_data_mutable(s, p->y),
        .rows = w->dims[0],
        .columns = w->dims[1],
        .shift = params[MOTE_PARAM_SHIFT],
        .gain = params[MOTE_PARAM_GAIN],
        .narrow = mote_record(s->model, p->y)->dtype == MOTE_I8,
    };
    s->kernels->gemv[w->layout][w->dtype](&g);
}
