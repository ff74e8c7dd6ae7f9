/* The outputs of one place of a window of int8 that lies inside the image: four rows of weights at a time, or channel
 * by channel for a depthwise convolution. */
#include "conv.h"

#define MOST_TAPS 64

/* Sums of rows n..n+3 over one row of the window: `count` neighbouring values. */
static void add_four(const int8_t *const w[4], const int8_t *x, uint32_t count, int32_t sums[4])
{
    const int8_t *a = w[0], *b = w[1], *c = w[2], *d = w[3];
    int32_t p = 0, q = 0, r = 0, s = 0;
    for (uint32_t k = 0; k < count; k++) {
        const int32_t v = x[k];
        p += v * a[k];
        q += v * b[k];
        r += v * c[k];
        s += v * d[k];
    }
    sums[0] += p, sums[1] += q, sums[2] += r, sums[3] += s;
}

static void dense(const mote_conv *c, const int8_t *x, size_t at)
{
    const mote_slide *w = &c->w;
    const uint32_t count = w->columns * c->inner;
    const size_t down = (size_t)w->dilation[0] * w->width * w->channels;
    for (uint32_t n = 0; n < w->out_channels; n += 4) {
        const int8_t *rows[4];
        int32_t sums[4] = {0};
        for (uint32_t i = 0; i < 4; i++) /* the last row stands in for those past it */
            rows[i] =
                (const int8_t *)c->weights + (size_t)(n + i < w->out_channels ? n + i : w->out_channels - 1) * c->pitch;
        const int8_t *from = x;
        for (uint32_t r = 0; r < w->rows; r++, from += down) {
            add_four(rows, from, count, sums);
            for (uint32_t i = 0; i < 4; i++)
                rows[i] += count;
        }
        for (uint32_t i = 0; i < 4 && n + i < w->out_channels; i++)
            mote_conv_store(c, n + i, at + n + i, sums[i]);
    }
}

static void depthwise(const mote_conv *c, const int8_t *x, size_t at)
{
    const mote_slide *w = &c->w;
    const uint32_t taps = w->rows * w->columns;
    uint32_t offsets[MOST_TAPS], t = 0;
    for (uint32_t i = 0; i < w->rows; i++)
        for (uint32_t j = 0; j < w->columns; j++)
            offsets[t++] = (i * (uint32_t)w->dilation[0] * w->width + j * (uint32_t)w->dilation[1]) * w->channels;
    const int8_t *row = (const int8_t *)c->weights;
    for (uint32_t n = 0, left = c->outer; n < w->out_channels; n++, row += c->pitch) {
        int32_t sum = 0;
        for (uint32_t k = 0; k < taps; k++)
            sum += row[k] * x[offsets[k]];
        mote_conv_store(c, n, at + n, sum);
        if (--left == 0) {
            left = c->outer;
            x++;
        }
    }
}

mote_conv_place *mote_conv_bytes(const mote_conv *c)
{
    if (c->x_type != MOTE_I8 || c->weights_type != MOTE_I8)
        return NULL;
    if (c->inner == 1 && c->w.channels > 1)
        return c->w.rows * c->w.columns <= MOST_TAPS ? depthwise : NULL;
    return c->inner == c->w.channels && c->w.dilation[1] == 1 ? dense : NULL;
}
