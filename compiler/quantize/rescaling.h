/* Chooses the requantization (docs/SPEC.md) of an integer product W·x. */
#ifndef MOTE_COMPILER_RESCALING_H
#define MOTE_COMPILER_RESCALING_H

#include "compiler/quantize/matrix.h"

/* Types and scales of a product's input and output. */
typedef struct mote_product_form {
    mote_dtype x;           /* I8, I8V or I16 */
    float x_scale, y_scale; /* with I8V both are powers of two, and x_scale is that of the vector before quantization */
} mote_product_form;

typedef struct mote_rescaling {
    int32_t shift, gain;
    int32_t exponent;    /* with I8V: MOTE_PRODUCT_EXPONENT, else 0 */
    int32_t *bias;       /* [rows] */
    int16_t *multiplier; /* [rows], NULL if the shift alone suffices */
    uint32_t bound;      /* largest |accumulator| */
} mote_rescaling;

/* Chooses shift, gain, biases and multipliers. `bias` is [rows] in real units, or NULL; with I8V always NULL, because
 * the input's scale is not known. The stored bias includes rounding to nearest. Chooses the smallest gain, and with it
 * the most precise shift, for which no row saturates before the output does; with I8V, the most precise shift for which
 * no row can saturate at all. `name` is for the error message. On failure there is nothing to free. */
bool mote_rescaling_init(mote_rescaling *q, const mote_matrix *m, const float *bias, const mote_product_form *form,
                         const char *name, mote_error *error);
void mote_rescaling_free(mote_rescaling *q);

#endif
