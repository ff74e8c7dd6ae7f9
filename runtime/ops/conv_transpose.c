/* CONV_TRANSPOSE: x(r, s)·weights is added to y(r·stride + i·dilation − top, ...), read from y: which taps reach it.
 * params: as CONV. */
#include "conv.h"

static int size_fits(uint32_t size, int32_t stride, uint32_t taps, int32_t dilation, int32_t padding, uint32_t out)
{
    return (int64_t)(size - 1) * stride + (int64_t)(taps - 1) * dilation + 1 - padding == out;
}

static int fits(const mote_model *m, const mote_op_view *op)
{
    if (!mote_conv_fits(m, op, 1))
        return 0;
    const int32_t *p = op->params + MOTE_CONV_TRANSPOSE_KERNEL_HEIGHT;
    const mote_slide w = mote_slide_of(mote_record(m, op->inputs[MOTE_CONV_TRANSPOSE_X]),
                                       mote_record(m, op->outputs[MOTE_CONV_TRANSPOSE_Y]), p);
    return size_fits(w.height, w.stride[0], w.rows, w.dilation[0], p[MOTE_WINDOW_TOP] + p[MOTE_WINDOW_BOTTOM],
                     w.out_height) &&
           size_fits(w.width, w.stride[1], w.columns, w.dilation[1], p[MOTE_WINDOW_LEFT] + p[MOTE_WINDOW_RIGHT],
                     w.out_width);
}

static uint64_t work(const mote_model *m, const mote_op_view *op)
{
    return (uint64_t)mote_count_of(mote_record(m, op->outputs[MOTE_CONV_TRANSPOSE_Y])) *
           mote_record(m, op->inputs[MOTE_CONV_TRANSPOSE_WEIGHTS])->dims[1];
}

/* Returns the index of the input whose tap at `tap` reaches `at`, or UINT32_MAX. */
static uint32_t source(int32_t at, int32_t tap, int32_t stride, uint32_t size)
{
    const int32_t v = at - tap;
    return v >= 0 && v % stride == 0 && (uint32_t)(v / stride) < size ? (uint32_t)(v / stride) : UINT32_MAX;
}

static int64_t sum_at(const mote_conv *c, uint32_t n, int32_t row, int32_t column)
{
    const mote_slide *w = &c->w;
    const uint32_t channel = n / c->outer * c->inner;
    int64_t sum = 0;
    for (uint32_t i = 0; i < w->rows; i++) {
        const uint32_t r = source(row, (int32_t)i * w->dilation[0], w->stride[0], w->height);
        for (uint32_t j = 0; j < w->columns && r != UINT32_MAX; j++) {
            const uint32_t k = source(column, (int32_t)j * w->dilation[1], w->stride[1], w->width);
            if (k != UINT32_MAX)
                sum += mote_conv_dot(c, n, (i * w->columns + j) * c->inner,
                                     ((size_t)r * w->width + k) * w->channels + channel, c->inner, c->x_zero);
        }
    }
    return sum;
}

static void run(const mote_session *s, const uint16_t *operands, const int32_t *params)
{
    const mote_conv c = mote_conv_of(s, operands, params);
    size_t at = 0;
    for (uint32_t r = 0; r < c.w.out_height; r++)
        for (uint32_t k = 0; k < c.w.out_width; k++)
            for (uint32_t n = 0; n < c.w.out_channels; n++, at++)
                mote_conv_store(&c, n, at, sum_at(&c, n, (int32_t)r + c.w.before[0], (int32_t)k + c.w.before[1]));
}

const mote_op_kind mote_op_conv_transpose = {.left_out = mote_conv_is_left_out, .fits = fits, .run = run, .work = work};
