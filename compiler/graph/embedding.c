/* EMBEDDING: y[i] = table[ids[i]]. */
#include <string.h>

#include "compiler/graph/operator.h"
#include "compiler/graph/vector.h"

static bool check(const mote_graph *g, const mote_op *op, mote_error *error)
{
    const mote_tensor *table = mote_op_input(g, op, 1), *multiplier = mote_op_input(g, op, 2);
    if (!table || table->rank != 2)
        return mote_fail(error, MOTE_E_FORMAT, "embedding %s has no table [vocabulary, dim]", op->name);
    if (!mote_expect(op, "ids", mote_op_input(g, op, 0), 1, 0, MOTE_BIT(MOTE_U16), error) ||
        !mote_expect(op, "table", table, table->dims[0], table->dims[1], MOTE_WEIGHTS_OF(g), error))
        return false;
    if (multiplier && !mote_expect(op, "multiplier", multiplier, table->dims[0], 0, MOTE_BIT(MOTE_I16), error))
        return false;
    return mote_expect(op, "output", mote_op_output(g, op, 0), table->dims[1], 0, MOTE_ACTIVATIONS_OF(g), error);
}

static void forward(const mote_pass *pass)
{
    size_t dim = pass->graph->tensors[pass->op->inputs[1]].dims[1];
    for (uint32_t i = 0; i < pass->rows; i++)
        memcpy(pass->out[0] + i * dim, pass->in[1] + pass->ids[i] * dim, dim * sizeof(float));
}

MOTE_CLONES static void add_rows(float *to, const float *from, const uint16_t *ids, uint32_t rows, size_t dim)
{
    for (uint32_t i = 0; i < rows; i++) {
        float *restrict row = to + ids[i] * dim;
        const float *restrict gradient = from + i * dim;
        for (size_t j = 0; j < dim; j++)
            row[j] += gradient[j];
    }
}

static void backward(const mote_pass *pass)
{
    size_t dim = pass->graph->tensors[pass->op->inputs[1]].dims[1];
    add_rows(pass->in_grad[1], pass->out_grad[0], pass->ids, pass->rows, dim);
}

const mote_operator mote_embedding = {.name = "embedding", .check = check, .forward = forward, .backward = backward};
