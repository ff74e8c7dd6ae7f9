/* What an executor is made of: the graph rewritten, and every buffer placed. */
#include "compiler/graph/executor.h"

#include <cblas.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/graph/check.h"

enum { LINE = 16 }; /* floats of a 64-byte cache line: everything begins at one */

/* Hands out pieces of one allocation: first pass with a NULL base to count, second to place. */
typedef struct pool {
    float *base;
    size_t used;
} pool;

static float *take(pool *p, size_t count)
{
    float *piece = p->base ? p->base + p->used : NULL;
    p->used += (count + LINE - 1) / LINE * LINE;
    return piece;
}

static float *allocate(size_t count)
{
    size_t size = (count + LINE) / LINE * LINE * sizeof(float);
    float *memory = size / sizeof(float) < count ? NULL : aligned_alloc(64, size);
    if (memory)
        memset(memory, 0, size);
    return memory;
}

static int readers_of(const mote_graph *g, int tensor)
{
    int count = 0;
    for (int i = 0; i < g->op_count; i++)
        for (int j = 0; j < g->ops[i].input_count; j++)
            count += g->ops[i].inputs[j] == tensor;
    return count;
}

/* Swaps an embedding and the linear operator after it, where a table has fewer rows than `rows`. */
static void project_tables(mote_executor *x, size_t rows)
{
    mote_graph *g = &x->graph;
    for (int i = 0; i + 1 < g->op_count; i++) {
        mote_op *first = &g->ops[i], *second = &g->ops[i + 1];
        if (first->opcode != MOTE_OP_EMBEDDING || second->opcode != MOTE_OP_LINEAR ||
            first->inputs[MOTE_EMBEDDING_IDS] < 0 || second->inputs[MOTE_LINEAR_X] != mote_op_result(first) ||
            readers_of(g, mote_op_result(first)) != 1 || g->tensors[mote_op_result(first)].role != MOTE_ACTIVATION)
            continue;
        int table = first->inputs[MOTE_EMBEDDING_TABLE], between = mote_op_result(first);
        uint32_t tokens = g->tensors[table].dims[0];
        if (tokens >= rows)
            continue;
        g->tensors[between].rank = 2;
        g->tensors[between].dims[0] = tokens;
        g->tensors[between].dims[1] = g->tensors[mote_op_result(second)].dims[0];
        x->table_rows[between] = tokens;
        first->inputs[MOTE_EMBEDDING_TABLE] = between;
        first->outputs[MOTE_EMBEDDING_Y] = mote_op_result(second);
        second->inputs[MOTE_LINEAR_X] = table;
        second->outputs[MOTE_LINEAR_Y] = between;
        mote_op swap = *first;
        *first = *second;
        *second = swap;
    }
}

static bool is_parameter(const mote_tensor *t)
{
    return t->role == MOTE_CONSTANT && t->dtype == MOTE_F32;
}

static void place_parameters(mote_executor *x)
{
    size_t used = 0;
    for (int i = 0; i < x->graph.tensor_count; i++) {
        const mote_tensor *t = &x->graph.tensors[i];
        x->offset[i] = is_parameter(t) ? used : SIZE_MAX;
        if (is_parameter(t))
            used += (mote_tensor_elements(t) + LINE - 1) / LINE * LINE;
    }
    x->parameter_count = used;
}

/* Rows of the batch that operator i works on at most. */
static size_t most_rows(const mote_executor *x, const mote_op *op)
{
    uint32_t table = x->table_rows[mote_op_result(op)];
    return table ? table : (size_t)x->options.steps * x->options.streams;
}

static size_t activation_size(const mote_executor *x, int tensor)
{
    const mote_tensor *t = &x->graph.tensors[tensor];
    return x->table_rows[tensor] ? mote_tensor_elements(t)
                                 : mote_tensor_elements(t) * x->options.steps * x->options.streams;
}

static void place_shared(mote_executor *x, pool *p)
{
    x->parameters = take(p, x->parameter_count);
    x->effective = take(p, x->parameter_count);
    for (int i = 0; i < x->graph.op_count; i++) {
        const mote_op *op = &x->graph.ops[i];
        const mote_operator *kind = mote_operators[op->opcode];
        if (kind->prepared)
            x->prepared[i] = take(p, kind->prepared(&x->graph, op, x->options.backward));
        if (x->table_rows[mote_op_result(op)])
            x->shared_value[mote_op_result(op)] = take(p, activation_size(x, mote_op_result(op)));
    }
}

/* What leaves a GRU upwards, and a branch that joins a residual stream. */
static bool drops(const mote_executor *x, int op)
{
    const mote_op *ops = x->graph.ops;
    const bool joins = op + 1 < x->graph.op_count && ops[op].opcode == MOTE_OP_LINEAR &&
                       ops[op + 1].opcode == MOTE_OP_ADD && ops[op + 1].inputs[MOTE_ADD_B] == mote_op_result(&ops[op]);
    return x->options.dropout > 0 && (joins || ops[op].opcode == MOTE_OP_GRU);
}

/* Floats that an operator's input takes of each stream's state. */
static size_t kept_states(const mote_executor *x, const mote_op *op, int input)
{
    const mote_tensor *t = mote_op_input(&x->graph, op, input);
    const bool cache = op->opcode == MOTE_OP_ATTENTION;
    return !t || t->role != MOTE_STATE || (cache && x->options.windows) ? 0 : mote_tensor_elements(t);
}

/* The worker's activations and scratch, then everything a backward pass needs. */
static void place_slice(mote_executor *x, mote_slice *s, pool *p)
{
    const mote_graph *g = &x->graph;
    for (int i = 0; i < g->tensor_count; i++)
        s->value[i] = s->seen[i] = is_parameter(&g->tensors[i]) ? x->effective + x->offset[i] : x->shared_value[i];
    s->state = take(p, x->state_count);
    size_t state_used = 0;
    for (int i = 0; i < g->op_count; i++) {
        const mote_op *op = &g->ops[i];
        const mote_operator *kind = mote_operators[op->opcode];
        int y = mote_op_result(op);
        if (!s->value[y] && !x->table_rows[y])
            s->value[y] = s->seen[y] = take(p, activation_size(x, y));
        if (drops(x, i)) {
            s->seen[y] = take(p, activation_size(x, y));
            s->mask[i] = take(p, activation_size(x, y));
        }
        if (kind->scratch)
            s->passes[i].scratch = take(p, kind->scratch(g, op, x->options.steps, x->options.streams));
        for (int j = 0, k = 0; j < op->input_count; j++)
            if (kept_states(x, op, j)) {
                s->passes[i].state[k++] = s->state ? s->state + state_used : NULL;
                state_used += x->options.streams * kept_states(x, op, j);
            }
    }
    if (!x->options.backward)
        return;
    s->parameter_gradient = take(p, x->parameter_count);
    for (int i = 0; i < g->op_count; i++)
        s->gradient[mote_op_result(&g->ops[i])] = take(p, activation_size(x, mote_op_result(&g->ops[i])));
    for (int i = 0; i < g->tensor_count && p->base; i++)
        if (is_parameter(&g->tensors[i]))
            s->gradient[i] = s->parameter_gradient + x->offset[i];
}

/* Points the operators of a slice at their operands. */
static void connect(mote_executor *x, mote_slice *s)
{
    for (int i = 0; i < x->graph.op_count; i++) {
        const mote_op *op = &x->graph.ops[i];
        mote_pass *pass = &s->passes[i];
        pass->graph = &x->graph;
        pass->op = op;
        pass->prepared = x->prepared[i];
        pass->trains = x->options.backward;
        pass->rows = (uint32_t)most_rows(x, op);
        pass->streams = x->options.streams;
        for (int j = 0; j < op->input_count; j++) {
            if (op->inputs[j] < 0)
                continue;
            pass->in[j] = s->seen[op->inputs[j]];
            pass->in_grad[j] = s->gradient[op->inputs[j]];
        }
        pass->out[0] = s->value[mote_op_result(op)];
        pass->out_grad[0] = s->gradient[mote_op_result(op)];
    }
}

static bool init_slice(mote_executor *x, mote_slice *s)
{
    size_t tensors = (size_t)x->graph.tensor_count;
    s->value = calloc(3 * tensors, sizeof *s->value);
    s->passes = calloc((size_t)x->graph.op_count, sizeof *s->passes);
    s->mask = calloc((size_t)x->graph.op_count, sizeof *s->mask);
    s->begun = calloc(tensors, sizeof *s->begun);
    if (!s->value || !s->passes || !s->mask || !s->begun)
        return false;
    s->seen = s->value + tensors;
    s->gradient = s->seen + tensors;
    pool p = {0};
    place_slice(x, s, &p);
    s->memory = allocate(p.used);
    if (!s->memory)
        return false;
    memset(s->value, 0, 3 * tensors * sizeof *s->value);
    p = (pool){.base = s->memory};
    place_slice(x, s, &p);
    connect(x, s);
    return true;
}

/* The one input and the one output of the graph, and the size of its state. */
static bool find_ends(mote_executor *x, mote_error *error)
{
    int inputs = 0, outputs = 0;
    for (int i = 0; i < x->graph.tensor_count; i++) {
        const mote_tensor *t = &x->graph.tensors[i];
        if (t->role == MOTE_INPUT)
            x->ids = i, inputs++;
        if (t->role == MOTE_OUTPUT)
            x->logits = i, outputs++;
    }
    for (int i = 0; i < x->graph.op_count; i++)
        for (int j = 0; j < x->graph.ops[i].input_count; j++)
            x->state_count += kept_states(x, &x->graph.ops[i], j) * x->options.streams;
    if (x->graph.packed || inputs != 1 || outputs != 1 || x->graph.tensors[x->ids].dtype != MOTE_U16 ||
        x->graph.tensors[x->logits].dtype != MOTE_F32)
        return mote_fail(error, MOTE_E_UNSUPPORTED, "only a float graph from tokens to logits can be run here");
    x->vocabulary = x->graph.tensors[x->logits].dims[0];
    return true;
}

static bool init_parts(mote_executor *x, const mote_graph *g, mote_error *error)
{
    if (!mote_graph_check(g, error) || !mote_graph_copy(&x->graph, g, error) || !find_ends(x, error))
        return false;
    size_t tensors = (size_t)g->tensor_count, rows = (size_t)x->options.steps * x->options.streams;
    x->table_rows = calloc(tensors, sizeof *x->table_rows);
    x->offset = calloc(tensors, sizeof *x->offset);
    x->shared_value = calloc(tensors, sizeof *x->shared_value);
    x->prepared = calloc((size_t)g->op_count + 1, sizeof *x->prepared);
    x->slices = calloc(x->options.workers, sizeof *x->slices);
    if (!x->table_rows || !x->offset || !x->shared_value || !x->prepared || !x->slices)
        return false;
    project_tables(x, x->options.backward || rows > 4096 ? rows : 4096);
    place_parameters(x);
    pool p = {0};
    place_shared(x, &p);
    x->shared = allocate(p.used);
    x->codes = malloc(x->parameter_count + 1);
    x->scales = malloc((x->parameter_count + 1) * sizeof *x->scales);
    if (!x->shared || !x->codes || !x->scales)
        return false;
    p = (pool){.base = x->shared};
    place_shared(x, &p);
    for (uint32_t w = 0; w < x->options.workers; w++)
        if (!init_slice(x, &x->slices[w]))
            return false;
    return true;
}

bool mote_executor_init(mote_executor *x, const mote_graph *g, const mote_executor_options *options, mote_error *error)
{
    openblas_set_num_threads(1);
    memset(x, 0, sizeof *x);
    x->options = *options;
    x->quantised = 1;
    mote_error why = {.code = MOTE_E_INTERNAL, .text = "out of memory: a smaller batch or sequence needs less"};
    if (!init_parts(x, g, &why)) {
        mote_executor_free(x);
        return mote_fail(error, why.code, "%s", why.text);
    }
    for (int i = 0; i < g->tensor_count; i++)
        if (x->offset[i] != SIZE_MAX)
            memcpy(x->parameters + x->offset[i], g->tensors[i].data, mote_tensor_size(&g->tensors[i]));
    for (int stage = 0; stage < MOTE_REFRESH_STAGES; stage++)
        mote_executor_refresh(x, stage, 0, 1);
    return true;
}

void mote_executor_free(mote_executor *x)
{
    for (uint32_t w = 0; x->slices && w < x->options.workers; w++) {
        free(x->slices[w].memory);
        free(x->slices[w].value);
        free(x->slices[w].passes);
        free(x->slices[w].mask);
        free(x->slices[w].begun);
    }
    free(x->slices);
    free(x->table_rows);
    free(x->offset);
    free(x->shared_value);
    free(x->prepared);
    free(x->shared);
    free(x->codes);
    free(x->scales);
    mote_graph_free(&x->graph);
    memset(x, 0, sizeof *x);
}
