/* EMBEDDING: y = table[id]. Without ids y = table[position], the last row for positions beyond the table. */
#include <string.h>

#include "compiler/graph/operator.h"
#include "compiler/graph/vector.h"

static bool infer(const mote_graph *g, const mote_op *op, mote_shape *y, mote_error *error)
{
    const mote_tensor *table = mote_op_input(g, op, MOTE_EMBEDDING_TABLE);
    *y = mote_vector_of(table->dims[1], MOTE_ACTIVATIONS_OF(g));
    return mote_expect(g, op, MOTE_EMBEDDING_IDS, 1, 0, MOTE_BIT(MOTE_U16), error) &&
           mote_expect(g, op, MOTE_EMBEDDING_TABLE, table->dims[0], table->dims[1], MOTE_WEIGHTS_OF(g), error) &&
           mote_expect(g, op, MOTE_EMBEDDING_MULTIPLIER, table->dims[0], 0, MOTE_BIT(MOTE_I16), error);
}

/* Returns the row of the table that row i of the batch reads; row 0 for ids beyond the table, as on a device. */
static size_t row_of(const mote_pass *pass, uint32_t i)
{
    const size_t rows = pass->graph->tensors[pass->op->inputs[MOTE_EMBEDDING_TABLE]].dims[0];
    if (pass->op->inputs[MOTE_EMBEDDING_IDS] >= 0) {
        const uint16_t id = mote_pass_ids(pass, MOTE_EMBEDDING_IDS)[i];
        return id < rows ? id : 0;
    }
    const size_t position = (size_t)pass->position + i / pass->streams, last = rows - 1;
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

const mote_operator mote_operator_embedding = {.infer = infer, .forward = forward, .backward = backward};
