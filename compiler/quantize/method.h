/* A recipe carried out: scales, then codes, by the method it names. */
#ifndef MOTE_COMPILER_METHOD_H
#define MOTE_COMPILER_METHOD_H

#include "compiler/quantize/hessian.h"
#include "compiler/quantize/matrix.h"

/* From a constant F32 tensor of rank 2. `h`, or NULL, has the statistics of the inputs it multiplies; without them
 * inputs count alike, and GPTQ is MSE. Rows without a code but 0 get the scale of the largest row. On failure there is
 * nothing to free. Errors: MOTE_E_FORMAT weights that are not finite, or beyond fp16. */
bool mote_matrix_init(mote_matrix *m, const mote_tensor *weights, const mote_recipe *recipe, const mote_hessian *h,
                      mote_error *error);

#endif
