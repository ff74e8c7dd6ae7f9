/* What is left of a matrix takes over for what was pruned. */
#ifndef MOTE_COMPILER_COMPENSATE_H
#define MOTE_COMPILER_COMPENSATE_H

#include "compiler/quantize/hessian.h"

/* For each row w of weights [rows, h->columns], the v that is 0 where keep [rows·columns] is and minimises
 * (v − w)·(H + λ·I)·(v − w)ᵀ with λ = damping · mean(diag H), damping above 0: the whole row is solved exactly, where
 * the optimal brain surgeon (Hassibi and Stork 1993) and SparseGPT (Frantar and Alistarh 2023) go weight by weight.
 * Errors: MOTE_E_INTERNAL. */
bool mote_compensate(float *weights, const uint8_t *keep, uint32_t rows, const mote_hessian *h, double damping,
                     mote_error *error);

#endif
