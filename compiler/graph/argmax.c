/* ARGMAX: y, of type u16, is the index of the largest value along the last dimension. */
#include "compiler/graph/operator.h"

static bool infer(const mote_graph *g, const mote_op *op, mote_shape *y, mote_error *error)
{
    const mote_tensor *x = mote_op_input(g, op, MOTE_ARGMAX_X);
    int64_t dims[MOTE_RANK] = {1};
    if (!mote_infer_same(g, op, MOTE_ARGMAX_X, MOTE_AFFINE_OF(g), y, error) ||
        !mote_param_within(op, MOTE_ARGMAX_LAST, 0, 1, error))
        return false;
    if (x->dims[x->rank - 1] > UINT16_MAX)
        return mote_fail(error, MOTE_E_UNSUPPORTED,
                         "operator %s (argmax): the last dimension of %s has %u values; %u "
                         "are possible",
                         op->name, x->name, x->dims[x->rank - 1], UINT16_MAX);
    for (int i = 0; i + 1 < x->rank; i++)
        dims[i] = x->dims[i];
    return mote_shape_of(op, x->rank > 1 ? x->rank - 1 : 1, dims, MOTE_BIT(MOTE_U16), y, error);
}

static void forward(const mote_pass *pass)
{
    const mote_tensor *t = mote_op_input(pass->graph, pass->op, MOTE_ARGMAX_X);
    const bool last = pass->op->params[MOTE_ARGMAX_LAST];
    const size_t count = t->dims[t->rank - 1];
    const float *x = pass->in[MOTE_ARGMAX_X];
    uint16_t *y = (uint16_t *)(void *)pass->out[0];
    for (size_t i = 0, results = mote_pass_elements(pass); i < results; i++, x += count) {
        size_t most = 0;
        for (size_t k = 1; k < count; k++)
            if (x[k] > x[most] || (last && x[k] == x[most]))
                most = k;
        y[i] = (uint16_t)most;
    }
}

/* An index has no gradient. */
static void backward(const mote_pass *pass)
{
    (void)pass;
}

const mote_operator mote_operator_argmax = {.infer = infer, .forward = forward, .backward = backward};
