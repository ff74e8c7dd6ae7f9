/* Chooses scales of least squared error. Large weights may be clipped if that makes the others more precise. */
#ifndef MOTE_COMPILER_CLIP_H
#define MOTE_COMPILER_CLIP_H

#include "compiler/quantize/matrix.h"

/* A block of weights that share a step. */
typedef struct mote_block {
    const float *weights;    /* [rows, columns], rows `stride` apart */
    const float *importance; /* [columns]: factor of a column's squared errors */
    uint32_t rows, columns;
    size_t stride;
} mote_block;

/* Returns Σ importance·(w − step·code)² with the nearest code of every weight. */
double mote_block_error(const mote_block *b, mote_scheme scheme, float step);

/* Returns the step of least block error. Tries 80 steps from max|w| / top downwards and refines the best by the
 * least-squares step of its codes. With `pow2`, returns the best of six powers of two. With `full`, returns the first
 * step, which clips nothing. Returns 1 if all weights are 0. */
float mote_block_step(const mote_block *b, mote_scheme scheme, bool pow2, bool full);

/* Returns the code nearest to `value`, which is w / step. */
int16_t mote_nearest_code(mote_scheme scheme, float value);

/* Fills m->scales and m->groups, given m->group and the sizes. Rows that share a scale form one block. With groups,
 * chooses the scale and the factors of least error, near the best steps of the single groups. */
bool mote_fit_scales(mote_matrix *m, const float *weights, const float *importance, const mote_recipe *recipe,
                     mote_error *error);

#endif
