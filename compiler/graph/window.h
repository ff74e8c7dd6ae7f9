/* A window that moves over the rows and columns of an image [height, width, channels] and stops at rows · columns
 * positions. */
#ifndef MOTE_COMPILER_WINDOW_H
#define MOTE_COMPILER_WINDOW_H

#include "compiler/graph/operator.h"

/* One axis of the window: rows or columns. */
typedef struct mote_window_axis {
    int64_t size; /* of the image */
    int64_t kernel, stride, dilation, before, after;
    int64_t positions;
} mote_window_axis;

typedef struct mote_window {
    mote_window_axis y, x;
    size_t channels; /* of the image */
} mote_window;

/* The taps of a window that lie inside the image along one axis: first to end − 1, at places start + tap·dilation. */
typedef struct mote_taps {
    int64_t first, end, start;
} mote_taps;

mote_taps mote_window_taps(const mote_window_axis *a, int64_t position);

/* Reads the window of an operator. `first` is the index of its first parameter of WINDOW_PARAMS. `image` and `at` are
 * tensors [rows, columns, channels]: the image and the positions. */
mote_window mote_window_from(const mote_op *op, int first, const mote_tensor *image, const mote_tensor *at);

/* Computes the number of positions over an image, or, if `transposed`, the size of an image from the number of
 * positions: dims of [y, x] from those of input 0. Fails if the parameters do not fit. */
bool mote_window_infer(const mote_graph *g, const mote_op *op, int first, bool transposed, int64_t dims[2],
                       mote_error *error);

#endif
