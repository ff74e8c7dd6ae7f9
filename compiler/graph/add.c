/* ADD: y = a + b, elementwise. */
#include <string.h>

#include "compiler/graph/operator.h"
#include "compiler/graph/vector.h"

static bool infer(const mote_graph *g, const mote_op *op, mote_shape *y, mote_error *error)
{
    return mote_infer_elementwise(g, op, 2, MOTE_ACTIVATIONS_OF(g), y, error);
}

MOTE_CLONES static void sum(float *restrict y, const float *a, const float *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        y[i] = a[i] + b[i];
}

static size_t elements(const mote_pass *pass)
{
    return (size_t)pass->rows * pass->graph->tensors[pass->op->outputs[MOTE_ADD_Y]].dims[0];
}

static void forward(const mote_pass *pass)
{
    sum(pass->out[MOTE_ADD_Y], pass->in[MOTE_ADD_A], pass->in[MOTE_ADD_B], elements(pass));
}

static void backward(const mote_pass *pass)
{
    for (int i = 0; i < 2; i++)
        if (pass->in_grad[i] && pass->fresh >> i & 1)
            memcpy(pass->in_grad[i], pass->out_grad[MOTE_ADD_Y], elements(pass) * sizeof(float));
        else if (pass->in_grad[i])
            mote_accumulate(pass->in_grad[i], pass->out_grad[MOTE_ADD_Y], elements(pass));
}

const mote_operator mote_operator_add = {.writes = true, .infer = infer, .forward = forward, .backward = backward};
