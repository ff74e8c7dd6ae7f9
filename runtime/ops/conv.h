/* A convolution, and its transposition, in portable C. */
#ifndef MOTE_RUNTIME_CONV_H
#define MOTE_RUNTIME_CONV_H

#include "slide.h"
#include "weight.h"

typedef struct mote_conv {
    mote_slide w;
    const void *x;
    uint32_t x_type;
    int32_t x_zero;
    const uint8_t *weights; /* [out_channels] rows of `pitch` bytes */
    uint32_t weights_type, pitch;
    uint32_t inner;      /* channels of a part: x channels / parts */
    uint32_t outer;      /* out channels / parts */
    const int32_t *bias; /* [out_channels], or NULL */
    const int32_t *multipliers;
    const int8_t *shifts;
    mote_ending ending;
    void *y;
    uint32_t y_type;
} mote_conv;

/* 1 if the operands of CONV or CONV_TRANSPOSE fit together, apart from the place of the window. Both have the same
 * operands and parameters. */
int mote_conv_fits(const mote_model *m, const mote_op_view *op, int transposed);
int mote_conv_is_left_out(const mote_model *m, const mote_op_view *op);
mote_conv mote_conv_of(const mote_session *s, const uint16_t *operands, const int32_t *params);

/* Multiplies the values from x[at] on, `count` of them, or the zero point `count` times if at is SIZE_MAX, by the
 * weights of output n from `column` on. */
int64_t mote_conv_dot(const mote_conv *c, uint32_t n, uint32_t column, size_t at, uint32_t count, int32_t less);

/* Ends the sum of output n and stores it at y[at]. */
void mote_conv_store(const mote_conv *c, uint32_t n, size_t at, int64_t sum);

/* Computes all outputs of a window whose first value is *x, inside the image, and stores them from y[at] on. */
typedef void mote_conv_place(const mote_conv *c, const int8_t *x, size_t at);
mote_conv_place *mote_conv_bytes(const mote_conv *c); /* NULL for shapes and types that have no such function */

#endif
