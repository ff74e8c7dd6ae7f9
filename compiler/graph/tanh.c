/* TANH: y = tanh(x), elementwise. */
#include "compiler/graph/operator.h"
#include "compiler/graph/vector.h"

static bool infer(const mote_graph *g, const mote_op *op, mote_shape *y, mote_error *error)
{
    return mote_infer_elementwise(g, op, MOTE_TANH_INPUTS, MOTE_WIDE_OF(g), y, error);
}

static size_t elements(const mote_pass *pass)
{
    return pass->rows * mote_tensor_elements(&pass->graph->tensors[mote_op_result(pass->op)]);
}

MOTE_CLONES static void tanhs(float *restrict y, const float *restrict x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        y[i] = mote_tanh(x[i]);
}

MOTE_CLONES static void gradient(float *restrict dx, const float *restrict dy, const float *restrict y, bool add,
                                 size_t count)
{
    for (size_t i = 0; i < count; i++)
        dx[i] = (add ? dx[i] : 0) + dy[i] * (1 - y[i] * y[i]);
}

static void forward(const mote_pass *pass)
{
    tanhs(pass->out[MOTE_TANH_Y], pass->in[MOTE_TANH_X], elements(pass));
}

static void backward(const mote_pass *pass)
{
    if (pass->in_grad[MOTE_TANH_X])
        gradient(pass->in_grad[MOTE_TANH_X], pass->out_grad[MOTE_TANH_Y], pass->out[MOTE_TANH_Y],
                 !pass->fresh[MOTE_TANH_X], elements(pass));
}

const mote_operator mote_operator_tanh = {.writes = true, .infer = infer, .forward = forward, .backward = backward};
