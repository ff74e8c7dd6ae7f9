#include "compiler/quantize/gptq.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/quantize/clip.h"

enum { ROUNDS = 4, SWEEPS = 8 };

/* Working memory for a row. All arrays are in the chosen order of columns. */
typedef struct solver {
    const mote_recipe *recipe;
    uint32_t n;
    uint32_t *order; /* column at each position */
    float *h;        /* [n, n]: damped, both triangles */
    float *u;        /* [n, n]: upper Cholesky factor of its inverse */
    float *w, *work; /* [n]: the row, and the row with compensations for the codes so far */
    float *step;     /* [n] */
    float *d, *hd;   /* [n]: error w − step·code, and H times it */
    int16_t *codes;  /* [n] */
} solver;

static float lower_at(const mote_hessian *h, uint32_t i, uint32_t j)
{
    return i >= j ? h->sum[(size_t)i * h->columns + j] : h->sum[(size_t)j * h->columns + i];
}

static float mean_diagonal(const mote_hessian *h)
{
    double mean = 0;
    for (uint32_t i = 0; i < h->columns; i++)
        mean += (double)lower_at(h, i, i) / h->columns;
    return mean > 0 ? (float)mean : 1;
}

double mote_hessian_error(const mote_hessian *h, float damping, const float *d)
{
    double error = 0;
    for (uint32_t i = 0; i < h->columns; i++) {
        for (uint32_t j = 0; j < h->columns; j++)
            error += (double)d[i] * (double)lower_at(h, i, j) * (double)d[j];
        error += (double)(damping * mean_diagonal(h)) * (double)d[i] * (double)d[i];
    }
    return error;
}

/* Insertion sort of the columns by descending diagonal. */
static void order_columns(solver *s, const mote_hessian *h)
{
    for (uint32_t i = 0; i < s->n; i++) {
        uint32_t at = i;
        for (; at > 0 && lower_at(h, s->order[at - 1], s->order[at - 1]) < lower_at(h, i, i); at--)
            s->order[at] = s->order[at - 1];
        s->order[at] = i;
    }
}

static bool prepare(solver *s, const mote_hessian *h, float damping, mote_error *error)
{
    order_columns(s, h);
    for (uint32_t i = 0; i < s->n; i++)
        for (uint32_t j = 0; j < s->n; j++)
            s->h[(size_t)i * s->n + j] = lower_at(h, s->order[i], s->order[j]);
    const mote_hessian ordered = {.columns = s->n, .rows = h->rows, .sum = s->h};
    const float mean = mean_diagonal(h);
    if (!mote_hessian_inverse_factor(&ordered, damping, s->u, error))
        return false;
    for (uint32_t i = 0; i < s->n; i++) {
        float *diagonal = &s->h[(size_t)i * s->n + i];
        *diagonal = (*diagonal > 0 ? *diagonal : mean) + damping * mean;
    }
    return true;
}

static void round_row(solver *s)
{
    memcpy(s->work, s->w, s->n * sizeof *s->work);
    for (uint32_t j = 0; j < s->n; j++) {
        const float *u = s->u + (size_t)j * s->n;
        s->codes[j] = mote_nearest_code(s->recipe->scheme, s->work[j] / s->step[j]);
        const float error = (s->work[j] - (float)s->codes[j] * s->step[j]) / u[j];
        for (uint32_t k = j + 1; k < s->n; k++)
            s->work[k] -= error * u[k];
    }
}

static void find_errors(solver *s)
{
    for (uint32_t j = 0; j < s->n; j++)
        s->d[j] = s->w[j] - (float)s->codes[j] * s->step[j];
    for (uint32_t i = 0; i < s->n; i++) {
        s->hd[i] = 0;
        for (uint32_t j = 0; j < s->n; j++)
            s->hd[i] += s->h[(size_t)i * s->n + j] * s->d[j];
    }
}

/* Sets one code after another to its best value. True if one changed. */
static bool sweep(solver *s)
{
    bool changed = false;
    for (uint32_t j = 0; j < s->n; j++) {
        const float *h = s->h + (size_t)j * s->n, best = (float)s->codes[j] * s->step[j] + s->hd[j] / h[j];
        const int16_t code = mote_nearest_code(s->recipe->scheme, best / s->step[j]);
        const float change = (float)(s->codes[j] - code) * s->step[j];
        const float gain = change * (2 * s->hd[j] + change * h[j]); /* change of the error */
        if (code == s->codes[j] || gain >= 0)
            continue;
        for (uint32_t k = 0; k < s->n; k++)
            s->hd[k] += change * h[k];
        s->codes[j] = code;
        changed = true;
    }
    return changed;
}

/* Returns the factor of all steps that minimizes the error, by least squares in H. */
static float better_scale(const solver *s)
{
    double wq = 0, qq = 0;
    for (uint32_t i = 0; i < s->n; i++) {
        const float *h = s->h + (size_t)i * s->n;
        double hq = 0;
        for (uint32_t j = 0; j < s->n; j++)
            hq += (double)h[j] * (double)((float)s->codes[j] * s->step[j]);
        wq += hq * (double)s->w[i];
        qq += hq * (double)((float)s->codes[i] * s->step[i]);
    }
    return qq > 0 && wq > 0 ? (float)(wq / qq) : 1;
}

static void improve_row(solver *s, float *scale)
{
    const bool own = s->recipe->granularity == MOTE_PER_ROW;
    for (int round = 0; round < ROUNDS; round++) {
        find_errors(s);
        bool changed = false;
        for (int i = 0; i < SWEEPS && sweep(s); i++)
            changed = true;
        if ((!changed && round) || !own)
            return;
        const float better = better_scale(s);
        *scale *= better;
        for (uint32_t j = 0; j < s->n; j++)
            s->step[j] *= better;
    }
}

static void quantize_row(solver *s, mote_matrix *m, const float *weights, uint32_t row)
{
    for (uint32_t j = 0; j < s->n; j++) {
        s->w[j] = weights[(size_t)row * s->n + s->order[j]];
        s->step[j] = mote_matrix_step(m, row, s->order[j]);
    }
    round_row(s);
    improve_row(s, &m->scales[row]);
    for (uint32_t j = 0; j < s->n; j++)
        m->codes[(size_t)row * s->n + s->order[j]] = s->codes[j];
}

bool mote_gptq(mote_matrix *m, const float *weights, const mote_recipe *recipe, const mote_hessian *h, float damping,
               mote_error *error)
{
    const size_t n = m->columns;
    float *room = calloc(2 * n * n + 5 * n, sizeof *room);
    solver s = {.recipe = recipe,
                .n = m->columns,
                .order = calloc(n, sizeof *s.order),
                .codes = calloc(n, sizeof *s.codes),
                .h = room};
    bool done = room && s.order && s.codes;
    if (!done) {
        mote_fail(error, MOTE_E_INTERNAL, "out of memory for the statistics of %zu inputs", n);
    } else {
        s.u = room + n * n;
        s.w = s.u + n * n;
        s.work = s.w + n;
        s.step = s.work + n;
        s.d = s.step + n;
        s.hd = s.d + n;
        done = prepare(&s, h, damping, error);
    }
    for (uint32_t r = 0; done && r < m->rows; r++)
        quantize_row(&s, m, weights, r);
    free(room);
    free(s.order);
    free(s.codes);
    return done;
}
