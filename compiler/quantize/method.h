/* Quantizes a matrix by its recipe. */
#ifndef MOTE_COMPILER_METHOD_H
#define MOTE_COMPILER_METHOD_H

#include "compiler/quantize/hessian.h"
#include "compiler/quantize/matrix.h"

/* Makes scales and codes of a constant F32 tensor of rank 2. `h` has the statistics of its inputs, or is NULL; without
 * statistics, all inputs count alike and GPTQ becomes MSE. Rows whose codes are all 0 get the largest scale of the
 * other rows. Errors: MOTE_E_FORMAT for weights that are not finite, or beyond fp16. On failure there is nothing to
 * free. */
bool mote_matrix_init(mote_matrix *m, const mote_tensor *weights, const mote_recipe *recipe, const mote_hessian *h,
                      mote_error *error);

#endif
