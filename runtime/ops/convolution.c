#include "conv.h"

#define MOST_COLUMNS 65535u

_Static_assert((int)MOTE_CONV_PARTS == (int)MOTE_CONV_TRANSPOSE_PARTS &&
                   (int)MOTE_CONV_LOW == (int)MOTE_CONV_TRANSPOSE_LOW &&
                   (int)MOTE_CONV_SHIFTS == (int)MOTE_CONV_TRANSPOSE_SHIFTS,
               "both convolutions have the same operands and parameters");

#define WINDOW_OF(params) ((params) + MOTE_CONV_KERNEL_HEIGHT)

static int shifts_fit(const mote_model *m, uint32_t tensor, uint32_t count)
{
    const int8_t *shifts = mote_constant(m, tensor);
    for (uint32_t i = 0; i < count; i++)
        if (!mote_in_range(shifts[i], -31, 30))
            return 0;
    return 1;
}

static int scales_fit(const mote_model *m, const mote_op_view *op, uint32_t outputs)
{
    const uint32_t multiplier = op->inputs[MOTE_CONV_MULTIPLIER], shifts = op->inputs[MOTE_CONV_SHIFTS];
    if (multiplier == MOTE_NO_INDEX || shifts == MOTE_NO_INDEX || !mote_is(m, multiplier, MOTE_I32, outputs, 0) ||
        !mote_is(m, shifts, MOTE_I8, outputs, 0) || !shifts_fit(m, shifts, outputs))
        return 0;
    const int32_t *multipliers = mote_constant(m, multiplier);
    for (uint32_t i = 0; i < outputs; i++)
        if (multipliers[i] < 0)
            return 0;
    return 1;
}

/* 1 if the bias fits and the sums are below 2^31. Sums of i16 have 64 bits and are below 2^47: 2^15 · 2^15 · 2^16. */
static int sums_fit(const mote_model *m, const mote_op_view *op, uint32_t outputs, int transposed)
{
    const uint32_t bias = op->inputs[MOTE_CONV_BIAS];
    const mote_product p = {.x = op->inputs[MOTE_CONV_X],
                            .weights = op->inputs[MOTE_CONV_WEIGHTS],
                            .bias = bias,
                            .multiplier = MOTE_NO_INDEX,
                            .groups = MOTE_NO_INDEX,
                            .y = op->outputs[0],
                            .params = op->params};
    return (bias == MOTE_NO_INDEX || mote_is(m, bias, MOTE_I32, outputs, 0)) &&
           (mote_record(m, p.x)->dtype == MOTE_I16 || mote_product_bounded(m, &p, transposed ? 256 : 128));
}

int mote_conv_fits(const mote_model *m, const mote_op_view *op, int transposed)
{
    const uint32_t x = op->inputs[MOTE_CONV_X], y = op->outputs[MOTE_CONV_Y];
    const mote_tensor_record *from = mote_record(m, x), *to = mote_record(m, y);
    const mote_tensor_record *w = mote_record(m, op->inputs[MOTE_CONV_WEIGHTS]);
    const int32_t *params = op->params;
    const uint32_t parts = (uint32_t)params[MOTE_CONV_PARTS];
    for (uint32_t i = 0; i < MOTE_PRODUCT_PARAMS; i++)
        if (params[i])
            return 0;
    if (op->inputs[MOTE_CONV_GROUPS] != MOTE_NO_INDEX || !mote_affine_fits(m, x, MOTE_NARROW) ||
        !mote_affine_fits(m, y, MOTE_NARROW) || !mote_slide_fits(from, to, WINDOW_OF(params)) || parts < 1 ||
        from->dims[2] % parts || to->dims[2] % parts)
        return 0;
    const uint64_t columns = (uint64_t)(uint32_t)params[MOTE_CONV_KERNEL_HEIGHT] *
                             (uint32_t)params[MOTE_CONV_KERNEL_WIDTH] * (from->dims[2] / parts);
    return mote_is_integer_weight((mote_dtype)w->dtype) && w->layout == MOTE_ROWS && w->rank == 2 &&
           columns <= MOST_COLUMNS && w->dims[0] == to->dims[2] && w->dims[1] == columns &&
           scales_fit(m, op, to->dims[2]) && mote_ending_fits(m, y, params + MOTE_CONV_LOW) &&
           sums_fit(m, op, to->dims[2], transposed);
}

int mote_conv_is_left_out(const mote_model *m, const mote_op_view *op)
{
    return mote_type_is_left_out((mote_dtype)mote_record(m, op->inputs[MOTE_CONV_WEIGHTS])->dtype);
}

mote_conv mote_conv_of(const mote_session *s, const uint16_t *operands, const int32_t *params)
{
    const mote_model *m = s->model;
    const uint32_t y = operands[MOTE_OUT(CONV, Y)];
    const mote_tensor_record *from = mote_record(m, operands[MOTE_CONV_X]), *to = mote_record(m, y);
    const mote_tensor_record *w = mote_record(m, operands[MOTE_CONV_WEIGHTS]);
    const uint32_t parts = (uint32_t)params[MOTE_CONV_PARTS];
    return (mote_conv){
        .w = mote_slide_of(from, to, WINDOW_OF(params)),
        .x = mote_data(s, operands[MOTE_CONV_X]),
        .x_type = from->dtype,
        .x_zero = from->zero_point,
        .weights = mote_constant(m, operands[MOTE_CONV_WEIGHTS]),
        .weights_type = w->dtype,
        .pitch = w->stride,
        .inner = from->dims[2] / parts,
        .outer = to->dims[2] / parts,
        .bias = mote_constant(m, operands[MOTE_CONV_BIAS]),
        .multipliers = mote_constant(m, operands[MOTE_CONV_MULTIPLIER]),
        .shifts = mote_constant(m, operands[MOTE_CONV_SHIFTS]),
        .ending = mote_ending_of(s, y, params + MOTE_CONV_LOW),
        .y = mote_data_mutable(s, y),
        .y_type = to->dtype,
    };
}

static int32_t dot_bytes(const int8_t *w, const int8_t *x, uint32_t count, int32_t less)
{
    int32_t sum = 0;
    for (uint32_t k = 0; k < count; k++)
        sum += w[k] * (x[k] - less);
    return sum;
}

static int64_t dot_wide(const int8_t *w, const int16_t *x, uint32_t count)
{
    int64_t sum = 0;
    for (uint32_t k = 0; k < count; k++)
        sum += w[k] * x[k];
    return sum;
}

static int32_t sum_of(const int8_t *w, uint32_t count)
{
    int32_t sum = 0;
    for (uint32_t k = 0; k < count; k++)
        sum += w[k];
    return sum;
}

/* Any type of weights: unpacks the groups that contain the columns. */
static int64_t dot_any(const mote_conv *c, const mote_row *row, uint32_t column, size_t at, uint32_t count,
                       int32_t less)
{
    int16_t w[MOTE_UNPACKED];
    int64_t sum = 0;
    for (uint32_t k = 0; k < count;) {
        const uint32_t from = (column + k) % MOTE_UNPACKED, have = mote_unpack(row, column + k - from, w);
        for (uint32_t i = from; i < have && k < count; i++, k++)
            sum += (int64_t)w[i] * (at == SIZE_MAX ? c->x_zero : mote_value_at(c->x, c->x_type, at + k) - less);
    }
    return sum;
}

int64_t mote_conv_dot(const mote_conv *c, uint32_t n, uint32_t column, size_t at, uint32_t count, int32_t less)
{
    const uint8_t *data = c->weights + (size_t)n * c->pitch;
    if (c->weights_type != MOTE_I8) {
        const mote_row row = {data, c->w.rows * c->w.columns * c->inner, c->weights_type, 0};
        return dot_any(c, &row, column, at, count, less);
    }
    const int8_t *w = (const int8_t *)data + column;
    if (at == SIZE_MAX)
        return c->x_zero ? (int64_t)c->x_zero * sum_of(w, count) : 0;
    if (c->x_type == MOTE_I8)
        return dot_bytes(w, (const int8_t *)c->x + at, count, less);
    return dot_wide(w, (const int16_t *)c->x + at, count);
}

void mote_conv_store(const mote_conv *c, uint32_t n, size_t at, int64_t sum)
{
    const int32_t m = c->multipliers[n], shift = c->shifts[n];
    sum += c->bias ? c->bias[n] : 0;
    const int32_t v = c->x_type == MOTE_I16 ? mote_scaled_wide(sum, m, shift)
                                            : mote_scaled((int32_t)sum, m, shift, c->ending.rounding);
    mote_value_put(c->y, c->y_type, at, mote_ended(&c->ending, v));
}
