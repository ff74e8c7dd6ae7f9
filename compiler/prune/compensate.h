/* What is left of a matrix takes over for what was pruned. */
#ifndef MOTE_COMPILER_COMPENSATE_H
#define MOTE_COMPILER_COMPENSATE_H

#include "compiler/quantize/hessian.h"

/* For each row w of weights [rows, h->columns], the v that is 0 where keep [rows·columns] is and that minimises
 * Σ (v·x − w·d)² + λ·|v − w|² over inputs d of the model as it was and x of the model as it is, with h = Σ x·xᵀ,
 * cross [columns, columns] = Σ d·xᵀ and λ = damping · mean(diag h), damping above 0. The whole row is solved exactly,
 * where the optimal brain surgeon (Hassibi and Stork 1993) and SparseGPT (Frantar and Alistarh 2023) go weight by
 * weight. Errors: MOTE_E_INTERNAL. */
bool mote_compensate(float *weights, const uint8_t *keep, uint32_t rows, const mote_hessian *h, const float *cross,
                     double damping, mote_error *error);

/* Chooses keep [rows·columns] for mote_compensate: of each row `removed` weights, one after another the one whose loss,
 * made up for by all that are left, costs least (Frantar and Alistarh 2022, Optimal Brain Compression). Weights that
 * keep has marked 0 before go first and count. rows · removed · columns² steps. Errors: MOTE_E_INTERNAL. */
bool mote_compensate_choose(const float *weights, uint8_t *keep, uint32_t rows, uint32_t removed, const mote_hessian *h,
                            const float *cross, double damping, mote_error *error);

#endif
