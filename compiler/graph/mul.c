/* MUL: y = a · b, elementwise. */
#include "compiler/graph/operator.h"
#include "compiler/graph/vector.h"

static bool infer(const mote_graph *g, const mote_op *op, mote_shape *y, mote_error *error)
{
    return mote_infer_elementwise(g, op, 2, MOTE_WIDE_OF(g), y, error);
}

MOTE_CLONES static void product(float *restrict y, const float *a, const float *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        y[i] = a[i] * b[i];
}

MOTE_CLONES static void add_product(float *restrict y, const float *a, const float *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        y[i] += a[i] * b[i];
}

static size_t elements(const mote_pass *pass)
{
    return (size_t)pass->rows * pass->graph->tensors[pass->op->outputs[MOTE_MUL_Y]].dims[0];
}

static void forward(const mote_pass *pass)
{
    product(pass->out[MOTE_MUL_Y], pass->in[MOTE_MUL_A], pass->in[MOTE_MUL_B], elements(pass));
}

static void backward(const mote_pass *pass)
{
    for (int i = 0; i < 2; i++)
        if (pass->in_grad[i])
            (pass->fresh >> i & 1 ? product : add_product)(pass->in_grad[i], pass->out_grad[MOTE_MUL_Y],
                                                           pass->in[1 - i], elements(pass));
}

const mote_operator mote_operator_mul = {.writes = true, .infer = infer, .forward = forward, .backward = backward};
