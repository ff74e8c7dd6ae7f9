#include "window.h"

#define MOST 32767

mote_window mote_window_of(const mote_tensor_record *x, const mote_tensor_record *y, const int32_t *p)
{
    return (mote_window){
        .height = x->dims[0],
        .width = x->dims[1],
        .channels = x->dims[2],
        .out_height = y->dims[0],
        .out_width = y->dims[1],
        .out_channels = y->dims[2],
        .rows = (uint32_t)p[MOTE_WINDOW_KERNEL_HEIGHT],
        .columns = (uint32_t)p[MOTE_WINDOW_KERNEL_WIDTH],
        .stride = {p[MOTE_WINDOW_STRIDE_HEIGHT], p[MOTE_WINDOW_STRIDE_WIDTH]},
        .dilation = {p[MOTE_WINDOW_DILATION_HEIGHT], p[MOTE_WINDOW_DILATION_WIDTH]},
        .before = {p[MOTE_WINDOW_TOP], p[MOTE_WINDOW_LEFT]},
    };
}

int mote_window_fits(const mote_tensor_record *x, const mote_tensor_record *y, const int32_t *p)
{
    int fits = x->rank == 3 && y->rank == 3;
    for (uint32_t i = 0; i < 3; i++)
        fits = fits && x->dims[i] <= MOST && y->dims[i] <= MOST;
    for (uint32_t i = MOTE_WINDOW_KERNEL_HEIGHT; i <= MOTE_WINDOW_DILATION_WIDTH; i++)
        fits = fits && mote_in_range(p[i], 1, MOST);
    return fits && mote_in_range(p[MOTE_WINDOW_TOP], 0, MOST) && mote_in_range(p[MOTE_WINDOW_LEFT], 0, MOST) &&
           mote_in_range(p[MOTE_WINDOW_BOTTOM], -MOST, MOST) && mote_in_range(p[MOTE_WINDOW_RIGHT], -MOST, MOST);
}

/* 1 if a window of `taps` taps has `count` places in `size` values. */
static int places_fit(int32_t size, int32_t padding, uint32_t taps, int32_t stride, int32_t dilation, uint32_t count)
{
    const int64_t left = (int64_t)size + padding - (int64_t)(taps - 1) * dilation - 1;
    return left >= 0 && left / stride + 1 == count;
}

int mote_window_slides(const mote_window *w, const int32_t *p)
{
    return places_fit((int32_t)w->height, p[MOTE_WINDOW_TOP] + p[MOTE_WINDOW_BOTTOM], w->rows, w->stride[0],
                      w->dilation[0], w->out_height) &&
           places_fit((int32_t)w->width, p[MOTE_WINDOW_LEFT] + p[MOTE_WINDOW_RIGHT], w->columns, w->stride[1],
                      w->dilation[1], w->out_width);
}
