/* ADD: y = a + b, elementwise; a constant is repeated. */
#include <string.h>

#include "compiler/graph/operator.h"
#include "compiler/graph/vector.h"

static bool infer(const mote_graph *g, const mote_op *op, mote_shape *y, mote_error *error)
{
    return mote_infer_elementwise(g, op, MOTE_ADD_INPUTS, MOTE_ACTIVATIONS_OF(g), y, error);
}

MOTE_CLONES static void sum(float *restrict y, const float *a, const float *b, size_t count)
{
    for (size_t i = 0; i < count; i++)
        y[i] = a[i] + b[i];
}

static void forward(const mote_pass *pass)
{
    const float *a = pass->in[MOTE_ADD_A], *b = pass->in[MOTE_ADD_B];
    const mote_repeats r = mote_pass_repeats(pass);
    for (size_t i = 0; i < r.elements; i += r.stretch)
        sum(pass->out[MOTE_ADD_Y] + i, a + i % r.period[MOTE_ADD_A], b + i % r.period[MOTE_ADD_B], r.stretch);
}

static void backward(const mote_pass *pass)
{
    const mote_repeats r = mote_pass_repeats(pass);
    const float *dy = pass->out_grad[MOTE_ADD_Y];
    for (int k = 0; k < MOTE_ADD_INPUTS; k++)
        if (pass->in_grad[k] && pass->fresh[k])
            memcpy(pass->in_grad[k], dy, r.elements * sizeof(float));
        else if (pass->in_grad[k])
            for (size_t i = 0; i < r.elements; i += r.period[k])
                mote_accumulate(pass->in_grad[k], dy + i, r.period[k]);
}

const mote_operator mote_operator_add = {.writes = true, .infer = infer, .forward = forward, .backward = backward};
