/* Initializes and frees an executor: rewrites the graph and assigns memory to every buffer. */
#include "compiler/graph/executor.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/graph/check.h"
#include "compiler/graph/limits.h"

enum { LINE = 16 }; /* floats of a 64-byte cache line: the alignment of every buffer */

/* An allocation that is divided into pieces. The first pass, with a NULL base, counts; the second assigns. */
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
    const size_t size = (count + LINE) / LINE * LINE * sizeof(float);
    float *memory = size / sizeof(float) < count || size > mote_most_memory() ? NULL : aligned_alloc(64, size);
    if (memory)
        memset(memory, 0, size);
    return memory;
}

/* Swaps an embedding and the linear operator after it if the table has fewer than `rows` rows: the linear operator then
 * runs once on the table and the embedding looks up its results. */
static void project_tables(mote_executor *x, size_t rows)
{
    mote_graph *g = &x->graph;
    for (int i = 0; i + 1 < g->op_count; i++) {
        mote_op *first = &g->ops[i], *second = &g->ops[i + 1];
        if (first->opcode != MOTE_OP_EMBEDDING || second->opcode != MOTE_OP_LINEAR ||
            first->inputs[MOTE_EMBEDDING_IDS] < 0 || second->inputs[MOTE_LINEAR_X] != mote_op_result(first) ||
            mote_graph_readers(g, mote_op_result(first)) != 1 ||
            g->tensors[mote_op_result(first)].role != MOTE_ACTIVATION)
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

/* Returns the most rows of a batch of the operator. */
static size_t most_rows(const mote_executor *x, const mote_op *op)
{
    uint32_t table = x->table_rows[mote_op_result(op)];
    return table ? table : (size_t)x->options.steps * x->options.streams;
}

/* Returns the size of all rows of a tensor in floats, for any type. */
static size_t activation_size(const mote_executor *x, int tensor)
{
    const mote_tensor *t = &x->graph.tensors[tensor];
    const size_t row = (mote_tensor_size(t) + sizeof(float) - 1) / sizeof(float);
    return x->table_rows[tensor] ? row : row * x->options.steps * x->options.streams;
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

/* True if dropout applies to the result of the operator: the output of a GRU, or the output of a linear operator that
 * the next operator adds to the residual stream. */
static bool drops(const mote_executor *x, int op)
{
    const mote_op *ops = x->graph.ops;
    const bool joins = op + 1 < x->graph.op_count && ops[op].opcode == MOTE_OP_LINEAR &&
                       ops[op + 1].opcode == MOTE_OP_ADD && ops[op + 1].inputs[MOTE_ADD_B] == mote_op_result(&ops[op]);
    return x->options.dropout > 0 && (joins || ops[op].opcode == MOTE_OP_GRU);
}

static bool is_state(const mote_executor *x, const mote_op *op, int input)
{
    const mote_tensor *t = mote_op_input(&x->graph, op, input);
    return t && t->role == MOTE_STATE;
}

/* Returns the number of floats of state that an input keeps per stream: 0 for a cache with `windows`. */
static size_t kept_states(const mote_executor *x, const mote_op *op, int input)
{
    const bool cache = op->opcode == MOTE_OP_ATTENTION;
    return !is_state(x, op, input) || (cache && x->options.windows)
               ? 0
               : mote_tensor_elements(mote_op_input(&x->graph, op, input));
}

/* Assigns the tensors that no operator of the slice writes: parameters, other constants, and shared values. */
static void place_constants(const mote_executor *x, mote_slice *s)
{
    const mote_graph *g = &x->graph;
    for (int i = 0; i < g->tensor_count; i++)
        s->value[i] = s->seen[i] = is_parameter(&g->tensors[i])          ? x->effective + x->offset[i]
                                   : g->tensors[i].role == MOTE_CONSTANT ? g->tensors[i].data
                                                                         : x->shared_value[i];
}

static void place_outputs(mote_executor *x, mote_slice *s, pool *p, const mote_op *op)
{
    for (int k = 0; k < op->output_count; k++) {
        const int y = op->outputs[k];
        if (y >= 0 && !x->table_rows[y])
            s->value[y] = s->seen[y] = take(p, activation_size(x, y));
    }
}

/* Assigns inputs, activations and scratch of a worker. */
static void place_activations(mote_executor *x, mote_slice *s, pool *p)
{
    const mote_graph *g = &x->graph;
    place_constants(x, s);
    for (int i = 0; i < x->input_count; i++)
        s->value[x->inputs[i]] = s->seen[x->inputs[i]] = take(p, activation_size(x, x->inputs[i]));
    for (int i = 0; i < g->op_count; i++) {
        const mote_op *op = &g->ops[i];
        const mote_operator *kind = mote_operators[op->opcode];
        const int y = mote_op_result(op);
        place_outputs(x, s, p, op);
        if (drops(x, i)) {
            s->seen[y] = take(p, activation_size(x, y));
            s->mask[i] = take(p, activation_size(x, y));
        }
        if (kind->scratch)
            s->passes[i].scratch = take(p, kind->scratch(g, op, x->options.steps, x->options.streams));
    }
}

/* True if an operator that does not accept NULL gradients reads this input of the network. */
static bool needs_gradient(const mote_graph *g, int input)
{
    for (int i = 0; i < g->op_count; i++)
        for (int j = 0; j < g->ops[i].input_count; j++)
            if (g->ops[i].inputs[j] == input && !mote_operators[g->ops[i].opcode]->writes)
                return g->tensors[input].dtype == MOTE_F32;
    return false;
}

static void place_gradients(mote_executor *x, mote_slice *s, pool *p)
{
    const mote_graph *g = &x->graph;
    s->parameter_gradient = take(p, x->parameter_count);
    for (int i = 0; i < x->input_count; i++)
        if (needs_gradient(g, x->inputs[i]))
            s->gradient[x->inputs[i]] = take(p, activation_size(x, x->inputs[i]));
    for (int i = 0; i < g->op_count; i++)
        for (int k = 0; k < g->ops[i].output_count; k++) {
            const int y = g->ops[i].outputs[k];
            if (y >= 0 && g->tensors[y].dtype == MOTE_F32)
                s->gradient[y] = take(p, activation_size(x, y));
        }
    for (int i = 0; i < g->tensor_count && p->base; i++)
        if (is_parameter(&g->tensors[i]))
            s->gradient[i] = s->parameter_gradient + x->offset[i];
}

static void place_slice(mote_executor *x, mote_slice *s, pool *p)
{
    place_activations(x, s, p);
    s->state = take(p, x->state_count);
    if (x->options.backward)
        place_gradients(x, s, p);
}

/* Remaining pointers, flags and state to assign to the passes. */
typedef struct operand_pool {
    float **pointers;
    bool *fresh;
    float *state; /* state of the worker's streams */
} operand_pool;

static float **take_pointers(operand_pool *p, int count)
{
    float **pointers = p->pointers;
    p->pointers += count;
    return pointers;
}

static void connect_states(const mote_executor *x, mote_pass *pass, operand_pool *p)
{
    pass->state = p->pointers;
    for (int j = 0; j < pass->op->input_count; j++)
        if (is_state(x, pass->op, j)) {
            const size_t kept = x->options.streams * kept_states(x, pass->op, j);
            *take_pointers(p, 1) = kept ? p->state : NULL;
            p->state += kept;
        }
}

/* Sets the pointers of a pass to its operands. */
static void connect_pass(const mote_executor *x, mote_slice *s, mote_pass *pass, operand_pool *p)
{
    const mote_op *op = pass->op;
    pass->in = take_pointers(p, op->input_count);
    pass->in_grad = take_pointers(p, op->input_count);
    pass->out = take_pointers(p, op->output_count);
    pass->out_grad = take_pointers(p, op->output_count);
    pass->fresh = p->fresh;
    p->fresh += op->input_count;
    for (int j = 0; j < op->input_count; j++) {
        pass->in[j] = op->inputs[j] < 0 ? NULL : s->seen[op->inputs[j]];
        pass->in_grad[j] = op->inputs[j] < 0 ? NULL : s->gradient[op->inputs[j]];
    }
    for (int k = 0; k < op->output_count; k++) {
        pass->out[k] = op->outputs[k] < 0 ? NULL : s->value[op->outputs[k]];
        pass->out_grad[k] = op->outputs[k] < 0 ? NULL : s->gradient[op->outputs[k]];
    }
    connect_states(x, pass, p);
}

static void connect(const mote_executor *x, mote_slice *s)
{
    operand_pool p = {s->operands, s->fresh, s->state};
    for (int i = 0; i < x->graph.op_count; i++) {
        mote_pass *pass = &s->passes[i];
        pass->graph = &x->graph;
        pass->op = &x->graph.ops[i];
        pass->prepared = x->prepared[i];
        pass->trains = x->options.backward;
        pass->rows = (uint32_t)most_rows(x, pass->op);
        pass->streams = x->options.streams;
        connect_pass(x, s, pass, &p);
    }
}

/* Returns the number of inputs and outputs of all operators, plus 1. */
static size_t count_operands(const mote_graph *g)
{
    size_t count = 1;
    for (int i = 0; i < g->op_count; i++)
        count += (size_t)(g->ops[i].input_count + g->ops[i].output_count);
    return count;
}

static bool init_slice(mote_executor *x, mote_slice *s)
{
    size_t tensors = (size_t)x->graph.tensor_count;
    s->value = calloc(3 * tensors, sizeof *s->value);
    s->passes = calloc((size_t)x->graph.op_count, sizeof *s->passes);
    s->mask = calloc((size_t)x->graph.op_count, sizeof *s->mask);
    s->begun = calloc(tensors, sizeof *s->begun);
    s->operands = calloc(3 * count_operands(&x->graph), sizeof *s->operands);
    s->fresh = calloc(count_operands(&x->graph), sizeof *s->fresh);
    if (!s->value || !s->passes || !s->mask || !s->begun || !s->operands || !s->fresh)
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

static int count_role(const mote_graph *g, mote_role role)
{
    int count = 0;
    while (mote_graph_of_role(g, role, count) >= 0)
        count++;
    return count;
}

/* Finds the inputs and outputs of the graph and computes the size of its state. */
static bool find_ends(mote_executor *x)
{
    const mote_graph *g = &x->graph;
    x->input_count = count_role(g, MOTE_INPUT);
    x->output_count = count_role(g, MOTE_OUTPUT);
    x->inputs = malloc(((size_t)x->input_count + 1) * sizeof *x->inputs);
    x->outputs = malloc(((size_t)x->output_count + 1) * sizeof *x->outputs);
    if (!x->inputs || !x->outputs)
        return false;
    for (int i = 0; i < x->input_count; i++)
        x->inputs[i] = mote_graph_of_role(g, MOTE_INPUT, i);
    for (int i = 0; i < x->output_count; i++)
        x->outputs[i] = mote_graph_of_role(g, MOTE_OUTPUT, i);
    for (int i = 0; i < g->op_count; i++)
        for (int j = 0; j < g->ops[i].input_count; j++)
            x->state_count += kept_states(x, &g->ops[i], j) * x->options.streams;
    return true;
}

static bool init_parts(mote_executor *x, const mote_graph *g, mote_error *error)
{
    if (g->packed)
        return mote_fail(error, MOTE_E_UNSUPPORTED, "the model is packed; this needs the float model it came from");
    if (!mote_graph_check(g, error) || !mote_graph_copy(&x->graph, g, error) || !find_ends(x))
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
    memset(x, 0, sizeof *x);
    x->options = *options;
    x->quantized = 1;
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
        free(x->slices[w].operands);
        free(x->slices[w].fresh);
    }
    free(x->slices);
    free(x->inputs);
    free(x->outputs);
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
