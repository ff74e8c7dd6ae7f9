#include "compiler/quantize/balance.h"

#include <math.h>
#include <stdlib.h>

#include "compiler/graph/executor.h"

#define STRENGTH    0.75f /* from 0, no balancing, to 1, equal magnitudes; least loss on stories260K */
#define MOST_FACTOR 16.0f /* limit for channels that are nearly always 0 */

enum { CHUNK = 64 };

/* --- sizes of channels --- */

static void free_sizes(float **sizes, const mote_graph *g)
{
    for (int i = 0; sizes && i < g->tensor_count; i++)
        free(sizes[i]);
    free(sizes);
}

/* Allocates per tensor [dims[0]] for the largest magnitude of each channel; NULL for tensors that are not measured. */
static float **new_sizes(const mote_graph *g)
{
    float **sizes = calloc((size_t)g->tensor_count + 1, sizeof *sizes);
    for (int i = 0; sizes && i < g->op_count; i++) {
        const mote_op *op = &g->ops[i];
        const int asked[] = {op->opcode == MOTE_OP_ATTENTION ? op->inputs[MOTE_ATTENTION_K] : -1,
                             op->opcode == MOTE_OP_ATTENTION ? op->inputs[MOTE_ATTENTION_V] : -1,
                             op->opcode == MOTE_OP_MUL ? mote_op_result(op) : -1};
        for (int k = 0; k < 3; k++)
            if (asked[k] >= 0 && !sizes[asked[k]] &&
                !(sizes[asked[k]] = calloc(g->tensors[asked[k]].dims[0], sizeof **sizes))) {
                free_sizes(sizes, g);
                return NULL;
            }
    }
    return sizes;
}

static void measure(float **sizes, const mote_executor *x, const mote_graph *g, uint32_t rows)
{
    for (int i = 0; i < g->tensor_count; i++)
        for (size_t k = 0, d = g->tensors[i].dims[0]; sizes[i] && k < d * rows; k++)
            sizes[i][k % d] = fmaxf(sizes[i][k % d], fabsf(x->slices[0].seen[i][k]));
}

/* Measures the magnitudes of channels over the samples. Rows that only begin a sequence do not count. */
static bool read_samples(float **sizes, const mote_graph *g, const mote_source *source, mote_error *error)
{
    mote_executor x;
    mote_walk walk;
    const uint32_t window = mote_source_window(source, g, CHUNK);
    const mote_executor_options options = {.steps = window, .streams = 1, .workers = 1};
    if (!mote_executor_init(&x, g, &options, error))
        return false;
    const bool done = mote_walk_init(&walk, source, g, MOTE_READ_FED, mote_graph_context(g), window, error);
    for (const mote_batch *batch; done && (batch = mote_walk_next(&walk));) {
        if (batch->begins)
            mote_executor_reset(&x, 0);
        mote_executor_forward(&x, 0, (const void *const *)batch->inputs, batch->rows, 0);
        if (!batch->lead)
            measure(sizes, &x, g, batch->rows);
    }
    mote_walk_free(&walk);
    mote_executor_free(&x);
    return done;
}

/* --- factors --- */

static bool is_free(const mote_graph *g, const mote_op *op)
{
    return mote_graph_readers(g, op->inputs[MOTE_LINEAR_WEIGHTS]) == 1 &&
           g->tensors[op->inputs[MOTE_LINEAR_WEIGHTS]].quantizer == MOTE_F32;
}

/* maker_of returns the linear operator that makes the tensor, reader_of the one that reads it. Both return NULL if the
 * tensor has another reader, or if the operator's weights are shared or were trained with a quantizer. */
static const mote_op *maker_of(const mote_graph *g, int tensor)
{
    for (int i = 0; i < g->op_count; i++)
        if (g->ops[i].opcode == MOTE_OP_LINEAR && mote_op_result(&g->ops[i]) == tensor)
            return mote_graph_readers(g, tensor) == 1 && is_free(g, &g->ops[i]) ? &g->ops[i] : NULL;
    return NULL;
}

static const mote_op *reader_of(const mote_graph *g, int tensor)
{
    for (int i = 0; i < g->op_count; i++)
        if (g->ops[i].opcode == MOTE_OP_LINEAR && g->ops[i].inputs[MOTE_LINEAR_X] == tensor)
            return mote_graph_readers(g, tensor) == 1 && is_free(g, &g->ops[i]) ? &g->ops[i] : NULL;
    return NULL;
}

static void scale_row(mote_graph *g, const mote_op *op, uint32_t row, float factor)
{
    const mote_tensor *w = &g->tensors[op->inputs[MOTE_LINEAR_WEIGHTS]];
    for (uint32_t c = 0; c < w->dims[1]; c++)
        ((float *)w->data)[(size_t)row * w->dims[1] + c] *= factor;
    if (op->inputs[MOTE_LINEAR_BIAS] >= 0)
        ((float *)g->tensors[op->inputs[MOTE_LINEAR_BIAS]].data)[row] *= factor;
}

static void scale_column(mote_graph *g, const mote_op *op, uint32_t column, float factor)
{
    const mote_tensor *w = &g->tensors[op->inputs[MOTE_LINEAR_WEIGHTS]];
    for (uint32_t r = 0; r < w->dims[0]; r++)
        ((float *)w->data)[(size_t)r * w->dims[1] + column] *= factor;
}

static float largest(const float *sizes, uint32_t count)
{
    float most = 0;
    for (uint32_t i = 0; i < count; i++)
        most = fmaxf(most, sizes[i]);
    return most;
}

static float factor_of(float most, float size)
{
    return size > 0 ? fminf(powf(most / size, STRENGTH), MOST_FACTOR) : 1;
}

typedef struct heads {
    uint32_t count, kv_count, width;
} heads;

/* Balances the keys of one head against the queries that meet them. Both channels of a rotated pair get one factor. */
static void balance_keys(mote_graph *g, const mote_op *q, const mote_op *k, const heads *h, uint32_t head, bool pairs,
                         float *size)
{
    const uint32_t first = head * h->width, shared = h->count / h->kv_count;
    for (uint32_t i = 0; pairs && i < h->width; i += 2)
        size[first + i] = size[first + i + 1] = hypotf(size[first + i], size[first + i + 1]);
    const float most = largest(size + first, h->width);
    for (uint32_t i = 0; i < h->width; i++) {
        const float factor = factor_of(most, size[first + i]);
        scale_row(g, k, first + i, factor);
        for (uint32_t r = 0; r < shared; r++)
            scale_row(g, q, (head * shared + r) * h->width + i, 1 / factor);
    }
}

static void balance_values(mote_graph *g, const mote_op *v, const mote_op *o, const heads *h, uint32_t head,
                           const float *size)
{
    const uint32_t first = head * h->width, shared = h->count / h->kv_count;
    const float most = largest(size + first, h->width);
    for (uint32_t i = 0; i < h->width; i++) {
        const float factor = factor_of(most, size[first + i]);
        scale_row(g, v, first + i, factor);
        for (uint32_t r = 0; r < shared; r++)
            scale_column(g, o, (head * shared + r) * h->width + i, 1 / factor);
    }
}

static void balance_attention(mote_graph *g, const mote_op *op, float **sizes)
{
    const mote_op *q = maker_of(g, op->inputs[MOTE_ATTENTION_Q]), *k = maker_of(g, op->inputs[MOTE_ATTENTION_K]),
                  *v = maker_of(g, op->inputs[MOTE_ATTENTION_V]), *o = reader_of(g, mote_op_result(op));
    const uint32_t count = (uint32_t)op->params[MOTE_ATTENTION_HEADS];
    const heads h = {count, (uint32_t)op->params[MOTE_ATTENTION_KV_HEADS],
                     g->tensors[op->inputs[MOTE_ATTENTION_Q]].dims[0] / count};
    for (uint32_t head = 0; head < h.kv_count; head++) {
        if (q && k)
            balance_keys(g, q, k, &h, head, op->inputs[MOTE_ATTENTION_ANGLES] >= 0,
                         sizes[op->inputs[MOTE_ATTENTION_K]]);
        if (v && o)
            balance_values(g, v, o, &h, head, sizes[op->inputs[MOTE_ATTENTION_V]]);
    }
}

static void balance_product(mote_graph *g, const mote_op *op, const float *size)
{
    const mote_op *a = maker_of(g, op->inputs[MOTE_MUL_A]), *b = maker_of(g, op->inputs[MOTE_MUL_B]),
                  *down = reader_of(g, mote_op_result(op));
    const mote_op *up = b ? b : a;
    const uint32_t count = g->tensors[mote_op_result(op)].dims[0];
    const float most = largest(size, count);
    for (uint32_t i = 0; up && down && i < count; i++) {
        const float factor = factor_of(most, size[i]);
        scale_row(g, up, i, factor);
        scale_column(g, down, i, 1 / factor);
    }
}

bool mote_graph_balance(mote_graph *g, const mote_source *source, mote_error *error)
{
    float **sizes = new_sizes(g);
    if (!sizes)
        return mote_fail(error, MOTE_E_INTERNAL, "no memory to balance channels");
    const bool done = !mote_graph_context(g) || read_samples(sizes, g, source, error);
    for (int i = 0; done && mote_graph_context(g) && i < g->op_count; i++) {
        const mote_op *op = &g->ops[i];
        if (op->opcode == MOTE_OP_ATTENTION)
            balance_attention(g, op, sizes);
        if (op->opcode == MOTE_OP_MUL)
            balance_product(g, op, sizes[mote_op_result(op)]);
    }
    free_sizes(sizes, g);
    return done;
}
