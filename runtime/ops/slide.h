/* A window that moves over an image [height, width, channels]. */
#ifndef MOTE_RUNTIME_SLIDE_H
#define MOTE_RUNTIME_SLIDE_H

#include "affine.h"

typedef struct mote_slide {
    uint32_t height, width, channels; /* of the input */
    uint32_t out_height, out_width, out_channels;
    uint32_t rows, columns; /* of the window */
    int32_t stride[2], dilation[2], before[2];
} mote_slide;

/* params: WINDOW_PARAMS. x and y: ranks 3. */
mote_slide mote_slide_of(const mote_tensor_record *x, const mote_tensor_record *y, const int32_t *params);

/* 1 if x and y are images and the parameters are in range. */
int mote_slide_fits(const mote_tensor_record *x, const mote_tensor_record *y, const int32_t *params);
/* 1 if y has the height and width that the window gives. */
int mote_slide_reaches(const mote_slide *w, const int32_t *params);

#endif
