/* EMBEDDING: y = table[id], or without ids the row of the position, the last row beyond the table. */
#include <string.h>

#include "compiler/graph/operator.h"
#include "compiler/graph/vector.h"

static bool check(const mote_graph *g, const mote_op *op, mote_error *error)
{
    const mote_tensor *table = mote_op_input(g, op, MOTE_EMBEDDING_TABLE),
                      *multiplier = mote_op_input(g, op, MOTE_EMBEDDING_MULTIPLIER);
    if (!table || table->rank != 2)
        return mote_fail(error, MOTE_E_FORMAT, "embedding %s has no table [vocabulary, dim]", op->name);
    const mote_tensor *ids = mote_op_input(g, op, MOTE_EMBEDDING_IDS);
    if ((ids && !mote_expect(op, "ids", ids, 1, 0, MOTE_BIT(MOTE_U16), error)) ||
        !mote_expect(op, "table", table, table->dims[0], table->dims[1], MOTE_WEIGHTS_OF(g), error))
        return false;
    if (multiplier && !mote_expect(op, "multiplier", multiplier, table->dims[0], 0, MOTE_BIT(MOTE_I16), error))
        return false;
    return mote_expect(op, "output", mote_op_output(g, op, MOTE_EMBEDDING_Y), table->dims[1], 0, MOTE_ACTIVATIONS_OF(g),
                       error);
}

/* Row of the table that row i of the batch reads. */
static size_t row_of(const mote_pass *pass, uint32_t i)
{
    if (pass->op->inputs[MOTE_EMBEDDING_IDS] >= 0)
        return mote_pass_ids(pass, MOTE_EMBEDDING_IDS)[i];
    const size_t position = (size_t)pass->position + i / pass->streams;
    const size_t last = pass->graph->tensors[pass->op->inputs[MOTE_EMBEDDING_TABLE]].dims[0] - 1;
    return position < last ? position : last;
}

static void forward(const mote_pass *pass)
{
    size_t dim = pass->graph->tensors[pass->op->inputs[MOTE_EMBEDDING_TABLE]].dims[1];
    for (uint32_t i = 0; i < pass->rows; i++)
        memcpy(pass->out[MOTE_EMBEDDING_Y] + i * dim, pass->in[MOTE_EMBEDDING_TABLE] + row_of(pass, i) * dim,
               dim * sizeof(float));
}

static void backward(const mote_pass *pass)
{
    size_t dim = pass->graph->tensors[pass->op->inputs[MOTE_EMBEDDING_TABLE]].dims[1];
    for (uint32_t i = 0; i < pass->rows; i++)
        mote_accumulate(pass->in_grad[MOTE_EMBEDDING_TABLE] + row_of(pass, i) * dim,
                        pass->out_grad[MOTE_EMBEDDING_Y] + i * dim, dim);
}

const mote_operator mote_operator_embedding = {.check = check, .forward = forward, .backward = backward};
