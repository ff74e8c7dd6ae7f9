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

/* Adds the inputs x [rows, columns]. */
void mote_hessian_add(mote_hessian *h, const float *x, uint32_t rows);

/* Writes the upper Cholesky factor U of the inverse, (H + damping·mean(diag H)·I)⁻¹ = Uᵀ·U, to u [columns, columns],
 * row major, zero below the diagonal. Once the weights up to j are fixed and weight j has the error e = w − step·code,
 * the best change of a later weight k is −e·U[j,k]/U[j,j]. The diagonal of a column whose inputs were all 0 counts as
 * the mean. damping: above 0, usually 0.01. Errors: MOTE_E_INTERNAL, MOTE_E_UNSUPPORTED for statistics that cannot be
 * inverted. */
bool mote_hessian_inverse_factor(const mote_hessian *h, float damping, float *u, mote_error *error);

/* Factors a [n, n] = L·Lᵀ in place. L is in the lower triangle, the upper triangle is unchanged. Returns false if a is
 * not positive definite. */
bool mote_cholesky(double *a, size_t n);

#endif
