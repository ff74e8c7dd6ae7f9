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

#endif
