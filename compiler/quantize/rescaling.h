/* How the integer product W·x becomes an output: the requantization of docs/SPEC.md. */
#ifndef MOTE_COMPILER_RESCALING_H
#define MOTE_COMPILER_RESCALING_H

#include "compiler/quantize/matrix.h"

/* What goes in and what comes out. */
typedef struct mote_product_form {
    mote_dtype x;           /* I8, I8V or I16 */
    float x_scale, y_scale; /* units; of I8V the unit of what was quantized. With I8V both are powers of two */
} mote_product_form;

typedef struct mote_rescaling {
    int32_t shift, gain;
    int32_t exponent;    /* with I8V: MOTE_PRODUCT_EXPONENT, else 0 */
    int32_t *bias;       /* [rows] */
    int16_t *multiplier; /* [rows], NULL when the shift alone does it */
    uint32_t bound;      /* of |accumulator| */
} mote_rescaling;

/* `bias` is [rows] in real units, or NULL; always NULL with I8V, whose scale is not known here. Rounds to nearest by
 * what it adds to the bias. Otherwise chooses the smallest gain, and with it the most precise shift, for which no row
 * is cut off short of the output's own range; with I8V the most precise shift for which no row can be cut off at all.
 * `name` is for the message when no shift fits. On failure there is nothing to free. */
bool mote_rescaling_init(mote_rescaling *q, const mote_matrix *m, const float *bias, const mote_product_form *form,
                         const char *name, mote_error *error);
void mote_rescaling_free(mote_rescaling *q);

#endif
