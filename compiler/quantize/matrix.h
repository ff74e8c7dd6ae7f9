/* A float matrix as integer codes, on its way into a packed graph. */
#ifndef MOTE_COMPILER_MATRIX_H
#define MOTE_COMPILER_MATRIX_H

#include "compiler/graph/graph.h"
#include "compiler/quantize/scheme.h"

typedef struct mote_matrix {
    mote_dtype dtype; /* of weights */
    uint32_t rows, columns;
    int16_t *codes; /* [rows, columns] */
    float *scales;  /* [rows]: w ≈ scale · code, all > 0 */
} mote_matrix;

/* From a constant F32 tensor of rank 2. Rows without a code but 0 get the scale of the largest row. On failure there
 * is nothing to free. */
bool mote_matrix_init(mote_matrix *m, const mote_tensor *weights, mote_scheme scheme, mote_granularity granularity,
                      bool five_trits, mote_error *error);
void mote_matrix_free(mote_matrix *m);

/* Raises every scale to at least `floor`, the codes of such a row taking what is then nearest (signs stay). */
void mote_matrix_raise_scales(mote_matrix *m, float floor);

/* How the integer product W·x becomes an output of unit `y_scale`: the requantisation of docs/SPEC.md. */
typedef struct mote_requantisation {
    int32_t shift, gain;
    int32_t *bias;       /* [rows] */
    int16_t *multiplier; /* [rows], NULL when the shift alone does it */
    uint32_t bound;      /* of |accumulator| */
} mote_requantisation;

/* `bias` is [rows] in real units, or NULL. Chooses the smallest gain, and with it the most precise shift, for which no
 * row is cut off short of the output's own range; rounds to nearest by what it adds to the bias. `name` is for the
 * message when no shift fits. On failure there is nothing to free. */
bool mote_requantisation_init(mote_requantisation *q, const mote_matrix *m, const float *bias, float x_scale,
                              float y_scale, const char *name, mote_error *error);
void mote_requantisation_free(mote_requantisation *q);

#endif
