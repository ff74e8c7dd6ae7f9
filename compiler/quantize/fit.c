#include "compiler/quantize/fit.h"

#include <math.h>
#include <stdlib.h>

#include "compiler/pack/container.h"
#include "compiler/quantize/method.h"
#include "compiler/quantize/probe.h"
#include "compiler/quantize/report.h"
#include "compiler/quantize/select.h"

enum { MOST_UNITS = 65536, ATTEMPTS = 4 };

static const mote_scheme tried[MOTE_FIT_TYPES] = {MOTE_SCHEME_INT8, MOTE_SCHEME_INT6,    MOTE_SCHEME_INT5,
                                                  MOTE_SCHEME_INT4, MOTE_SCHEME_TERNARY, MOTE_SCHEME_SIGN};

static uint64_t aligned(uint64_t bytes)
{
    return (bytes + MOTE_ALIGNMENT - 1) / MOTE_ALIGNMENT * MOTE_ALIGNMENT;
}

/* Returns the recipe that the options give a matrix of another scheme, without layer choices. */
static mote_recipe recipe_with(const mote_quantization *q, int tensor, mote_scheme scheme)
{
    mote_quantize_options options = q->options;
    options.as_trained = false;
    options.layer_count = 0;
    options.weights = options.head = options.embedding = scheme;
    return mote_recipe_of(q->from, &options, tensor);
}

static bool measure(mote_fit_choice *c, const mote_quantization *q, int tensor, mote_probe *p, mote_error *error)
{
    mote_matrix m;
    if (!mote_matrix_init(&m, &q->from->tensors[tensor], &c->recipe, mote_quantization_hessian(q, tensor), error))
        return false;
    float *values = malloc((size_t)m.rows * m.columns * sizeof *values);
    bool measured = false;
    if (values) {
        mote_matrix_floats(&m, values);
        mote_probe_replace(p, tensor, values);
        measured = mote_probe_loss(p, &c->loss, error);
        mote_probe_restore(p, tensor);
        c->dtype = m.dtype;
        c->bytes = aligned((uint64_t)m.rows * mote_matrix_groups(&m)) +
                   aligned(mote_matrix_bytes(&m) - (uint64_t)m.rows * mote_matrix_groups(&m));
    } else {
        mote_fail(error, MOTE_E_INTERNAL, "no memory to measure %s", q->from->tensors[tensor].name);
    }
    free(values);
    mote_matrix_free(&m);
    return measured;
}

/* Lists the types that a matrix may have. A type that its recipe replaces by another is left out. */
static void list_choices(mote_fit_row *row, const mote_quantization *q)
{
    for (int i = 0; i < MOTE_FIT_TYPES; i++) {
        const mote_recipe recipe = recipe_with(q, row->tensor, tried[i]);
        if (recipe.scheme == tried[i])
            row->choices[row->count++].recipe = recipe;
    }
}

static bool measure_all(mote_fit_table *t, const mote_quantization *q, mote_probe *p,
                        void (*progress)(void *context, size_t done, size_t total), void *context, mote_error *error)
{
    if (!mote_probe_loss(p, &t->float_loss, error))
        return false;
    for (int i = 0; i < t->count; i++)
        for (int j = 0; j < t->rows[i].count; j++) {
            mote_fit_choice *c = &t->rows[i].choices[j];
            if (!measure(c, q, t->rows[i].tensor, p, error))
                return false;
            c->loss -= t->float_loss;
            if (progress)
                progress(context, ++t->done, t->total);
        }
    return true;
}

bool mote_fit_init(mote_fit_table *t, const mote_quantization *q,
                   void (*progress)(void *context, size_t done, size_t total), void *context, mote_error *error)
{
    mote_probe p;
    *t = (mote_fit_table){.rows = calloc((size_t)q->from->tensor_count + 1, sizeof *t->rows)};
    if (!t->rows)
        return mote_fail(error, MOTE_E_INTERNAL, "no memory to choose types");
    for (int i = 0; i < q->from->tensor_count; i++)
        if (q->recipes[i].scheme != MOTE_SCHEME_FLOAT) {
            t->rows[t->count].tensor = i;
            list_choices(&t->rows[t->count], q);
            t->total += (size_t)t->rows[t->count++].count;
        }
    bool done = mote_probe_init(&p, q->from, &q->source, error);
    if (done) {
        done = measure_all(t, q, &p, progress, context, error);
        mote_probe_free(&p);
    }
    if (!done)
        mote_fit_free(t);
    return done;
}

void mote_fit_free(mote_fit_table *t)
{
    free(t->rows);
    *t = (mote_fit_table){0};
}

uint64_t mote_fit_bytes(const mote_fit_table *t)
{
    uint64_t bytes = 0;
    for (int i = 0; i < t->count; i++)
        bytes += t->rows[i].choices[t->rows[i].chosen].bytes;
    return bytes;
}

uint64_t mote_fit_least(const mote_fit_table *t)
{
    uint64_t bytes = 0;
    for (int i = 0; i < t->count; i++) {
        uint64_t least = UINT64_MAX;
        for (int j = 0; j < t->rows[i].count; j++)
            least = t->rows[i].choices[j].bytes < least ? t->rows[i].choices[j].bytes : least;
        bytes += least;
    }
    return bytes;
}

/* Loss per unit of size, so that the smallest of equally good mixes wins. */
#define UNIT_LOSS 1e-12

/* A knapsack that takes one choice of every row. best[u]: the least loss of the rows so far with u units; taken[i][u]:
 * the choice of row i in it. A loss below 0 is noise and counts as 0. */
typedef struct knapsack {
    uint64_t unit;
    size_t units;
    double *best, *next;
    uint8_t *taken; /* [rows, units + 1] */
} knapsack;

static size_t units_of(const knapsack *k, const mote_fit_choice *c)
{
    return (size_t)((c->bytes + k->unit - 1) / k->unit);
}

static void add_row(knapsack *k, const mote_fit_row *row, uint8_t *taken)
{
    for (size_t u = 0; u <= k->units; u++) {
        k->next[u] = INFINITY;
        for (int j = 0; j < row->count; j++) {
            const size_t size = units_of(k, &row->choices[j]);
            const double own = fmax(row->choices[j].loss, 0) + UNIT_LOSS * (double)size;
            const double loss = size <= u ? k->best[u - size] + own : INFINITY;
            if (loss < k->next[u]) {
                k->next[u] = loss;
                taken[u] = (uint8_t)j;
            }
        }
    }
    double *best = k->best;
    k->best = k->next;
    k->next = best;
}

static bool solve(mote_fit_table *t, knapsack *k)
{
    for (int i = 0; i < t->count; i++)
        add_row(k, &t->rows[i], k->taken + (size_t)i * (k->units + 1));
    if (!(k->best[k->units] < INFINITY))
        return false;
    size_t u = k->units;
    for (int i = t->count; i-- > 0;) {
        t->rows[i].chosen = k->taken[(size_t)i * (k->units + 1) + u];
        u -= units_of(k, &t->rows[i].choices[t->rows[i].chosen]);
    }
    return true;
}

bool mote_fit_choose(mote_fit_table *t, uint64_t room)
{
    knapsack k = {.unit = aligned((room + MOST_UNITS - 1) / MOST_UNITS)};
    k.unit = k.unit ? k.unit : MOTE_ALIGNMENT;
    k.units = (size_t)(room / k.unit);
    k.best = calloc(2 * (k.units + 1), sizeof *k.best);
    k.taken = calloc(((size_t)t->count + 1) * (k.units + 1), sizeof *k.taken);
    double *const memory = k.best;
    k.next = k.best ? k.best + k.units + 1 : NULL;
    const bool done = k.best && k.taken && solve(t, &k);
    free(memory);
    free(k.taken);
    return done;
}

/* Quantizes and packs the chosen types. Sets *size to the size of the file. */
static bool pack_choices(const mote_fit_table *t, mote_quantization *q, mote_graph *packed, size_t *size,
                         mote_error *error)
{
    mote_bytes file;
    for (int i = 0; i < t->count; i++)
        q->recipes[t->rows[i].tensor] = t->rows[i].choices[t->rows[i].chosen].recipe;
    if (!mote_quantization_make(q, error) || !mote_quantization_pack(q, packed, error))
        return false;
    if (!mote_graph_encode(packed, &file, error)) {
        mote_graph_free(packed);
        return false;
    }
    *size = file.size;
    free(file.data);
    return true;
}

bool mote_fit_file(mote_fit_table *t, mote_quantization *q, uint64_t bytes, mote_graph *packed, mote_error *error)
{
    const uint64_t least = mote_fit_least(t);
    uint64_t room = bytes > least ? bytes : least, rest = 0;
    size_t size;
    for (int attempt = 0; attempt < ATTEMPTS && mote_fit_choose(t, room); attempt++) {
        if (!pack_choices(t, q, packed, &size, error))
            return false;
        if (size <= bytes)
            return true;
        mote_graph_free(packed);
        rest = size - mote_fit_bytes(t); /* everything but matrices */
        const uint64_t from = attempt ? room : bytes, less = attempt ? size - bytes : rest;
        room = from > less ? from - less : 0;
    }
    return mote_fail(error, MOTE_E_UNSUPPORTED,
                     "no mix of types makes a file of %llu bytes; the smallest has some %llu",
                     (unsigned long long)bytes, (unsigned long long)(least + rest));
}
