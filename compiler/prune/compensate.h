/* Compensates for pruned weights with the weights that stay. */
#ifndef MOTE_COMPILER_COMPENSATE_H
#define MOTE_COMPILER_COMPENSATE_H

#include "compiler/quantize/hessian.h"

/* Replaces each row w of weights [rows, h->columns] by the v that is 0 where keep [rows·columns] is 0 and that
 * minimizes Σ (v·x − w·d)² + λ·|v − w|² over the inputs d of the dense model and x of the pruned model. h = Σ x·xᵀ,
 * cross [columns, columns] = Σ d·xᵀ and λ = damping · mean(diag h), with damping above 0. A whole row is solved
 * exactly; the optimal brain surgeon (Hassibi and Stork 1993) and SparseGPT (Frantar and Alistarh 2023) proceed weight
 * by weight. Errors: MOTE_E_INTERNAL, MOTE_E_UNSUPPORTED for statistics that cannot be inverted. */
bool mote_compensate(float *weights, const uint8_t *keep, uint32_t rows, const mote_hessian *h, const float *cross,
                     double damping, mote_error *error);

/* Chooses keep [rows·columns] for mote_compensate: removes `removed` weights of each row, one after another, each time
 * the one whose removal costs least after compensation by all kept weights (Frantar and Alistarh 2022, Optimal Brain
 * Compression). Weights that are 0 in `keep` are removed first and count. Takes rows · removed · columns² steps.
 * Errors: as mote_compensate. */
bool mote_compensate_choose(const float *weights, uint8_t *keep, uint32_t rows, uint32_t removed, const mote_hessian *h,
                            const float *cross, double damping, mote_error *error);

#endif
