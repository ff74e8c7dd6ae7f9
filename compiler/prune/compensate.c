#include "compiler/prune/compensate.h"

#include <cblas.h>
#include <stdlib.h>
#include <string.h>

/* Working memory. The factor of H over the kept columns is reused while the next row keeps the same columns, as rows of
 * a block do. */
typedef struct solver {
    size_t n;
    double *hessian; /* [n, n], damped, the lower triangle */
    double *cross;   /* [n, n], damped, transposed */
    double *factor;  /* [kept, kept] */
    double *goal, *row;
    size_t *kept;
    size_t kept_count;
} solver;

static void load(solver *s, const mote_hessian *h, const float *cross, double damping)
{
    const size_t n = s->n;
    double mean = 0;
    for (size_t i = 0; i < n; i++)
        mean += (double)h->sum[i * n + i] / (double)n;
    const double more = damping * (mean > 0 ? mean : 1);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            s->hessian[i * n + j] = (double)h->sum[i * n + j] + (i == j ? more : 0);
            s->cross[i * n + j] = (double)cross[j * n + i] + (i == j ? more : 0);
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
        s->goal[i] = cblas_ddot(n, s->cross + s->kept[i] * s->n, 1, s->row, 1);
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

/* Working memory to choose weights. A row starts at its optimum with all weights, w·C·H⁻¹. */
typedef struct chooser {
    size_t n;
    double *inverse; /* [n, n]: of H */
    double *start;   /* [n, n]: C·H⁻¹, transposed */
    double *left;    /* [n, n]: the inverse of H over the kept columns of the row */
    double *w, *row;
} chooser;

/* Removes weight j: the kept weights compensate for it, and its row and column leave the inverse. */
static void take_out(chooser *c, size_t j)
{
    const int n = (int)c->n;
    double *column = c->row;
    cblas_dcopy(n, c->left + j * c->n, 1, column, 1);
    const double pivot = column[j];
    cblas_daxpy(n, -c->w[j] / pivot, column, 1, c->w, 1);
    cblas_dger(CblasRowMajor, n, n, -1 / pivot, column, 1, column, 1, c->left, n);
    c->w[j] = 0;
}

static void choose_row(chooser *c, const float *weights, uint8_t *keep, uint32_t removed)
{
    const size_t n = c->n;
    for (size_t i = 0; i < n; i++)
        c->row[i] = (double)weights[i];
    cblas_dgemv(CblasRowMajor, CblasNoTrans, (int)n, (int)n, 1, c->start, (int)n, c->row, 1, 0, c->w, 1);
    memcpy(c->left, c->inverse, n * n * sizeof *c->left);
    uint32_t gone = 0;
    for (size_t j = 0; j < n; j++)
        if (!keep[j]) {
            take_out(c, j);
            gone++;
        }
    for (; gone < removed; gone++) {
        size_t best = n;
        double least = 0;
        for (size_t j = 0; j < n; j++) {
            const double cost = keep[j] ? c->w[j] * c->w[j] / c->left[j * n + j] : 0;
            if (keep[j] && (best == n || cost < least)) {
                best = j;
                least = cost;
            }
        }
        take_out(c, best);
        keep[best] = 0;
    }
}

/* Computes the inverse from the factor of the damped H in `left`, and start = H⁻¹·Cᵀ. */
static bool load_chooser(chooser *c, const mote_hessian *h, const float *cross, double damping)
{
    const int n = (int)c->n;
    solver s = {.n = c->n, .hessian = c->left, .cross = c->start};
    load(&s, h, cross, damping);
    if (!mote_cholesky(c->left, c->n))
        return false;
    memset(c->inverse, 0, c->n * c->n * sizeof *c->inverse);
    for (size_t i = 0; i < c->n; i++)
        c->inverse[i * c->n + i] = 1;
    double *const solved[] = {c->inverse, c->start};
    for (int k = 0; k < 2; k++) {
        cblas_dtrsm(CblasRowMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, n, n, 1, c->left, n, solved[k],
                    n);
        cblas_dtrsm(CblasRowMajor, CblasLeft, CblasLower, CblasTrans, CblasNonUnit, n, n, 1, c->left, n, solved[k], n);
    }
    return true;
}

bool mote_compensate_choose(const float *weights, uint8_t *keep, uint32_t rows, uint32_t removed, const mote_hessian *h,
                            const float *cross, double damping, mote_error *error)
{
    const size_t n = h->columns;
    double *memory = malloc((3 * n * n + 2 * n + 1) * sizeof *memory);
    if (!memory)
        return mote_fail(error, MOTE_E_INTERNAL, "out of memory for the statistics of %zu inputs", n);
    double *row = memory + 3 * n * n;
    chooser c = {n, memory, memory + n * n, memory + 2 * n * n, row, row + n};
    const bool ok = load_chooser(&c, h, cross, damping) ||
                    mote_fail(error, MOTE_E_UNSUPPORTED,
                              "the statistics of %zu inputs cannot be inverted; they are too large or too alike", n);
    for (uint32_t r = 0; ok && r < rows; r++)
        choose_row(&c, weights + r * n, keep + r * n, removed < n ? removed : (uint32_t)n);
    free(memory);
    return ok;
}

bool mote_compensate(float *weights, const uint8_t *keep, uint32_t rows, const mote_hessian *h, const float *cross,
                     double damping, mote_error *error)
{
    const size_t n = h->columns;
    double *memory = malloc((3 * n * n + 2 * n + 1) * sizeof *memory);
    size_t *kept = malloc((n + 1) * sizeof *kept);
    bool ok = memory && kept;
    if (ok) {
        double *row = memory + 3 * n * n;
        solver s = {n, memory, memory + n * n, memory + 2 * n * n, row, row + n, kept, 0};
        load(&s, h, cross, damping);
        ok = solve_rows(&s, weights, keep, rows) ||
             mote_fail(error, MOTE_E_UNSUPPORTED,
                       "the statistics of %zu inputs cannot be inverted; they are too large or too alike", n);
    } else {
        mote_fail(error, MOTE_E_INTERNAL, "out of memory for the statistics of %zu inputs", n);
    }
    free(memory);
    free(kept);
    return ok;
}
