#include "compiler/quantize/statistics.h"

#include <math.h>
#include <stdlib.h>

#include "compiler/graph/limits.h"
#include "compiler/quantize/inputs.h"

enum { WINDOW = 256 };

static void see(void *context, int weights, const float *x, uint32_t rows)
{
    mote_statistics *s = context;
    mote_hessian *h = &s->hessians[weights];
    mote_hessian_add(h, x, rows);
    for (uint32_t r = 0; r < rows; r++)
        for (uint32_t c = 0; c < h->columns; c++)
            s->sums[weights][c] += (double)x[(size_t)r * h->columns + c];
}

static bool take_room(mote_statistics *s, const mote_graph *g, mote_error *error)
{
    size_t left = mote_most_memory() / sizeof(float);
    s->hessians = calloc((size_t)s->count + 1, sizeof *s->hessians);
    s->sums = calloc((size_t)s->count + 1, sizeof *s->sums);
    if (!s->hessians || !s->sums)
        return mote_fail(error, MOTE_E_INTERNAL, "out of memory for the statistics of %d tensors", s->count);
    for (int i = 0; i < g->op_count; i++) {
        const int weights = mote_op_operand(&g->ops[i], MOTE_OPERAND_WEIGHTS);
        if (weights < 0 || s->hessians[weights].columns)
            continue;
        const uint32_t columns = g->tensors[weights].dims[1];
        if ((size_t)columns * columns > left)
            return mote_fail(error, MOTE_E_UNSUPPORTED,
                             "the statistics of %s, of %u inputs squared, need more memory "
                             "than there is",
                             g->tensors[weights].name, columns);
        left -= (size_t)columns * columns;
        s->sums[weights] = calloc(columns, sizeof *s->sums[weights]);
        if (!s->sums[weights])
            return mote_fail(error, MOTE_E_INTERNAL, "out of memory for the statistics of %u inputs", columns);
        if (!mote_hessian_init(&s->hessians[weights], columns, error))
            return false;
    }
    return true;
}

static bool read_samples(mote_statistics *s, const mote_graph *g, const mote_source *source, mote_error *error)
{
    mote_inputs in;
    mote_walk walk;
    const uint32_t window = mote_source_window(source, g, WINDOW);
    if (!mote_inputs_init(&in, g, window, false, error))
        return false;
    const bool done = mote_walk_init(&walk, source, g, MOTE_READ_ON, mote_graph_context(g), window, error);
    for (const mote_batch *batch; done && (batch = mote_walk_next(&walk));)
        mote_inputs_feed(&in, batch, see, s);
    mote_walk_free(&walk);
    mote_inputs_free(&in);
    return done;
}

/* Checks that the sums of all inputs and of their squares are finite. */
static bool all_finite(const mote_statistics *s, const mote_graph *g, mote_error *error)
{
    for (int i = 0; i < s->count; i++)
        for (size_t c = 0; s->sums[i] && c < s->hessians[i].columns; c++)
            if (!isfinite(s->sums[i][c]) || !isfinite(s->hessians[i].sum[c * s->hessians[i].columns + c]))
                return mote_fail(error, MOTE_E_FORMAT,
                                 "while calibrating, inputs of %s were infinite, undefined or too large to square",
                                 g->tensors[i].name);
    return true;
}

bool mote_statistics_init(mote_statistics *s, const mote_graph *g, const mote_source *source, mote_error *error)
{
    *s = (mote_statistics){.count = g->tensor_count};
    if (take_room(s, g, error) && read_samples(s, g, source, error) && all_finite(s, g, error))
        return true;
    mote_statistics_free(s);
    return false;
}

void mote_statistics_free(mote_statistics *s)
{
    for (int i = 0; s->hessians && i < s->count; i++)
        mote_hessian_free(&s->hessians[i]);
    for (int i = 0; s->sums && i < s->count; i++)
        free(s->sums[i]);
    free(s->hessians);
    free(s->sums);
    *s = (mote_statistics){0};
}
