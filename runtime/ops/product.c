#include "../requantize.h"
#include "blocks16.h"
#include "lanes16.h"
#include "ops.h"
#include "tiles16.h"
#include "weight.h"

#define MAX_COLUMNS 65535u /* Σ|w| of a row fits 32 bits */

static uint32_t absolute(int32_t v)
{
    return v < 0 ? 0u - (uint32_t)v : (uint32_t)v;
}

/* Returns Σ|w| of columns from..to-1. For ternary and binary types returns its maximum, the number of columns, without
 * unpacking the weights. */
static uint32_t magnitude(const mote_row *row, uint32_t from, uint32_t to)
{
    if (row->dtype == MOTE_TERNARY2 || row->dtype == MOTE_TERNARY5 || row->dtype == MOTE_BINARY)
        return to - from;
    uint32_t sum = 0;
    int16_t w[MOTE_UNPACKED];
    for (uint32_t c = from; c < to; c += MOTE_UNPACKED) {
        const uint32_t count = mote_unpack(row, c, w);
        for (uint32_t i = 0; i < count; i++)
            sum += absolute(w[i]);
    }
    return sum;
}

/* Returns the same for a whole row in MOTE_LANES16. */
static uint32_t lane_magnitude(const mote_tensor_record *w, const uint8_t *weights, uint32_t row)
{
    const uint32_t columns = w->dims[1];
    if (w->dtype == MOTE_TERNARY2)
        return columns;
    const uint8_t *block = mote_lanes16_block(MOTE_I8, weights, w->dims[0], columns, row);
    uint32_t sum = 0;
    for (uint32_t c = 0; c < columns; c++)
        sum += absolute(mote_lanes16_weight(MOTE_I8, block, row % MOTE_LANES, c));
    return sum;
}

/* Returns Σ factor·|w| of a row. */
static uint64_t weighted_magnitude(const mote_model *m, const mote_product *p, uint32_t r)
{
    const int32_t *params = p->params;
    const mote_tensor_record *w = mote_record(m, p->weights);
    const uint8_t *weights = mote_constant(m, p->weights);
    if (MOTE_LIES_IN(w, LANES16))
        return lane_magnitude(w, weights, r);
    const uint32_t columns = w->dims[1];
    const int8_t *factors = mote_constant(m, p->groups);
    const mote_row row = {weights + (size_t)r * (w->size / w->dims[0]), columns, w->dtype,
                          (uint32_t)params[MOTE_PRODUCT_FRACTION]};
    if (!MOTE_HAS_GENERAL || !factors)
        return magnitude(&row, 0, columns);
    const uint32_t group = (uint32_t)params[MOTE_PRODUCT_GROUP], count = mote_groups_of(columns, group);
    uint64_t sum = 0;
    for (uint32_t i = 0; i < count; i++) {
        const uint32_t from = i * group, to = columns - from < group ? columns : from + group;
        sum += (uint64_t)magnitude(&row, from, to) * (uint8_t)factors[(size_t)r * count + i];
    }
    return sum;
}

static int32_t bias_of(const mote_tensor_record *w, const uint8_t *weights, const int32_t *bias, uint32_t row)
{
    if (MOTE_LIES_IN(w, LANES16))
        return mote_lanes16_start(weights, row);
    return bias ? bias[row] : 0;
}

/* 1 if the weights may have their layout. The layouts of lanes contain the bias, and no lane may overflow. */
static int layout_fits(const mote_tensor_record *w, const int32_t *bias)
{
    if (w->layout == MOTE_ROWS || MOTE_LIES_IN(w, BLOCKS16))
        return 1;
    return !bias && ((MOTE_LIES_IN(w, TILES16) && mote_tiles16_can(w->dtype, w->dims[1], w->bound)) ||
                     (MOTE_LIES_IN(w, LANES16) && mote_lanes16_can(w->dtype, w->dims[1], w->bound)));
}

int mote_product_bounded(const mote_model *m, const mote_product *p, uint32_t limit)
{
    const mote_tensor_record *w = mote_record(m, p->weights);
    const uint8_t *weights = mote_constant(m, p->weights);
    const int32_t *bias = mote_constant(m, p->bias);
    if (w->bound > INT32_MAX || !layout_fits(w, bias))
        return 0;
    if (MOTE_LIES_IN(w, TILES16))
        return mote_tiles16_bounded(w, weights);
    if (MOTE_LIES_IN(w, BLOCKS16))
        return mote_blocks16_bounded(w, weights, bias);
    for (uint32_t r = 0; r < w->dims[0]; r++) {
        const uint32_t offset = absolute(bias_of(w, weights, bias, r));
        if (offset > w->bound || weighted_magnitude(m, p, r) > (w->bound - offset) / limit)
            return 0;
    }
    return 1;
}

static int vector_fits(const mote_model *m, uint32_t tensor, mote_dtype dtype, uint32_t rows)
{
    return tensor == MOTE_NO_INDEX || (mote_is(m, tensor, dtype, rows, 0));
}

int mote_multipliers_fit(const mote_model *m, uint32_t tensor, uint32_t rows)
{
    const int16_t *multiplier = mote_constant(m, tensor);
    for (uint32_t r = 0; multiplier && r < rows; r++)
        if (multiplier[r] < 0)
            return 0;
    return 1;
}

/* 1 if the rows have no gaps between them. */
static int is_dense(const mote_tensor_record *t)
{
    return t->dtype != MOTE_I8 || t->stride == t->dims[1];
}

/* 1 if there are factors 1..127 for every group of every row, or neither factors nor a group size. */
static int groups_fit(const mote_model *m, const mote_product *p, int32_t group, uint32_t rows, uint32_t columns)
{
    if (!MOTE_HAS_GENERAL || p->groups == MOTE_NO_INDEX)
        return group == 0;
    if (group < 16 || group % 16 != 0 ||
        !mote_is(m, p->groups, MOTE_I8, rows, mote_groups_of(columns, (uint32_t)group)))
        return 0;
    const int8_t *factors = mote_constant(m, p->groups);
    if (!is_dense(mote_record(m, p->groups)))
        return 0;
    for (uint32_t i = 0; i < mote_record(m, p->groups)->size; i++)
        if (factors[i] < 1)
            return 0;
    return 1;
}

/* Checks the types of x, weights and y, and the parameters that only some types have. */
static int types_fit(mote_dtype x, mote_dtype w, mote_dtype y, const int32_t *params)
{
    return (x == MOTE_I8 || x == MOTE_I8V || x == MOTE_I16) && mote_is_weight(w) &&
           (y == MOTE_I16 || (y == MOTE_I8 && x != MOTE_I8V)) &&
           mote_in_range(params[MOTE_PRODUCT_FRACTION], 0, w == MOTE_F16 ? 24 : 0) &&
           mote_in_range(params[MOTE_PRODUCT_EXPONENT], x == MOTE_I8V ? -64 : 0, x == MOTE_I8V ? 64 : 0);
}

static int is_general(const mote_model *m, const mote_product *p)
{
    return p->groups != MOTE_NO_INDEX || mote_record(m, p->x)->dtype == MOTE_I16;
}

int mote_product_is_left_out(const mote_model *m, const mote_product *p)
{
    const mote_kernels *kernels = mote_best_kernels();
    const mote_tensor_record *w = mote_record(m, p->weights);
    return mote_is_weight(w->dtype) &&
           (!kernels->gemv[w->layout][w->dtype] || (is_general(m, p) && !kernels->general) ||
            (mote_record(m, p->x)->dtype == MOTE_I8V && !kernels->rescale));
}

int mote_product_fits(const mote_model *m, const mote_product *p)
{
    const int32_t *params = p->params;
    const mote_tensor_record *w = mote_record(m, p->weights);
    const mote_dtype x = mote_record(m, p->x)->dtype, y = mote_record(m, p->y)->dtype;
    const uint32_t rows = w->dims[0], columns = w->dims[1];
    return types_fit(x, w->dtype, y, params) && columns <= MAX_COLUMNS && w->rank == 2 &&
           (!is_general(m, p) || (w->layout == MOTE_ROWS && is_dense(w))) && mote_is(m, p->x, x, columns, 0) &&
           vector_fits(m, p->bias, MOTE_I32, rows) && vector_fits(m, p->multiplier, MOTE_I16, rows) &&
           mote_multipliers_fit(m, p->multiplier, rows) && mote_is(m, p->y, y, rows, 0) &&
           groups_fit(m, p, params[MOTE_PRODUCT_GROUP], rows, columns) &&
           mote_in_range(params[MOTE_PRODUCT_SHIFT], -8, 24) && mote_in_range(params[MOTE_PRODUCT_GAIN], 0, 8) &&
           mote_product_bounded(m, p, MOTE_HAS_GENERAL && x == MOTE_I16 ? 32768 : 128);
}

/* Applies the scale at the end of an I8V input. Clamps its fields, which may hold any bytes. */
static void apply_scale(const mote_session *s, const mote_gemv *g, int32_t exponent)
{
    const mote_vector_scale *scale = (const void *)(g->x + ((g->columns + 15) & ~15u));
    const int32_t shift = mote_clamp(exponent - mote_clamp(scale->exponent, -64, 64), 0, 31);
    s->kernels->rescale(g->out.y, g->rows, mote_clamp(scale->mantissa, 0, 32767), (uint32_t)shift);
}

void mote_product_run(const mote_session *s, const mote_product *p)
{
    const int32_t *params = p->params;
    const mote_tensor_record *w = mote_record(s->model, p->weights);
    const mote_dtype x = mote_record(s->model, p->x)->dtype;
    const mote_gemv g = {
        .weights = mote_constant(s->model, p->weights),
        .x = x == MOTE_I16 ? NULL : mote_data(s, p->x),
        .wide = x == MOTE_I16 ? mote_data(s, p->x) : NULL,
        .groups = mote_constant(s->model, p->groups),
        .rows = w->dims[0],
        .columns = w->dtype == MOTE_I8 && w->layout == MOTE_ROWS ? w->stride : w->dims[1],
        .group = (uint32_t)params[MOTE_PRODUCT_GROUP],
        .dtype = w->dtype,
        .fraction = (uint32_t)params[MOTE_PRODUCT_FRACTION],
        .out = {.bias = mote_constant(s->model, p->bias),
                .multiplier = mote_constant(s->model, p->multiplier),
                .y = mote_data_mutable(s, p->y),
                .shift = params[MOTE_PRODUCT_SHIFT],
                .gain = params[MOTE_PRODUCT_GAIN],
                .narrow = mote_record(s->model, p->y)->dtype == MOTE_I8},
    };
    if (MOTE_HAS_GENERAL && (g.wide || g.groups))
        s->kernels->general(&g);
    else
        s->kernels->gemv[w->layout][w->dtype](&g);
    if (MOTE_HAS_OPERATOR(QUANTIZE) && x == MOTE_I8V)
        apply_scale(s, &g, params[MOTE_PRODUCT_EXPONENT]);
}
