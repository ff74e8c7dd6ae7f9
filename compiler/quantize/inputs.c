#include "compiler/quantize/inputs.h"

#include <stdlib.h>
#include <string.h>

#include "compiler/graph/convolution.h"

bool mote_inputs_need_vectors(const mote_graph *g, mote_error *error)
{
    for (int i = 0; i < g->op_count; i++) {
        const mote_op *op = &g->ops[i];
        const int x = mote_op_operand(op, MOTE_OPERAND_VALUE);
        if (mote_op_has(op, MOTE_TRAIT_PRODUCT) && x >= 0 && g->tensors[x].rank > 1 &&
            g->tensors[x].role != MOTE_CONSTANT)
            return mote_fail(
                error, MOTE_E_UNSUPPORTED,
                "operator %s (%s) multiplies more than one vector per sample; statistics of its inputs are "
                "not supported",
                op->name, mote_operator_of(op->opcode)->name);
    }
    return true;
}

enum { PATCHES = 256 }; /* windows of a convolution that are passed at once */

/* Allocates `before` and `patches`. False when out of memory. */
static bool take_room(mote_inputs *in)
{
    const mote_graph *g = &in->executor.graph;
    size_t widest = 1, longest = 1;
    for (int i = 0; i < g->op_count; i++) {
        const mote_op *op = &g->ops[i];
        const size_t width = op->opcode == MOTE_OP_GRU ? g->tensors[op->inputs[MOTE_GRU_WEIGHTS]].dims[1] : 0;
        widest = width > widest ? width : widest;
    }
    for (int i = 0; i < g->op_count; i++) {
        const mote_op *op = &g->ops[i];
        const size_t columns = op->opcode == MOTE_OP_CONV ? g->tensors[op->inputs[MOTE_CONV_WEIGHTS]].dims[1] : 0;
        longest = columns > longest ? columns : longest;
    }
    in->before = malloc(((size_t)in->window + 1) * widest * sizeof *in->before * (size_t)g->op_count);
    in->patches = malloc(PATCHES * longest * sizeof *in->patches);
    return in->before && in->patches;
}

bool mote_inputs_init(mote_inputs *in, const mote_graph *g, uint32_t window, bool backward, mote_error *error)
{
    *in = (mote_inputs){.window = window};
    const mote_executor_options options = {.steps = window, .streams = 1, .workers = 1, .backward = backward};
    if (!mote_executor_init(&in->executor, g, &options, error))
        return false;
    if (take_room(in))
        return true;
    mote_inputs_free(in);
    return mote_fail(error, MOTE_E_INTERNAL, "out of memory while reading a model's inputs");
}

void mote_inputs_free(mote_inputs *in)
{
    mote_executor_free(&in->executor);
    free(in->before);
    free(in->patches);
    *in = (mote_inputs){0};
}

/* Returns the states of GRU operator i. */
static float *states_of(const mote_inputs *in, int i)
{
    const mote_graph *g = &in->executor.graph;
    float *at = in->before;
    for (int o = 0; o < i; o++)
        if (g->ops[o].opcode == MOTE_OP_GRU)
            at += ((size_t)in->window + 1) * g->tensors[g->ops[o].inputs[MOTE_GRU_WEIGHTS]].dims[1];
    return at;
}

static void keep_states(mote_inputs *in)
{
    const mote_graph *g = &in->executor.graph;
    for (int i = 0; i < g->op_count; i++)
        if (g->ops[i].opcode == MOTE_OP_GRU)
            memcpy(states_of(in, i), in->executor.slices[0].passes[i].state[0],
                   g->tensors[g->ops[i].inputs[MOTE_GRU_WEIGHTS]].dims[1] * sizeof(float));
}

/* Returns the ids that select rows of a table; NULL if no embedding reads it. */
static const uint16_t *ids_of(const mote_executor *x, int table)
{
    for (int i = 0; i < x->graph.op_count; i++) {
        const mote_op *op = &x->graph.ops[i];
        if (op->opcode == MOTE_OP_EMBEDDING && op->inputs[MOTE_EMBEDDING_TABLE] == table)
            return mote_pass_ids(&x->slices[0].passes[i], MOTE_EMBEDDING_IDS);
    }
    return NULL;
}

/* Passes a table that the executor projects as a whole row by row, one row per sample. Ids beyond the table select row
 * 0. */
static void show_table(const mote_inputs *in, const mote_op *op, uint32_t count, mote_input_reader *reader,
                       void *context)
{
    const int weights = op->inputs[MOTE_LINEAR_WEIGHTS];
    const size_t columns = in->executor.graph.tensors[weights].dims[1];
    const uint32_t rows = in->executor.graph.tensors[op->inputs[MOTE_LINEAR_X]].dims[0];
    const float *table = in->executor.slices[0].seen[op->inputs[MOTE_LINEAR_X]];
    const uint16_t *ids = ids_of(&in->executor, mote_op_result(op));
    for (uint32_t i = 0; i < count; i++)
        reader(context, weights, table + (ids[i] < rows ? ids[i] : 0) * columns, 1);
}

/* Passes the windows of a convolution, position by position; those of every part. */
static void show_patches(const mote_inputs *in, const mote_op *op, uint32_t count, mote_input_reader *reader,
                         void *context)
{
    const mote_executor *x = &in->executor;
    const mote_convolution c = mote_convolution_of(&x->graph, op);
    const size_t positions = (size_t)(c.window.y.positions * c.window.x.positions);
    const size_t image = mote_tensor_elements(&x->graph.tensors[op->inputs[MOTE_CONV_X]]);
    const float *images = x->slices[0].seen[op->inputs[MOTE_CONV_X]];
    for (uint32_t i = 0; i < count * c.parts; i++)
        for (size_t first = 0; first < positions; first += PATCHES) {
            const size_t n = positions - first < PATCHES ? positions - first : PATCHES;
            mote_convolution_patches(&c, images + i / c.parts * image, i % c.parts, first, n, in->patches);
            reader(context, op->inputs[MOTE_CONV_WEIGHTS], in->patches, (uint32_t)n);
        }
}

static void show(const mote_inputs *in, int i, uint32_t count, mote_input_reader *reader, void *context)
{
    const mote_executor *x = &in->executor;
    const mote_op *op = &x->graph.ops[i];
    const int weights = mote_op_operand(op, MOTE_OPERAND_WEIGHTS);
    const size_t columns = x->graph.tensors[weights].dims[1];
    if (op->opcode == MOTE_OP_GRU) {
        float *states = states_of(in, i);
        memcpy(states + columns, x->slices[0].value[op->outputs[MOTE_GRU_Y]], count * columns * sizeof(float));
        reader(context, weights, states, count);
    } else if (x->table_rows[mote_op_result(op)]) {
        show_table(in, op, count, reader, context);
    } else if (op->opcode == MOTE_OP_CONV) {
        show_patches(in, op, count, reader, context);
    } else if (op->opcode != MOTE_OP_CONV_TRANSPOSE) {
        const int from = mote_op_operand(op, MOTE_OPERAND_VALUE);
        const size_t vectors = mote_tensor_elements(&x->graph.tensors[from]) / columns;
        reader(context, weights, x->slices[0].seen[from], count * (uint32_t)vectors);
    }
}

float *mote_inputs_feed(mote_inputs *in, const mote_batch *batch, mote_input_reader *reader, void *context)
{
    mote_executor *x = &in->executor;
    if (batch->begins)
        mote_executor_reset(x, 0);
    keep_states(in);
    mote_executor_forward(x, 0, (const void *const *)batch->inputs, batch->rows, 0);
    for (int i = 0; reader && i < x->graph.op_count; i++)
        if (mote_op_has(&x->graph.ops[i], MOTE_TRAIT_PRODUCT))
            show(in, i, batch->rows, reader, context);
    return mote_executor_output(x, 0, 0);
}
