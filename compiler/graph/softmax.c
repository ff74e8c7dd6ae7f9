/* SOFTMAX: y = e^x / Σ e^x over the last dimension, or the logarithm of it. */
#include <math.h>

#include "compiler/graph/operator.h"
#include "compiler/graph/vector.h"

static bool infer(const mote_graph *g, const mote_op *op, mote_shape *y, mote_error *error)
{
    if (!mote_infer_same(g, op, MOTE_SOFTMAX_X, MOTE_ACTIVATIONS_OF(g), y, error) ||
        !mote_param_within(op, MOTE_SOFTMAX_LOGARITHM, 0, 1, error))
        return false;
    if (y->dtypes == MOTE_BIT(MOTE_I8))
        y->dtypes |= MOTE_BIT(MOTE_I16);
    return true;
}

static size_t length_of(const mote_pass *pass)
{
    const mote_tensor *y = mote_op_output(pass->graph, pass->op, 0);
    return y->dims[y->rank - 1];
}

MOTE_CLONES static void softmax(float *restrict y, const float *restrict x, bool logarithm, size_t count)
{
    float most = x[0], sums[MOTE_LANES] = {0}, rest = 0;
    size_t i = 0;
    for (size_t k = 1; k < count; k++)
        most = x[k] > most ? x[k] : most;
    for (size_t k = 0; k < count; k++)
        y[k] = mote_exp(x[k] - most);
    for (; i + MOTE_LANES <= count; i += MOTE_LANES)
        for (size_t j = 0; j < MOTE_LANES; j++)
            sums[j] += y[i + j];
    for (; i < count; i++)
        rest += y[i];
    const float sum = mote_sum_lanes(sums) + rest, factor = 1 / sum, shift = logf(sum);
    for (size_t k = 0; k < count; k++)
        y[k] = logarithm ? x[k] - most - shift : y[k] * factor;
}

/* dx += y·(dy − Σ dy·y), for the logarithm dx += dy − e^y·Σ dy. */
MOTE_CLONES static void gradient(float *restrict dx, const float *restrict dy, const float *restrict y, bool logarithm,
                                 size_t count)
{
    float sum = 0;
    for (size_t i = 0; i < count; i++)
        sum += logarithm ? dy[i] : dy[i] * y[i];
    for (size_t i = 0; i < count; i++)
        dx[i] += logarithm ? dy[i] - mote_exp(y[i]) * sum : y[i] * (dy[i] - sum);
}

static void forward(const mote_pass *pass)
{
    const size_t length = length_of(pass);
    for (size_t i = 0, count = mote_pass_elements(pass); i < count; i += length)
        softmax(pass->out[0] + i, pass->in[0] + i, pass->op->params[MOTE_SOFTMAX_LOGARITHM], length);
}

static void backward(const mote_pass *pass)
{
    const size_t length = length_of(pass);
    for (size_t i = 0, count = mote_pass_elements(pass); i < count; i += length)
        gradient(pass->in_grad[0] + i, pass->out_grad[0] + i, pass->out[0] + i,
                 pass->op->params[MOTE_SOFTMAX_LOGARITHM], length);
}

const mote_operator mote_operator_softmax = {.infer = infer, .forward = forward, .backward = backward};
