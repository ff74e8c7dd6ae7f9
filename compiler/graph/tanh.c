/* TANH: y = tanh(x), elementwise. */
#include "compiler/graph/operator.h"
#include "compiler/graph/vector.h"

static bool infer(const mote_graph *g, const mote_op *op, mote_shape *y, mote_error *error)
{
    return mote_infer_same(g, op, MOTE_TANH_X, MOTE_WIDE_OF(g), y, error);
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
    tanhs(pass->out[MOTE_TANH_Y], pass->in[MOTE_TANH_X], mote_pass_elements(pass));
}

static void backward(const mote_pass *pass)
{
    if (pass->in_grad[MOTE_TANH_X])
        gradient(pass->in_grad[MOTE_TANH_X], pass->out_grad[MOTE_TANH_Y], pass->out[MOTE_TANH_Y],
                 !pass->fresh[MOTE_TANH_X], mote_pass_elements(pass));
}

const mote_operator mote_operator_tanh = {.writes = true, .infer = infer, .forward = forward, .backward = backward};
