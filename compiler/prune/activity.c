#include "compiler/prune/activity.h"

#include <cblas.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "compiler/graph/language.h"
#include "compiler/graph/vector.h"
#include "compiler/quantize/inputs.h"

enum { WINDOW = 128, GRADIENT_WINDOW = 16 };

static void add_magnitudes(double *absolute, double *square, const float *x, uint32_t rows, size_t columns)
{
    for (uint32_t i = 0; i < rows; i++, x += columns)
        for (size_t j = 0; j < columns; j++) {
            const double value = (double)x[j];
            absolute[j] += fabs(value);
            if (square)
                square[j] += value * value;
        }
}

static void read_input(void *context, int weights, const float *x, uint32_t rows)
{
    mote_activity *c = context;
    add_magnitudes(c->input[weights], c->square[weights], x, rows, c->graph->tensors[weights].dims[1]);
}

static double *zeros(size_t count, bool *ok)
{
    double *p = calloc(count + 1, sizeof *p);
    *ok = *ok && p;
    return p;
}

static bool take_room(mote_activity *c, const mote_graph *g, bool gradients)
{
    const size_t tensors = (size_t)g->tensor_count + 1;
    *c = (mote_activity){.graph = g,
                         .tensor_count = g->tensor_count,
                         .square = calloc(tensors, sizeof *c->square),
                         .input = calloc(tensors, sizeof *c->input),
                         .activation = calloc(tensors, sizeof *c->activation),
                         .gradient = calloc(tensors, sizeof *c->gradient)};
    bool ok = c->square && c->input && c->activation && c->gradient;
    for (int i = 0; ok && i < g->op_count; i++) {
        const mote_op *op = &g->ops[i];
        const int w = mote_op_operand(op, MOTE_OPERAND_WEIGHTS), y = mote_op_result(op);
        if (!c->activation[y])
            c->activation[y] = zeros(mote_tensor_elements(&g->tensors[y]), &ok);
        if (w < 0 || c->square[w])
            continue;
        const uint32_t columns = g->tensors[w].dims[1];
        c->square[w] = zeros(columns, &ok);
        c->input[w] = zeros(columns, &ok);
        if (gradients)
            ok = (c->gradient[w] = calloc(mote_tensor_elements(&g->tensors[w]) + 1, sizeof(float))) && ok;
    }
    return ok;
}

void mote_activity_free(mote_activity *c)
{
    for (int i = 0; i < c->tensor_count; i++) {
        if (c->square)
            free(c->square[i]);
        if (c->input)
            free(c->input[i]);
        if (c->activation)
            free(c->activation[i]);
        if (c->gradient)
            free(c->gradient[i]);
    }
    free(c->square), free(c->input), free(c->activation), free(c->gradient);
    *c = (mote_activity){0};
}

/* Skips tables that the executor projects as a whole: their values do not belong to a token. */
static void add_activations(mote_activity *c, const mote_executor *x, uint32_t rows)
{
    for (int i = 0; i < x->graph.op_count; i++) {
        const int y = mote_op_result(&x->graph.ops[i]);
        if (!x->table_rows[y] && c->activation[y])
            add_magnitudes(c->activation[y], NULL, x->slices[0].seen[y], rows,
                           mote_tensor_elements(&x->graph.tensors[y]));
    }
}

MOTE_CLONES static void add_products(float *restrict to, const float *restrict w, const float *restrict gradient,
                                     size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] += fabsf(w[i] * gradient[i]);
}

static void add_gradients(mote_activity *c, mote_executor *x, const mote_task *task, const mote_batch *batch)
{
    mote_slice *s = &x->slices[0];
    memset(s->parameter_gradient, 0, x->parameter_count * sizeof(float));
    task->loss(mote_executor_output(x, 0, 0), batch->targets, batch->rows, (uint32_t)mote_executor_output_size(x, 0),
               1.0f / (float)batch->rows, mote_executor_output_gradient(x, 0, 0));
    mote_executor_backward(x, 0);
    for (int i = 0; i < c->tensor_count; i++)
        if (c->gradient[i])
            add_products(c->gradient[i], x->effective + x->offset[i], s->parameter_gradient + x->offset[i],
                         mote_tensor_elements(&x->graph.tensors[i]));
}

static bool read_samples(mote_activity *c, mote_inputs *in, const mote_source *source, bool gradients,
                         mote_error *error)
{
    mote_walk walk;
    mote_tally tally = {.task = source->task, .outputs = mote_graph_vocabulary(c->graph)};
    const mote_graph *g = c->graph;
    const bool done = mote_walk_init(&walk, source, g, MOTE_READ_TARGETS, mote_graph_context(g), in->window, error);
    for (const mote_batch *batch; done && (batch = mote_walk_next(&walk));) {
        const float *y = mote_inputs_feed(in, batch, read_input, c);
        if (source->task)
            mote_tally_add(&tally, y, batch->targets, batch->rows);
        add_activations(c, &in->executor, batch->rows);
        if (gradients)
            add_gradients(c, &in->executor, source->task, batch);
        c->samples += batch->rows;
    }
    mote_walk_free(&walk);
    c->loss = NAN;
    return done && (!source->task || mote_tally_loss(&tally, &c->loss, error));
}

static bool mean_of(double *sums, size_t count, double samples)
{
    bool any = false;
    for (size_t i = 0; sums && i < count; i++) {
        sums[i] /= samples;
        any = any || sums[i] > 0;
    }
    return any;
}

static bool sums_finite(const double *sums, size_t count)
{
    for (size_t i = 0; sums && i < count; i++)
        if (!isfinite(sums[i]))
            return false;
    return true;
}

static bool gradients_finite(const float *gradients, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(gradients[i]))
            return false;
    return true;
}

/* Turns sums into means. Fails if values are not finite, or if all inputs of a matrix were 0. */
static bool finish(mote_activity *c, const mote_graph *g, mote_error *error)
{
    const double samples = (double)c->samples;
    for (int i = 0; i < g->op_count; i++) {
        const mote_op *op = &g->ops[i];
        const int y = mote_op_result(op);
        if (!sums_finite(c->activation[y], mote_tensor_elements(&g->tensors[y])))
            return mote_fail(error, MOTE_E_FORMAT, "while calibrating, values of %s were infinite or undefined",
                             g->tensors[y].name);
        mean_of(c->activation[y], mote_tensor_elements(&g->tensors[y]), samples);
    }
    for (int i = 0; i < g->tensor_count; i++) {
        if (!c->square[i])
            continue;
        if (!sums_finite(c->square[i], g->tensors[i].dims[1]) ||
            (c->gradient[i] && !gradients_finite(c->gradient[i], mote_tensor_elements(&g->tensors[i]))))
            return mote_fail(error, MOTE_E_FORMAT,
                             "while calibrating, inputs or gradients of %s were infinite or undefined",
                             g->tensors[i].name);
        mean_of(c->input[i], g->tensors[i].dims[1], samples);
        if (!mean_of(c->square[i], g->tensors[i].dims[1], samples))
            return mote_fail(error, MOTE_E_FORMAT,
                             "the calibration samples never activate %s: its inputs are all 0; take others",
                             g->tensors[i].name);
    }
    return true;
}

bool mote_activity_measure(mote_activity *c, const mote_graph *g, const mote_source *source, bool gradients,
                           mote_error *error)
{
    mote_inputs in;
    if (source->is_text && source->count < 2)
        return mote_fail(error, MOTE_E_FORMAT, "the calibration text has fewer than two tokens; give more of it");
    if (gradients && !source->task)
        return mote_fail(error, MOTE_E_USAGE,
                         "gradients need a loss, and the samples have no targets; add an array \"targets\"");
    if (!mote_inputs_need_vectors(g, error) ||
        !mote_inputs_init(&in, g, mote_source_window(source, g, gradients ? GRADIENT_WINDOW : WINDOW), gradients,
                          error))
        return false;
    const bool ok =
        (take_room(c, g, gradients) || mote_fail(error, MOTE_E_INTERNAL, "out of memory while calibrating")) &&
        read_samples(c, &in, source, gradients, error) && finish(c, g, error);
    mote_inputs_free(&in);
    if (!ok)
        mote_activity_free(c);
    return ok;
}

bool mote_source_loss(const mote_graph *g, const mote_source *source, double *loss, mote_error *error)
{
    mote_inputs in;
    mote_walk walk;
    mote_tally tally = {.task = source->task, .outputs = mote_graph_vocabulary(g)};
    if (!mote_inputs_init(&in, g, mote_source_window(source, g, WINDOW), false, error))
        return false;
    const bool done = mote_walk_init(&walk, source, g, MOTE_READ_TARGETS, mote_graph_context(g), in.window, error);
    for (const mote_batch *batch; done && (batch = mote_walk_next(&walk));)
        mote_tally_add(&tally, mote_inputs_feed(&in, batch, NULL, NULL), batch->targets, batch->rows);
    mote_walk_free(&walk);
    mote_inputs_free(&in);
    return done && mote_tally_loss(&tally, loss, error);
}

/* The inputs of one matrix in two graphs of the same shape. Those of the first graph are kept until those of the second
 * come. */
typedef struct pair {
    int weights;
    float *first; /* [WINDOW, columns] */
    uint32_t filled;
    size_t columns;
    mote_hessian *h;
    float *cross;
} pair;

static void keep_first(void *context, int weights, const float *x, uint32_t rows)
{
    pair *p = context;
    if (weights != p->weights)
        return;
    memcpy(p->first + p->filled * p->columns, x, rows * p->columns * sizeof *x);
    p->filled += rows;
}

static void add_second(void *context, int weights, const float *x, uint32_t rows)
{
    pair *p = context;
    const int n = (int)p->columns;
    if (weights != p->weights)
        return;
    mote_hessian_add(p->h, x, rows);
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, n, n, (int)rows, 1, p->first + p->filled * p->columns, n, x, n,
                1, p->cross, n);
    p->filled += rows;
}

static bool read_pairs(pair *p, mote_inputs *dense, mote_inputs *pruned, const mote_source *source, mote_error *error)
{
    mote_walk walk;
    const mote_graph *g = &dense->executor.graph;
    const bool done = mote_walk_init(&walk, source, g, MOTE_READ_TARGETS, mote_graph_context(g), dense->window, error);
    for (const mote_batch *batch; done && (batch = mote_walk_next(&walk));) {
        p->filled = 0;
        mote_inputs_feed(dense, batch, keep_first, p);
        p->filled = 0;
        mote_inputs_feed(pruned, batch, add_second, p);
    }
    mote_walk_free(&walk);
    return done;
}

bool mote_activity_pair(const mote_graph *dense, const mote_graph *pruned, int weights, const mote_source *source,
                        mote_hessian *h, float *cross, mote_error *error)
{
    mote_inputs before, after;
    const size_t columns = dense->tensors[weights].dims[1];
    const uint32_t window = mote_source_window(source, dense, WINDOW);
    if (!mote_inputs_need_vectors(dense, error) || !mote_inputs_init(&before, dense, window, false, error))
        return false;
    bool ok = mote_inputs_init(&after, pruned, window, false, error);
    if (ok) {
        /* a matrix that several operators read has inputs from each of them */
        pair p = {weights, malloc((size_t)pruned->op_count * window * columns * sizeof(float)), 0, columns, h, cross};
        ok = (p.first || mote_fail(error, MOTE_E_INTERNAL, "out of memory while looking at samples")) &&
             read_pairs(&p, &before, &after, source, error);
        free(p.first);
        mote_inputs_free(&after);
    }
    mote_inputs_free(&before);
    return ok;
}
