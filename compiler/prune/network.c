#include "compiler/prune/network.h"

#include <math.h>
#include <stdlib.h>
#include <time.h>

#include "compiler/prune/mincut.h"
#include "compiler/quantize/inputs.h"

enum { SOURCE, SINK, FIRST_NODE };

#define SUM_OF_WEIGHTS 0x1p42 /* sum of all weights as integers, the upper bound of a cut */
#define UNLIMITED      ((int64_t)1 << 43)

/* A flow network in which every element of an activation is two nodes, its entry and its exit, with an edge between.
 * Built twice: first to count edges, then to fill them. */
typedef struct network {
    const mote_graph *g;
    const mote_activity *activity;
    uint32_t *node;   /* per tensor: its first node */
    uint32_t *before; /* per output of a GRU: the first node of the state before the token */
    bool *join;      /* per tensor: a sum or an embedding, where flow ends at the sink and begins again at the source */
    double *total;   /* per tensor: flow that can enter all its elements, 0 for no limit */
    size_t *edge_of; /* per operator with a matrix: its first edge */
    uint32_t nodes;
    mote_flow_edge *edges;
    size_t edge_count;
    double scale;
} network;

static void add_edge(network *n, uint32_t from, uint32_t to, int64_t capacity)
{
    if (n->edges)
        n->edges[n->edge_count] = (mote_flow_edge){from, to, capacity};
    n->edge_count++;
}

static uint32_t enter(const network *n, int tensor, uint32_t element)
{
    return n->node[tensor] + 2 * element;
}

/* False for inputs and constants, whose elements leave from the source. */
static bool is_made(const network *n, int tensor)
{
    return n->node[tensor] >= FIRST_NODE;
}

static uint32_t leave(const network *n, int tensor, uint32_t element)
{
    return is_made(n, tensor) ? n->node[tensor] + 2 * element + 1 : SOURCE;
}

static uint32_t width(const network *n, int tensor)
{
    return (uint32_t)mote_tensor_elements(&n->g->tensors[tensor]);
}

/* Adds the edges of a matrix, row by row, from nodes `stride` apart. Returns the sum of their flows. */
static double add_matrix(network *n, int op, uint32_t from, uint32_t stride, int to)
{
    const int weights = mote_op_operand(&n->g->ops[op], MOTE_OPERAND_WEIGHTS);
    const mote_tensor *t = &n->g->tensors[weights];
    const float *w = t->data;
    const double *x = n->activity->input[weights];
    double sum = 0;
    n->edge_of[op] = n->edge_count;
    for (uint32_t r = 0; r < t->dims[0]; r++)
        for (uint32_t c = 0; c < t->dims[1]; c++, w++) {
            const double flow = fabs((double)*w) * x[c];
            add_edge(n, from + stride * c, enter(n, to, r), (int64_t)fmin(flow * n->scale, (double)UNLIMITED));
            sum += flow;
        }
    return sum;
}

/* Connects elements one to one, without a limit. Does not connect joins to joins. */
static void add_passage(network *n, int from, int to)
{
    if (from < 0 || (n->join[from] && n->join[to]))
        return;
    for (uint32_t i = 0, count = width(n, to), all = width(n, from); i < (all > count ? all : count); i++)
        add_edge(n, leave(n, from, i % all), enter(n, to, i % count), UNLIMITED);
    n->total[to] += n->join[from] ? 0 : n->total[from];
}

/* Connects all elements of a head of q and k to all elements of the head's output, through one node per head. */
static void add_attention(network *n, const mote_op *op)
{
    const uint32_t heads = (uint32_t)op->params[MOTE_ATTENTION_HEADS],
                   kv = (uint32_t)op->params[MOTE_ATTENTION_KV_HEADS];
    const int y = op->outputs[MOTE_ATTENTION_Y];
    const uint32_t w = width(n, y) / heads, ratio = heads / kv, first = n->nodes;
    n->nodes += heads;
    for (uint32_t h = 0; h < heads; h++)
        for (uint32_t i = 0; i < w; i++) {
            const uint32_t key = h / ratio * w + i, out = h * w + i;
            add_edge(n, leave(n, op->inputs[MOTE_ATTENTION_Q], out), first + h, UNLIMITED);
            add_edge(n, leave(n, op->inputs[MOTE_ATTENTION_K], key), first + h, UNLIMITED);
            add_edge(n, first + h, enter(n, y, out), UNLIMITED);
            add_edge(n, leave(n, op->inputs[MOTE_ATTENTION_V], key), enter(n, y, out), UNLIMITED);
        }
    n->total[y] += n->total[op->inputs[MOTE_ATTENTION_Q]] + n->total[op->inputs[MOTE_ATTENTION_K]] +
                   n->total[op->inputs[MOTE_ATTENTION_V]];
}

/* Connects a GRU. The state before the token is a source beside the input; both enter the gates, and the gates enter
 * the new state. */
static void add_gru(network *n, int op)
{
    const int gates = n->g->ops[op].inputs[MOTE_GRU_GATES], y = n->g->ops[op].outputs[MOTE_GRU_Y];
    for (uint32_t i = 0; i < width(n, y); i++)
        add_edge(n, SOURCE, n->before[y] + i, UNLIMITED);
    n->total[gates] += add_matrix(n, op, n->before[y], 1, gates);
    add_passage(n, gates, y);
}

/* Adds the edges of an operator. Operators without a rule of their own pass every input on to the result. */
static void add_operator(network *n, int index)
{
    const mote_op *op = &n->g->ops[index];
    const mote_operator_info *info = mote_operator_of(op->opcode);
    const int y = mote_op_result(op);
    if (op->opcode == MOTE_OP_GRU)
        add_gru(n, index);
    else if (op->opcode == MOTE_OP_ATTENTION)
        add_attention(n, op);
    else if (op->opcode == MOTE_OP_LINEAR)
        n->total[y] += add_matrix(n, index, leave(n, op->inputs[MOTE_LINEAR_X], 0),
                                  is_made(n, op->inputs[MOTE_LINEAR_X]) ? 2 : 0, y);
    else
        for (int i = 0; i < info->input_count && !(info->traits & MOTE_TRAIT_LOOKUP); i++)
            if (mote_operand_is_value(info->inputs[i].role))
                add_passage(n, op->inputs[i], y);
}

/* Adds the edges within the elements of an activation. An element may pass on its share of the activation, out of the
 * flow that can enter all elements. */
static void add_elements(network *n, int tensor)
{
    const uint32_t count = width(n, tensor);
    const double *activation = n->activity->activation[tensor];
    double sum = 0;
    for (uint32_t i = 0; i < count; i++)
        sum += activation[i];
    for (uint32_t i = 0; i < count; i++) {
        const double share = sum > 0 ? activation[i] / sum : 0;
        const bool limited = n->total[tensor] > 0 && !n->join[tensor];
        const int64_t capacity =
            limited ? (int64_t)fmin(share * n->total[tensor] * n->scale, (double)UNLIMITED) : UNLIMITED;
        const bool last = n->g->tensors[tensor].role == MOTE_OUTPUT;
        if (n->join[tensor]) {
            add_edge(n, enter(n, tensor, i), SINK, capacity);
            add_edge(n, SOURCE, leave(n, tensor, i), capacity);
        } else {
            add_edge(n, enter(n, tensor, i), last ? SINK : leave(n, tensor, i), capacity);
        }
    }
}

static void build(network *n)
{
    n->nodes = FIRST_NODE;
    n->edge_count = 0;
    for (int i = 0; i < n->g->tensor_count; i++)
        n->total[i] = 0;
    for (int i = 0; i < n->g->op_count; i++) {
        const int y = mote_op_result(&n->g->ops[i]);
        n->node[y] = n->nodes;
        n->nodes += 2 * width(n, y);
        n->before[y] = n->nodes;
        n->nodes += n->g->ops[i].opcode == MOTE_OP_GRU ? width(n, y) : 0;
        n->join[y] = mote_op_has(&n->g->ops[i], MOTE_TRAIT_LOOKUP) || n->g->ops[i].opcode == MOTE_OP_ADD;
    }
    for (int i = 0; i < n->g->op_count; i++)
        add_operator(n, i);
    for (int i = 0; i < n->g->op_count; i++)
        add_elements(n, mote_op_result(&n->g->ops[i]));
}

static double weights_in(const network *n)
{
    double sum = 0;
    for (int i = 0; i < n->g->op_count; i++) {
        const int weights = mote_op_operand(&n->g->ops[i], MOTE_OPERAND_WEIGHTS);
        const mote_tensor *t = weights < 0 ? NULL : &n->g->tensors[weights];
        for (size_t k = 0; t && k < mote_tensor_elements(t); k++)
            sum += fabs((double)((const float *)t->data)[k]) * n->activity->input[weights][k % t->dims[1]];
    }
    return sum > 0 ? sum : 1;
}

static void read_operator(const network *n, int op, const mote_flow *flow, float *importance, size_t *cut)
{
    const mote_tensor *t = &n->g->tensors[mote_op_operand(&n->g->ops[op], MOTE_OPERAND_WEIGHTS)];
    const size_t first = n->edge_of[op], count = mote_tensor_elements(t);
    int64_t most = 1;
    for (size_t i = 0; i < count; i++)
        most = flow->edge[first + i] > most ? flow->edge[first + i] : most;
    for (size_t i = 0; i < count; i++) {
        const mote_flow_edge *e = &n->edges[first + i];
        const bool is_cut = e->capacity > 0 && flow->source_side[e->from] && !flow->source_side[e->to];
        *cut += is_cut;
        /* among weights of equal flow, the larger counts slightly more */
        importance[i] +=
            (float)(((double)flow->edge[first + i] + (is_cut ? (double)most : 0) + 1e-4 * (double)e->capacity) /
                    n->scale);
    }
}

static bool solve(network *n, float **importance, mote_network_report *report, mote_error *error)
{
    struct timespec start, end;
    mote_flow flow;
    clock_gettime(CLOCK_MONOTONIC, &start);
    if (!mote_flow_solve(&(mote_flow_network){n->nodes, SOURCE, SINK, n->edge_count, n->edges}, &flow, error))
        return false;
    clock_gettime(CLOCK_MONOTONIC, &end);
    *report = (mote_network_report){
        n->nodes, n->edge_count, (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec), 0};
    for (int i = 0; i < n->g->op_count; i++) {
        const int weights = mote_op_operand(&n->g->ops[i], MOTE_OPERAND_WEIGHTS);
        if (weights >= 0 && importance[weights])
            read_operator(n, i, &flow, importance[weights], &report->cut);
    }
    mote_flow_free(&flow);
    return true;
}

bool mote_network_importance(const mote_graph *g, const mote_activity *c, float **importance,
                             mote_network_report *report, mote_error *error)
{
    const size_t tensors = (size_t)g->tensor_count + 1;
    network n = {.g = g,
                 .activity = c,
                 .node = calloc(tensors, sizeof *n.node),
                 .before = calloc(tensors, sizeof *n.before),
                 .join = calloc(tensors, sizeof *n.join),
                 .total = calloc(tensors, sizeof *n.total),
                 .edge_of = calloc((size_t)g->op_count + 1, sizeof *n.edge_of)};
    bool ok = n.node && n.before && n.join && n.total && n.edge_of;
    const double weights = ok ? weights_in(&n) : 0;
    if (ok) {
        n.scale = SUM_OF_WEIGHTS / weights;
        build(&n);
        n.edges = malloc((n.edge_count + 1) * sizeof *n.edges);
        ok = n.edges;
    }
    if (!ok) {
        mote_fail(error, MOTE_E_INTERNAL, "out of memory for a flow network");
    } else if (!isfinite(weights)) {
        ok =
            mote_fail(error, MOTE_E_FORMAT, "what the weights carry is infinite: they, or their inputs, are too large");
    } else {
        build(&n);
        ok = solve(&n, importance, report, error);
    }
    free(n.node), free(n.before), free(n.join), free(n.total), free(n.edge_of), free(n.edges);
    return ok;
}
