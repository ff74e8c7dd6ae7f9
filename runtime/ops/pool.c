/* MAX_POOL and AVERAGE_POOL. params: WINDOW_PARAMS, counts_padding of AVERAGE_POOL, ENDING_PARAMS. */
#include "slide.h"

/* The part of a window that lies in the image. */
typedef struct part {
    uint32_t begin[2], end[2]; /* taps */
} part;

/* Clips the taps from `at` on to 0..size. */
static void clip(part *p, int axis, int32_t at, int32_t dilation, uint32_t taps, uint32_t size)
{
    uint32_t begin = 0, end = taps;
    while (begin < end && at + (int32_t)begin * dilation < 0)
        begin++;
    while (end > begin && at + (int32_t)(end - 1) * dilation >= (int32_t)size)
        end--;
    p->begin[axis] = begin;
    p->end[axis] = end;
}

typedef struct pool {
    mote_slide w;
    const void *x;
    uint32_t type;
    int32_t zero, low, high;
    int average, counts_padding;
} pool;

static int32_t value_of(const pool *p, const part *in, int32_t row, int32_t column, uint32_t channel)
{
    const mote_slide *w = &p->w;
    int32_t sum = 0, most = p->low;
    for (uint32_t i = in->begin[0]; i < in->end[0]; i++)
        for (uint32_t j = in->begin[1]; j < in->end[1]; j++) {
            const uint32_t r = (uint32_t)(row + (int32_t)i * w->dilation[0]);
            const uint32_t c = (uint32_t)(column + (int32_t)j * w->dilation[1]);
            const int32_t v = mote_value_at(p->x, p->type, ((size_t)r * w->width + c) * w->channels + channel);
            sum += v;
            most = v > most ? v : most;
        }
    if (!p->average)
        return most < p->high ? most : p->high;
    const int32_t taps = (int32_t)(w->rows * w->columns);
    int32_t count = (int32_t)((in->end[0] - in->begin[0]) * (in->end[1] - in->begin[1]));
    if (p->counts_padding) {
        sum += (taps - count) * p->zero;
        count = taps;
    }
    if (!count)
        return p->zero;
    const int32_t mean = (sum + (sum > 0 ? count / 2 : -(count / 2))) / count;
    return mean < p->low ? p->low : mean > p->high ? p->high : mean;
}

static void slide(const pool *p, void *y)
{
    const mote_slide *w = &p->w;
    size_t at = 0;
    part in;
    for (uint32_t r = 0; r < w->out_height; r++) {
        const int32_t row = (int32_t)r * w->stride[0] - w->before[0];
        clip(&in, 0, row, w->dilation[0], w->rows, w->height);
        for (uint32_t c = 0; c < w->out_width; c++) {
            const int32_t column = (int32_t)c * w->stride[1] - w->before[1];
            clip(&in, 1, column, w->dilation[1], w->columns, w->width);
            for (uint32_t n = 0; n < w->channels; n++)
                mote_value_put(y, p->type, at++, value_of(p, &in, row, column, n));
        }
    }
}

static int fits(const mote_model *m, const mote_op_view *op, const int32_t *ending)
{
    const mote_tensor_record *x = mote_record(m, op->inputs[0]), *y = mote_record(m, op->outputs[0]);
    if (!mote_affine_fits(m, op->inputs[0], MOTE_AFFINE) || !mote_affine_fits(m, op->outputs[0], MOTE_AFFINE) ||
        !mote_same_affine(x, y) || !mote_slide_fits(x, y, op->params) || !mote_ending_fits(m, op->outputs[0], ending))
        return 0;
    const mote_slide w = mote_slide_of(x, y, op->params);
    return w.channels == w.out_channels && w.rows * w.columns <= 32768 && mote_slide_reaches(&w, op->params);
}

static uint64_t work(const mote_model *m, const mote_op_view *op)
{
    return (uint64_t)mote_count_of(mote_record(m, op->outputs[0])) * (uint32_t)op->params[MOTE_WINDOW_KERNEL_HEIGHT] *
           (uint32_t)op->params[MOTE_WINDOW_KERNEL_WIDTH];
}

static void run(const mote_session *s, uint32_t x, uint32_t y, const int32_t *params, const int32_t *ending,
                int average, int counts_padding)
{
    const mote_tensor_record *from = mote_record(s->model, x), *to = mote_record(s->model, y);
    const pool p = {
        .w = mote_slide_of(from, to, params),
        .x = mote_data(s, x),
        .type = from->dtype,
        .zero = from->zero_point,
        .low = ending[MOTE_ENDING_LOW],
        .high = ending[MOTE_ENDING_HIGH],
        .average = average,
        .counts_padding = counts_padding,
    };
    slide(&p, mote_data_mutable(s, y));
}

static int max_fits(const mote_model *m, const mote_op_view *op)
{
    return fits(m, op, op->params + MOTE_MAX_POOL_LOW);
}

static void max_run(const mote_session *s, const uint16_t *operands, const int32_t *params)
{
    run(s, operands[MOTE_MAX_POOL_X], operands[MOTE_OUT(MAX_POOL, Y)], params, params + MOTE_MAX_POOL_LOW, 0, 0);
}

static int average_fits(const mote_model *m, const mote_op_view *op)
{
    return mote_in_range(op->params[MOTE_AVERAGE_POOL_COUNTS_PADDING], 0, 1) &&
           fits(m, op, op->params + MOTE_AVERAGE_POOL_LOW);
}

static void average_run(const mote_session *s, const uint16_t *operands, const int32_t *params)
{
    run(s, operands[MOTE_AVERAGE_POOL_X], operands[MOTE_OUT(AVERAGE_POOL, Y)], params, params + MOTE_AVERAGE_POOL_LOW,
        1, params[MOTE_AVERAGE_POOL_COUNTS_PADDING]);
}

const mote_op_kind mote_op_max_pool = {.fits = max_fits, .run = max_run, .work = work};
const mote_op_kind mote_op_average_pool = {.fits = average_fits, .run = average_run, .work = work};
