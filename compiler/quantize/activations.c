#include "compiler/quantize/activations.h"

#include <math.h>
#include <mote_text.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/graph/cross_entropy.h"
#include "compiler/graph/evaluator.h"
#include "compiler/pack/container.h"
#include "compiler/quantize/own_text.h"
#include "runtime/ops/ops.h"

/* A tensor of the packed graph, its float counterpart, and statistics of both. */
typedef struct watched {
    int tensor, from;
    int op, input; /* op: the operator that makes the tensor; input: its input number if it is a state, else -1 */
    mote_observer observer;
    double power, noise, steps, most_step, saturated;
} watched;

/* The float graph and the packed graph, ready to run. */
typedef struct pair {
    const mote_graph *from, *packed;
    mote_evaluator evaluator;
    mote_bytes file;
    mote_model model;
    mote_session session;
    void *arena, *state;
    float *logits; /* of the packed graph */
    watched *all;
    int count;
} pair;

/* --- watched tensors --- */

/* Returns the float tensor of the same name, or of that name without the 8 of an int8 copy; -1 if there is none. */
static int counterpart(const mote_graph *from, const char *name)
{
    const int same = mote_graph_find(from, name);
    const size_t length = strlen(name);
    if (same >= 0 || !length || name[length - 1] != '8')
        return same;
    for (int i = 0; i < from->tensor_count; i++)
        if (strncmp(from->tensors[i].name, name, length - 1) == 0 && !from->tensors[i].name[length - 1])
            return i;
    return -1;
}

static void watch(pair *p, int tensor, int op, int input)
{
    const int from = tensor < 0 ? -1 : counterpart(p->from, p->packed->tensors[tensor].name);
    for (int i = 0; i < p->count; i++)
        if (p->all[i].tensor == tensor)
            return;
    if (from >= 0)
        p->all[p->count++] = (watched){.tensor = tensor, .from = from, .op = op, .input = input};
}

static bool watch_all(pair *p)
{
    const mote_graph *g = p->packed;
    p->all = calloc((size_t)g->tensor_count + 1, sizeof *p->all);
    for (int o = 0; o < g->op_count && p->all; o++) {
        const mote_op *op = &g->ops[o];
        for (int i = 0; i < op->input_count; i++)
            if (op->inputs[i] >= 0 && g->tensors[op->inputs[i]].role == MOTE_STATE)
                watch(p, op->inputs[i], o, i);
        for (int i = 0; i < op->output_count; i++)
            watch(p, op->outputs[i], o, -1);
    }
    return p->all;
}

/* --- values of a float tensor after a token --- */

static const float *state_values(const pair *p, int tensor)
{
    const mote_tensor *t = &p->from->tensors[tensor];
    for (int o = 0; o < p->from->op_count; o++)
        for (int i = 0, k = 0; i < p->from->ops[o].input_count; i++) {
            const int input = p->from->ops[o].inputs[i];
            if (input == tensor)
                return p->evaluator.executor.slices[0].passes[o].state[k] +
                       (t->rank == 2 ? (size_t)(p->session.position % t->dims[0]) * t->dims[1] : 0);
            k += input >= 0 && p->from->tensors[input].role == MOTE_STATE;
        }
    return NULL;
}

/* Returns the row of a token in a table that the executor multiplies as a whole, in place of the embedding `tensor`. */
static const float *table_values(const pair *p, int tensor, uint16_t token)
{
    const mote_executor *x = &p->evaluator.executor;
    for (int o = 0; o < x->graph.op_count; o++)
        if (mote_op_result(&x->graph.ops[o]) == tensor)
            return x->slices[0].seen[x->graph.ops[o].inputs[MOTE_LINEAR_X]] +
                   (size_t)token * p->from->tensors[tensor].dims[0];
    return NULL;
}

static const float *float_values(const pair *p, int tensor, uint16_t token)
{
    const mote_executor *x = &p->evaluator.executor;
    return p->from->tensors[tensor].role == MOTE_STATE ? state_values(p, tensor)
           : x->table_rows[tensor]                     ? table_values(p, tensor, token)
                                                       : x->slices[0].seen[tensor];
}

/* --- values of a packed tensor --- */

static uint32_t length_of(const mote_tensor *t) /* elements of a vector, or of one row of a cache */
{
    return t->dims[t->rank - 1];
}

static const void *row_of(const pair *p, int tensor)
{
    const mote_tensor *t = &p->packed->tensors[tensor];
    const uint8_t *data = mote_data(&p->session, (uint32_t)tensor);
    return data + (t->rank == 2 ? p->session.position % t->dims[0] * mote_row_size(t->dtype, t->dims[1]) : 0);
}

static int code_at(const void *row, mote_dtype dtype, uint32_t i)
{
    return dtype == MOTE_I16 ? ((const int16_t *)row)[i] : ((const int8_t *)row)[i];
}

static bool has_own_scales(const mote_tensor *t)
{
    return t->dtype == MOTE_I8V || (t->dtype == MOTE_I8 && t->rank == 2);
}

static double vector_step(const pair *p, const watched *w)
{
    const mote_tensor *t = &p->packed->tensors[w->tensor];
    const size_t at = mote_row_size(MOTE_I8V, t->dims[0]) - sizeof(mote_vector_scale);
    const mote_vector_scale *s = (const void *)((const uint8_t *)row_of(p, w->tensor) + at);
    return (double)p->packed->tensors[p->packed->ops[w->op].inputs[MOTE_QUANTIZE_X]].quantization.scale *
           ldexp(s->mantissa, s->exponent);
}

/* Returns the step of value i of an int8 cache: the cached scale of the value's head times the scale of the stored
 * tensor. */
static double head_step(const pair *p, const watched *w, uint32_t i)
{
    const mote_op *op = &p->packed->ops[w->op];
    const uint32_t heads = (uint32_t)op->params[MOTE_ATTENTION_KV_HEADS];
    const bool keys = w->input == MOTE_ATTENTION_KEYS;
    const uint8_t *scales = row_of(p, op->inputs[keys ? MOTE_ATTENTION_KEY_SCALES : MOTE_ATTENTION_VALUE_SCALES]);
    const uint8_t scale = scales[i / (p->packed->tensors[w->tensor].dims[1] / heads)];
    return (double)p->packed->tensors[op->inputs[keys ? MOTE_ATTENTION_K : MOTE_ATTENTION_V]].quantization.scale *
           ldexp(16 + scale % 16, scale / 16 - 4);
}

static double step_at(const pair *p, const watched *w, uint32_t i)
{
    const mote_tensor *t = &p->packed->tensors[w->tensor];
    return t->dtype == MOTE_I8V ? vector_step(p, w)
           : has_own_scales(t)  ? head_step(p, w, i)
                                : (double)t->quantization.scale;
}

static int top_of(const mote_tensor *t)
{
    return t->dtype == MOTE_I16 ? 32767 : 127;
}

/* --- comparison --- */

static bool see(pair *p, watched *w, uint16_t token, mote_error *error)
{
    const mote_tensor *t = &p->packed->tensors[w->tensor];
    const uint32_t n = length_of(t);
    const float *values = float_values(p, w->from, token);
    const void *row = row_of(p, w->tensor);
    if (!mote_observer_see(&w->observer, values, n))
        return mote_fail(error, MOTE_E_FORMAT, "values of %s were infinite or undefined",
                         p->from->tensors[w->from].name);
    for (uint32_t i = 0; i < n; i++) {
        const int code = code_at(row, t->dtype, i);
        const double step = step_at(p, w, i), off = (double)values[i] - code * step;
        w->power += (double)values[i] * (double)values[i];
        w->noise += off * off;
        w->steps += step;
        w->most_step = fmax(w->most_step, step);
        w->saturated += !has_own_scales(t) && abs(code) >= top_of(t);
    }
    return true;
}

/* Feeds a token to both graphs, the float graph first. Each packed tensor is compared right after the operator that
 * makes it, before another tensor takes its place in the arena. */
static bool feed(pair *p, uint16_t token, mote_error *error)
{
    mote_evaluator_feed(&p->evaluator, &token, 1);
    *(uint16_t *)mote_data_mutable(&p->session, p->model.input) = token;
    for (int o = 0, i = 0; o < p->packed->op_count; o++) {
        mote_operator_run(&p->session, (uint32_t)o);
        for (; i < p->count && p->all[i].op == o; i++)
            if (!see(p, &p->all[i], token, error))
                return false;
    }
    p->session.position++;
    return true;
}

static void add_losses(pair *p, uint16_t target, mote_activation_table *t)
{
    mote_evaluator *e = &p->evaluator;
    const int16_t *scores = mote_logits(&p->session);
    for (uint32_t i = 0; i < e->vocabulary; i++)
        p->logits[i] = (float)scores[i] / 1024;
    t->float_loss += mote_cross_entropy(mote_executor_output(&e->executor, 0, 0), &target, 1, e->vocabulary, 0, NULL);
    t->loss += mote_cross_entropy(p->logits, &target, 1, e->vocabulary, 0, NULL);
}

static void begin(pair *p)
{
    mote_evaluator_reset(&p->evaluator);
    mote_reset(&p->session);
}

static bool is_full(const pair *p)
{
    const uint32_t context = mote_graph_context(p->packed);
    return context && p->session.position >= context;
}

/* Reads the text in the same sequences as calibration does. */
static bool read_text(pair *p, const uint16_t *tokens, size_t count, mote_activation_table *t, mote_error *error)
{
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || is_full(p)) {
            begin(p);
            if (!feed(p, mote_graph_start_token(p->from), error))
                return false;
        }
        add_losses(p, tokens[i], t);
        if (is_full(p)) /* a context of one token is full after the start token */
            begin(p);
        if (!feed(p, tokens[i], error))
            return false;
    }
    t->float_loss /= (double)count;
    t->loss /= (double)count;
    return true;
}

static bool start_packed(pair *p, mote_error *error)
{
    if (!mote_graph_encode(p->packed, &p->file, error))
        return false;
    const mote_status status = mote_open(&p->model, p->file.data, p->file.size);
    if (status != MOTE_SUCCESS)
        return mote_fail(error, MOTE_E_INTERNAL, "the packed model does not open: %s", mote_status_text(status));
    const size_t arena = mote_arena_size(&p->model), state = mote_state_size(&p->model);
    p->arena = aligned_alloc(MOTE_ALIGNMENT, arena);
    p->state = aligned_alloc(MOTE_ALIGNMENT, state + MOTE_ALIGNMENT);
    p->logits = malloc(mote_vocabulary(&p->model) * sizeof *p->logits);
    return (p->arena && p->state && p->logits &&
            mote_start(&p->session, &p->model, p->arena, arena, p->state, state) == MOTE_SUCCESS) ||
           mote_fail(error, MOTE_E_INTERNAL, "no memory to run the packed model");
}

static void free_pair(pair *p)
{
    mote_evaluator_free(&p->evaluator);
    free(p->file.data);
    free(p->arena);
    free(p->state);
    free(p->logits);
    free(p->all);
}

static mote_activation_report report_of(const watched *w, const mote_graph *packed)
{
    const mote_observer *o = &w->observer;
    const double values = (double)o->count;
    mote_activation_report r = {.tensor = w->tensor,
                                .least = o->min,
                                .most = o->max,
                                .scale = w->steps / values,
                                .most_scale = w->most_step,
                                .saturated = w->saturated / values,
                                .snr = 10 * log10(w->power / w->noise)};
    mote_observer_ranges(o, top_of(&packed->tensors[w->tensor]), r.ranges);
    return r;
}

bool mote_activations_init(mote_activation_table *t, const mote_graph *from, const mote_graph *packed,
                           const mote_source *text, mote_error *error)
{
    const uint16_t *tokens = (const uint16_t *)text->data + text->first;
    pair p = {.from = from, .packed = packed};
    *t = (mote_activation_table){0};
    if (!mote_evaluator_init(&p.evaluator, from, 1, error))
        return false;
    bool done = start_packed(&p, error);
    if (done) {
        done = watch_all(&p) && (t->rows = calloc((size_t)p.count + 1, sizeof *t->rows));
        done = done ? read_text(&p, tokens, text->count, t, error)
                    : mote_fail(error, MOTE_E_INTERNAL, "no memory to look at activations");
    }
    for (int i = 0; done && i < p.count; i++)
        t->rows[t->count++] = report_of(&p.all[i], packed);
    free_pair(&p);
    if (!done)
        mote_activations_free(t);
    return done;
}

void mote_activations_free(mote_activation_table *t)
{
    free(t->rows);
    *t = (mote_activation_table){0};
}
