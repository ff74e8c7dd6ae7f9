/* Codes that make up for each other's errors: weights are rounded one after another, and what a rounding changes in
 * the product is taken back, as far as it can be, by the weights still to come (Frantar et al., GPTQ, 2022, after
 * Hassibi and Stork's optimal brain surgeon). */
#ifndef MOTE_COMPILER_GPTQ_H
#define MOTE_COMPILER_GPTQ_H

#include "compiler/quantize/hessian.h"
#include "compiler/quantize/matrix.h"

/* Of a row's error d: d·(H + damping)·dᵀ, damping as below. Doubles all the way, for tests and reports. */
double mote_hessian_error(const mote_hessian *h, float damping, const float *d);

/* Fills m->codes, given m->scales and m->groups. Columns in the order of their inputs' mean squares, the largest first;
 * then, in sweeps, each code to the best it can be with all others fixed, and (a scale a row, not a power of two) the
 * scale to the best for its codes; the error never grows by either. `damping`: what is added to H's diagonal, in means
 * of it. */
bool mote_gptq(mote_matrix *m, const float *weights, const mote_recipe *recipe, const mote_hessian *h, float damping,
               mote_error *error);

#endif
