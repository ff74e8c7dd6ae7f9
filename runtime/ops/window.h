/* A window that moves over an image [height, width, channels]. */
#ifndef MOTE_RUNTIME_WINDOW_H
#define MOTE_RUNTIME_WINDOW_H

#include "affine.h"

typedef struct mote_window {
    uint32_t height, width, channels; /* of the input */
    uint32_t out_height, out_width, out_channels;
    uint32_t rows, columns;  /* of the window */
    int32_t stride[2], dilation[2], before[2];
} mote_window;

/* params: WINDOW_PARAMS. x and y: ranks 3. */
mote_window mote_window_of(const mote_tensor_record *x, const mote_tensor_record *y, const int32_t *params);

/* 1 if x and y are images and the parameters are in range. */
int mote_window_fits(const mote_tensor_record *x, const mote_tensor_record *y, const int32_t *params);
/* 1 if y has the height and width that the window gives. */
int mote_window_slides(const mote_window *w, const int32_t *params);

#endif
