/* Scales of the least squared error: large weights may be cut off where that lets the others be finer. */
#ifndef MOTE_COMPILER_CLIP_H
#define MOTE_COMPILER_CLIP_H

#include "compiler/quantize/matrix.h"

/* Weights that share a step. */
typedef struct mote_block {
    const float *weights;    /* [rows, columns], rows `stride` apart */
    const float *importance; /* [columns]: what the squared error of a column's weights counts */
    uint32_t rows, columns;
    size_t stride;
} mote_block;

/* Σ importance·(w − step·code)² with every weight's nearest code. */
double mote_block_error(const mote_block *b, mote_scheme scheme, float step);

/* The step of the least such error among 80 from max|w| / top downwards, made better by the least-squares step of its
 * codes; with pow2 the best power of two. `full` takes the first of them, with which nothing is cut off. 1 for zeros.
 */
float mote_block_step(const mote_block *b, mote_scheme scheme, bool pow2, bool full);

/* The nearest code of w / step. */
int16_t mote_nearest_code(mote_scheme scheme, float value);

/* Fills m->scales and m->groups (of m->group and the sizes given): a step for what shares a scale; with groups, the
 * scale and the factors whose products are closest to the groups' own best steps in error. */
bool mote_fit_scales(mote_matrix *m, const float *weights, const float *importance, const mote_recipe *recipe,
                     mote_error *error);

#endif
