#include "compiler/quantize/affine_bias.h"

#include <math.h>
#include <mote.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/graph/executor.h"
#include "compiler/pack/container.h"
#include "compiler/quantize/affine.h"
#include "compiler/quantize/golden.h"
#include "runtime/ops/affine.h"

enum { MOST_SAMPLES = 256, MOST_MEMORY = 1 << 29 };

/* An integer run of every sample, all at the same operator. */
typedef struct runs {
    mote_bytes file;
    mote_model model;
    mote_session *sessions;
    uint8_t *memory;
    size_t each; /* bytes of memory of a run */
    uint32_t count;
} runs;

/* The means of the float network's values: per tensor [its last dimension], or NULL. */
typedef struct means {
    double **sums;
    double *rows; /* per tensor: values added to each sum */
    int count;
} means;

static void free_runs(runs *r)
{
    free(r->sessions);
    free(r->memory);
    free(r->file.data);
}

static bool start_runs(runs *r, const mote_graph *packed, const mote_source *source, mote_error *error)
{
    *r = (runs){0};
    if (!mote_graph_encode(packed, &r->file, error))
        return false;
    if (mote_open(&r->model, r->file.data, r->file.size) != MOTE_SUCCESS)
        return mote_fail(error, MOTE_E_INTERNAL, "the packed network does not open");
    r->each = mote_arena_size(&r->model) + mote_state_size(&r->model);
    const size_t room = MOST_MEMORY / (r->each + 1),
                 samples = source->count < MOST_SAMPLES ? source->count : MOST_SAMPLES;
    r->count = (uint32_t)(samples < room ? samples : room);
    r->count = r->count ? r->count : 1;
    r->sessions = calloc(r->count, sizeof *r->sessions);
    r->memory = aligned_alloc(MOTE_ALIGNMENT, r->count * r->each);
    bool done = r->sessions && r->memory;
    for (uint32_t i = 0; done && i < r->count; i++)
        done = mote_begin(&r->sessions[i], &r->model, r->memory + i * r->each, r->each) == MOTE_SUCCESS;
    return done || mote_fail(error, MOTE_E_INTERNAL, "no memory to correct biases");
}

static void free_means(means *m)
{
    for (int i = 0; m->sums && i < m->count; i++)
        free(m->sums[i]);
    free(m->sums);
    free(m->rows);
}

static uint32_t channels_of(const mote_tensor *t)
{
    return t->dims[t->rank - 1];
}

static bool init_means(means *m, const mote_graph *g)
{
    *m = (means){.sums = calloc((size_t)g->tensor_count + 1, sizeof *m->sums),
                 .rows = calloc((size_t)g->tensor_count + 1, sizeof *m->rows),
                 .count = g->tensor_count};
    bool done = m->sums && m->rows;
    for (int i = 0; done && i < g->op_count; i++) {
        const int y = mote_op_result(&g->ops[i]);
        m->sums[y] = calloc(channels_of(&g->tensors[y]), sizeof *m->sums[y]);
        done = m->sums[y];
    }
    return done;
}

static void add_values(means *m, const mote_graph *g, const mote_executor *x, uint32_t rows)
{
    for (int t = 0; t < m->count; t++) {
        const float *values = m->sums[t] && !x->table_rows[t] ? x->slices[0].seen[t] : NULL;
        const uint32_t channels = values ? channels_of(&g->tensors[t]) : 0;
        const size_t count = values ? rows * mote_tensor_elements(&g->tensors[t]) : 0;
        for (size_t i = 0; i < count; i += channels)
            for (uint32_t c = 0; c < channels; c++)
                m->sums[t][c] += (double)values[i + c];
        m->rows[t] += channels ? (double)(count / channels) : 0;
    }
}

/* Stores the inputs of a sample in a run. */
static void set_inputs(const mote_session *s, const mote_graph *g, void **inputs, uint32_t row)
{
    mote_value v;
    for (uint32_t i = 0; (v = mote_input(s, i)).data; i++) {
        const mote_tensor *t = &g->tensors[mote_graph_of_role(g, MOTE_INPUT, (int)i)];
        const size_t count = mote_tensor_elements(t);
        const mote_affine_form f = {v.type == MOTE_I16 ? MOTE_I16 : MOTE_I8, v.scale, v.zero_point};
        const float *from = (const float *)inputs[i] + row * count;
        for (size_t k = 0; k < count; k++)
            mote_value_put(v.data, v.type, k, mote_affine_stored(&f, (double)from[k]));
    }
}

/* Runs the float network on the samples of the runs and gives these the same inputs. */
static bool run_floats(means *m, const runs *r, const mote_graph *g, const mote_source *source, mote_error *error)
{
    mote_executor x;
    mote_walk walk;
    const mote_batch *batch;
    const mote_source part = mote_source_part(source, 0, r->count);
    const uint32_t window = mote_source_window(&part, g, 16);
    const mote_executor_options options = {.steps = window, .streams = 1, .workers = 1};
    if (!mote_executor_init(&x, g, &options, error))
        return false;
    const bool done = mote_walk_init(&walk, &part, g, MOTE_READ_FED, 0, window, error);
    uint32_t sample = 0;
    while (done && (batch = mote_walk_next(&walk))) {
        mote_executor_forward(&x, 0, (const void *const *)batch->inputs, batch->rows, 0);
        add_values(m, g, &x, batch->rows);
        for (uint32_t i = 0; i < batch->rows && sample < r->count; i++)
            set_inputs(&r->sessions[sample++], g, batch->inputs, i);
    }
    mote_walk_free(&walk);
    mote_executor_free(&x);
    return done;
}

/* Returns the tensor of the float graph with the values of the result: of the same name, or of the view of it. */
static int counterpart(const mote_graph *packed, const mote_graph *from, int op)
{
    const int y = mote_op_result(&packed->ops[op]);
    const int same = mote_graph_find(from, packed->tensors[y].name);
    if (same >= 0 || op + 1 == packed->op_count || !mote_op_has(&packed->ops[op + 1], MOTE_TRAIT_VIEW) ||
        packed->ops[op + 1].inputs[0] != y)
        return same;
    return mote_graph_find(from, packed->tensors[mote_op_result(&packed->ops[op + 1])].name);
}

/* Returns the mean of a channel of a tensor over the runs, in units of its scale. */
static double stored_mean(const runs *r, int tensor, uint32_t channel)
{
    const mote_tensor_record *t = mote_record(&r->model, (uint32_t)tensor);
    const uint32_t count = mote_count_of(t), channels = t->dims[t->rank - 1];
    double sum = 0;
    for (uint32_t i = 0; i < r->count; i++) {
        const void *values = mote_data(&r->sessions[i], (uint32_t)tensor);
        for (uint32_t k = channel; k < count; k += channels)
            sum += mote_value_at(values, t->dtype, k) - t->zero_point;
    }
    return sum / r->count / (count / channels);
}

/* Corrects the bias in the file and in the graph. The file is in memory that the model reads. */
static void correct(runs *r, mote_graph *packed, int op, const means *m, int from)
{
    const mote_op *o = &packed->ops[op];
    const int y = mote_op_result(o), bias = mote_op_operand(o, MOTE_OPERAND_BIAS);
    int32_t *stored = packed->tensors[bias].data;
    const int32_t *multipliers = packed->tensors[o->inputs[MOTE_CONV_MULTIPLIER]].data;
    const int8_t *shifts = packed->tensors[o->inputs[MOTE_CONV_SHIFTS]].data;
    mote_tensor *weights = &packed->tensors[mote_op_operand(o, MOTE_OPERAND_WEIGHTS)];
    uint32_t most = 0;
    for (uint32_t c = 0; c < packed->tensors[bias].dims[0]; c++) {
        const double wanted = m->sums[from][c] / m->rows[from] / (double)packed->tensors[y].quantization.scale;
        const double factor = ldexp(multipliers[c], shifts[c] - 31), error = wanted - stored_mean(r, y, c);
        const double change = factor > 0 ? rint(error / factor) : 0;
        if (fabs(change) > 1 << 24)
            continue;
        stored[c] += (int32_t)change;
        most = fabs(change) > most ? (uint32_t)fabs(change) : most;
    }
    weights->bound += weights->bound && most <= INT32_MAX - weights->bound ? most : 0;
}

static bool correct_all(runs *r, mote_graph *packed, const mote_graph *from, const means *m)
{
    for (int op = 0; op < packed->op_count; op++) {
        for (uint32_t i = 0; i < r->count; i++)
            mote_operator_run(&r->sessions[i], (uint32_t)op);
        const int bias = mote_op_operand(&packed->ops[op], MOTE_OPERAND_BIAS);
        const int y = bias < 0 ? -1 : counterpart(packed, from, op);
        if (y < 0 || !m->sums[y] || m->rows[y] == 0)
            continue;
        correct(r, packed, op, m, y);
        memcpy(r->file.data + mote_record(&r->model, (uint32_t)bias)->offset, packed->tensors[bias].data,
               mote_tensor_size(&packed->tensors[bias]));
        for (uint32_t i = 0; i < r->count; i++)
            mote_operator_run(&r->sessions[i], (uint32_t)op);
    }
    return true;
}

bool mote_affine_correct(mote_graph *packed, const mote_graph *from, const mote_source *source, mote_error *error)
{
    runs r;
    means m = {0};
    const bool done = start_runs(&r, packed, source, error) &&
                      (init_means(&m, from) || mote_fail(error, MOTE_E_INTERNAL, "no memory to correct biases")) &&
                      run_floats(&m, &r, from, source, error) && correct_all(&r, packed, from, &m);
    free_means(&m);
    free_runs(&r);
    return done && mote_make_golden(packed, error);
}
