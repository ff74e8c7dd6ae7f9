/* The products of CONV and CONV_TRANSPOSE. A convolution maps the windows of an image [height, width, parts·inputs] to
 * positions [rows, columns, parts·outputs]. Its weights are [parts·outputs, taps·inputs]: column tap·inputs + k belongs
 * to channel k of the part. CONV_TRANSPOSE is a convolution from y to x that runs backward. */
#ifndef MOTE_COMPILER_CONVOLUTION_H
#define MOTE_COMPILER_CONVOLUTION_H

#include "compiler/graph/window.h"

typedef struct mote_convolution {
    mote_window window;
    uint32_t parts, inputs, outputs; /* inputs and outputs of one part */
    uint32_t taps;
    size_t images;        /* rows of the batch */
    float *scratch;       /* mote_convolution_scratch floats */
    const float *forward; /* weights that mote_convolution_prepare packed, mote_convolution_size floats each */
    const float *backward;
} mote_convolution;

/* Returns the convolution of a CONV, or that which a CONV_TRANSPOSE runs backward, without memory. */
mote_convolution mote_convolution_of(const mote_graph *g, const mote_op *op);

size_t mote_convolution_scratch(const mote_convolution *c);
/* Returns the size of the packed weights for forward, or for the gradient of the image. */
size_t mote_convolution_size(const mote_convolution *c, bool backward);
void mote_convolution_prepare(const mote_convolution *c, const float *weights, float *packed, bool backward);

/* Computes positions = (or, with `add`, +=) the convolution of image. */
void mote_convolution_forward(const mote_convolution *c, float *positions, const float *image, bool add);
/* Writes the windows at `count` positions of an image as rows of `patches` [count, taps·inputs], as the part reads
 * them. Position r·columns + s is that of row r and column s. */
void mote_convolution_patches(const mote_convolution *c, const float *image, uint32_t part, size_t first, size_t count,
                              float *patches);

/* Adds to the image what each position contributes to the gradient of its window. */
void mote_convolution_backward(const mote_convolution *c, float *image, const float *positions);
/* Adds to the gradient of the weights. `gradient` is the gradient of the positions. */
void mote_convolution_gradient(const mote_convolution *c, float *weights, const float *image, const float *gradient);

#endif
