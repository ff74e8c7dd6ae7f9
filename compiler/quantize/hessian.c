#include "compiler/quantize/hessian.h"

#include <cblas.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/room.h"

/* Prepares OpenBLAS, which all statistics go through. It has no room of its own before its first product. */
static bool prepare_blas(mote_error *error)
{
    static atomic_bool prepared;
    if (!atomic_load(&prepared) && !mote_has_room(MOTE_BLAS_BUFFER, 1))
        return mote_fail(error, MOTE_E_INTERNAL, "out of memory: OpenBLAS needs %zu MB; raise the limit (ulimit -v)",
                         MOTE_BLAS_BUFFER >> 20);
    openblas_set_num_threads(1);
    atomic_store(&prepared, true);
    return true;
}

bool mote_hessian_init(mote_hessian *h, uint32_t columns, mote_error *error)
{
    if (!prepare_blas(error))
        return false;
    *h = (mote_hessian){.columns = columns, .sum = calloc((size_t)columns * columns + 1, sizeof *h->sum)};
    return h->sum || mote_fail(error, MOTE_E_INTERNAL, "out of memory for the statistics of %u inputs", columns);
}

void mote_hessian_free(mote_hessian *h)
{
    free(h->sum);
    *h = (mote_hessian){0};
}

void mote_hessian_add(mote_hessian *h, const float *x, uint32_t rows)
{
    const int n = (int)h->columns;
    cblas_ssyrk(CblasRowMajor, CblasLower, CblasTrans, n, (int)rows, 1, x, n, 1, h->sum, n);
    h->rows += rows;
}

bool mote_cholesky(double *a, size_t n)
{
    for (size_t j = 0; j < n; j++) {
        double *row = a + j * n;
        const double pivot = row[j] - cblas_ddot((int)j, row, 1, row, 1);
        if (!(pivot > 0))
            return false;
        row[j] = sqrt(pivot);
        for (size_t i = j + 1; i < n; i++)
            a[i * n + j] = (a[i * n + j] - cblas_ddot((int)j, a + i * n, 1, row, 1)) / row[j];
    }
    return true;
}

/* Loads the damped H with its columns in reverse order. With P the reversal and P·H·P = L·Lᵀ, H⁻¹ =
 * (P·L⁻¹·P)ᵀ·(P·L⁻¹·P), and P·L⁻¹·P is upper triangular. */
static void load_reversed(const mote_hessian *h, double damping, double *a)
{
    const size_t n = h->columns;
    double mean = 0;
    for (size_t i = 0; i < n; i++)
        mean += (double)h->sum[i * n + i] / (double)n;
    mean = mean > 0 ? mean : 1;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j <= i; j++) {
            const size_t row = n - 1 - j, column = n - 1 - i; /* lower triangle of H: row ≥ column */
            double value = (double)h->sum[row * n + column];
            if (i == j)
                value = (value > 0 ? value : mean) + damping * mean;
            a[i * n + j] = value;
        }
}

bool mote_hessian_inverse_factor(const mote_hessian *h, float damping, float *u, mote_error *error)
{
    const size_t n = h->columns;
    double *a = calloc(2 * n * n + 1, sizeof *a);
    if (!a)
        return mote_fail(error, MOTE_E_INTERNAL, "out of memory for the statistics of %zu inputs", n);
    double *inverse = a + n * n;
    load_reversed(h, (double)damping, a);
    const bool positive = mote_cholesky(a, n);
    for (size_t i = 0; positive && i < n; i++)
        inverse[i * n + i] = 1;
    if (positive)
        cblas_dtrsm(CblasRowMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, (int)n, (int)n, 1, a, (int)n,
                    inverse, (int)n);
    for (size_t i = 0; positive && i < n * n; i++)
        u[i] = (float)inverse[n * n - 1 - i];
    free(a);
    return positive || mote_fail(error, MOTE_E_UNSUPPORTED,
                                 "the statistics of %zu inputs cannot be inverted; they are too large or too alike", n);
}
