/* CONV: y = ended(scaled(Σ weights · x + bias)). params: those of products, all 0, WINDOW_PARAMS, parts, ENDING_PARAMS.
 */
#include "conv.h"

static int fits(const mote_model *m, const mote_op_view *op)
{
    if (!mote_conv_fits(m, op, 0))
        return 0;
    const int32_t *params = op->params + MOTE_CONV_KERNEL_HEIGHT;
    const mote_slide w =
        mote_slide_of(mote_record(m, op->inputs[MOTE_CONV_X]), mote_record(m, op->outputs[MOTE_CONV_Y]), params);
    return mote_slide_reaches(&w, params);
}

static uint64_t work(const mote_model *m, const mote_op_view *op)
{
    return (uint64_t)mote_count_of(mote_record(m, op->outputs[MOTE_CONV_Y])) *
           mote_record(m, op->inputs[MOTE_CONV_WEIGHTS])->dims[1];
}

/* The sum of output n for the window whose first tap is at (row, column). */
static int64_t window_sum(const mote_conv *c, uint32_t n, int32_t row, int32_t column)
{
    const mote_slide *w = &c->w;
    const uint32_t channel = n / c->outer * c->inner;
    const int joined = w->dilation[1] == 1 && c->inner == w->channels; /* a row of taps lies together */
    int64_t sum = 0;
    for (uint32_t i = 0, at = 0; i < w->rows; i++) {
        const int32_t r = row + (int32_t)i * w->dilation[0];
        const int inside = r >= 0 && r < (int32_t)w->height;
        if (joined && inside && column >= 0 && column + (int32_t)w->columns <= (int32_t)w->width) {
            const size_t from = ((size_t)r * w->width + (uint32_t)column) * w->channels;
            sum += mote_conv_dot(c, n, at, from, w->columns * c->inner, 0);
            at += w->columns * c->inner;
            continue;
        }
        for (uint32_t j = 0; j < w->columns; j++, at += c->inner) {
            const int32_t s = column + (int32_t)j * w->dilation[1];
            const int hit = inside && s >= 0 && s < (int32_t)w->width;
            const size_t from = ((size_t)r * w->width + (size_t)s) * w->channels + channel;
            sum += mote_conv_dot(c, n, at, hit ? from : SIZE_MAX, c->inner, 0);
        }
    }
    return sum;
}

/* 1 if the taps from `at` on lie in 0..size−1. */
static int is_inside(int32_t at, uint32_t taps, int32_t dilation, uint32_t size)
{
    return at >= 0 && at + (int32_t)(taps - 1) * dilation < (int32_t)size;
}

static void run_place(const mote_conv *c, mote_conv_place *inside, int32_t row, int32_t column, size_t at)
{
    const mote_slide *w = &c->w;
    if (inside && is_inside(row, w->rows, w->dilation[0], w->height) &&
        is_inside(column, w->columns, w->dilation[1], w->width)) {
        inside(c, (const int8_t *)c->x + ((size_t)row * w->width + (size_t)column) * w->channels, at);
        return;
    }
    for (uint32_t n = 0; n < w->out_channels; n++)
        mote_conv_store(c, n, at + n, window_sum(c, n, row, column));
}

static void run(const mote_session *s, const uint16_t *operands, const int32_t *params)
{
    const mote_conv c = mote_conv_of(s, operands, params);
    mote_conv_place *const inside = mote_conv_bytes(&c);
    size_t at = 0;
    for (uint32_t r = 0; r < c.w.out_height; r++)
        for (uint32_t k = 0; k < c.w.out_width; k++, at += c.w.out_channels)
            run_place(&c, inside, (int32_t)r * c.w.stride[0] - c.w.before[0],
                      (int32_t)k * c.w.stride[1] - c.w.before[1], at);
}

const mote_op_kind mote_op_conv = {.left_out = mote_conv_is_left_out, .fits = fits, .run = run, .work = work};
