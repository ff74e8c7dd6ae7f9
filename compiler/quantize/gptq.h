/* GPTQ: rounds the weights of a row one after another and compensates for the change in the product, as far as
 * possible, with the weights that are still to be rounded (Frantar et al., GPTQ, 2022, after Hassibi and Stork's
 * optimal brain surgeon). */
#ifndef MOTE_COMPILER_GPTQ_H
#define MOTE_COMPILER_GPTQ_H

#include "compiler/quantize/hessian.h"
#include "compiler/quantize/matrix.h"

/* Returns d·(H + damping)·dᵀ of a row's error d, with damping as below. Computes in double, for tests and reports. */
double mote_hessian_error(const mote_hessian *h, float damping, const float *d);

/* Fills m->codes, given m->scales and m->groups. Rounds columns in descending order of the mean square of their inputs.
 * Then sweeps over the row: sets each code to its best value with all others fixed and, with a scale per row that is no
 * power of two, sets the scale to the best for the codes. Neither step increases the error. `damping` is added to H's
 * diagonal, in multiples of its mean. */
bool mote_gptq(mote_matrix *m, const float *weights, const mote_recipe *recipe, const mote_hessian *h, float damping,
               mote_error *error);

#endif
