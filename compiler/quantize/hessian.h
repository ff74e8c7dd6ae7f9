/* Second-order statistics of matrix products: H = Σ x·xᵀ over the inputs x of a matrix. The squared error of a product
 * under a change D of its weights is Σ over rows d of D: d·H·dᵀ (Hassibi and Stork 1993; per layer: Frantar and
 * Alistarh 2022). */
#ifndef MOTE_COMPILER_HESSIAN_H
#define MOTE_COMPILER_HESSIAN_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

typedef struct mote_hessian {
    uint32_t columns;
    uint64_t rows; /* inputs seen */
    float *sum;    /* [columns, columns], the lower triangle; owned */
} mote_hessian;

bool mote_hessian_init(mote_hessian *h, uint32_t columns, mote_error *error); /* on failure nothing to free */
void mote_hessian_free(mote_hessian *h);

/* x [rows, columns]. */
void mote_hessian_add(mote_hessian *h, const float *x, uint32_t rows);

/* The upper Cholesky factor U of the inverse, (H + damping·mean(diag H)·I)⁻¹ = Uᵀ·U, into u [columns, columns], row
 * major, zero below the diagonal. Row j of U beyond its diagonal, over the diagonal, is what the weights after j change
 * by, per unit of error made in weight j, once those before j are fixed. A column that no input ever moved counts as
 * one of the mean. damping: 0.01 is usual, above 0. Errors: MOTE_E_INTERNAL. */
bool mote_hessian_inverse_factor(const mote_hessian *h, float damping, float *u, mote_error *error);

/* a [n, n] = L·Lᵀ in place, L in the lower triangle, the upper untouched; false when a is not positive definite. */
bool mote_cholesky(double *a, size_t n);

#endif
