#include "compiler/prune/compensate.h"

#include <cblas.h>
#include <stdlib.h>
#include <string.h>

/* The factor of H over the columns that stay lives on while the next row keeps the same ones, as in blocks of rows. */
typedef struct solver {
    size_t n;
    double *hessian; /* [n, n], damped, both triangles */
    double *factor;  /* [kept, kept] */
    double *goal, *row;
    size_t *kept;
    size_t kept_count;
} solver;

static void load(solver *s, const mote_hessian *h, double damping)
{
    const size_t n = s->n;
    double mean = 0;
    for (size_t i = 0; i < n; i++)
        mean += (double)h->sum[i * n + i] / (double)n;
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j < i; j++)
            s->hessian[i * n + j] = s->hessian[j * n + i] = (double)h->sum[i * n + j];
        s->hessian[i * n + i] = (double)h->sum[i * n + i] + damping * (mean > 0 ? mean : 1);
    }
}

static bool factorise(solver *s, const uint8_t *keep)
{
    s->kept_count = 0;
    for (size_t i = 0; i < s->n; i++)
        if (keep[i])
            s->kept[s->kept_count++] = i;
    for (size_t i = 0; i < s->kept_count; i++)
        for (size_t j = 0; j <= i; j++)
            s->factor[i * s->kept_count + j] = s->hessian[s->kept[i] * s->n + s->kept[j]];
    return mote_cholesky(s->factor, s->kept_count);
}

static void solve_row(solver *s, float *w)
{
    const int n = (int)s->n, kept = (int)s->kept_count;
    for (int i = 0; i < n; i++)
        s->row[i] = (double)w[i];
    for (int i = 0; i < kept; i++)
        s->goal[i] = cblas_ddot(n, s->hessian + s->kept[i] * s->n, 1, s->row, 1);
    cblas_dtrsv(CblasRowMajor, CblasLower, CblasNoTrans, CblasNonUnit, kept, s->factor, kept, s->goal, 1);
    cblas_dtrsv(CblasRowMajor, CblasLower, CblasTrans, CblasNonUnit, kept, s->factor, kept, s->goal, 1);
    memset(w, 0, s->n * sizeof *w);
    for (int i = 0; i < kept; i++)
        w[s->kept[i]] = (float)s->goal[i];
}

static bool solve_rows(solver *s, float *weights, const uint8_t *keep, uint32_t rows)
{
    const size_t n = s->n;
    for (uint32_t r = 0; r < rows; r++, weights += n, keep += n) {
        if (!memchr(keep, 0, n))
            continue;
        if (!memchr(keep, 1, n)) {
            memset(weights, 0, n * sizeof *weights);
            continue;
        }
        if ((r == 0 || memcmp(keep, keep - n, n) != 0) && !factorise(s, keep))
            return false;
        solve_row(s, weights);
    }
    return true;
}

bool mote_compensate(float *weights, const uint8_t *keep, uint32_t rows, const mote_hessian *h, double damping,
                     mote_error *error)
{
    const size_t n = h->columns;
    double *memory = malloc((2 * n * n + 2 * n + 1) * sizeof *memory);
    size_t *kept = malloc((n + 1) * sizeof *kept);
    bool ok = memory && kept;
    if (ok) {
        solver s = {n, memory, memory + n * n, memory + 2 * n * n, memory + 2 * n * n + n, kept, 0};
        load(&s, h, damping);
        ok = solve_rows(&s, weights, keep, rows) ||
             mote_fail(error, MOTE_E_INTERNAL, "the statistics of %zu inputs cannot be inverted", n);
    } else {
        mote_fail(error, MOTE_E_INTERNAL, "out of memory for the statistics of %zu inputs", n);
    }
    free(memory);
    free(kept);
    return ok;
}
