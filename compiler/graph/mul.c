/* MUL: y = a · b, elementwise; a constant is repeated. */
#include "compiler/graph/operator.h"
#include "compiler/graph/vector.h"

static bool infer(const mote_graph *g, const mote_op *op, mote_shape *y, mote_error *error)
{
    return mote_infer_elementwise(g, op, MOTE_MUL_INPUTS, MOTE_WIDE_OF(g), y, error);
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

static void forward(const mote_pass *pass)
{
    const float *a = pass->in[MOTE_MUL_A], *b = pass->in[MOTE_MUL_B];
    const mote_repeats r = mote_pass_repeats(pass);
    for (size_t i = 0; i < r.elements; i += r.stretch)
        product(pass->out[MOTE_MUL_Y] + i, a + i % r.period[MOTE_MUL_A], b + i % r.period[MOTE_MUL_B], r.stretch);
}

static void backward(const mote_pass *pass)
{
    const mote_repeats r = mote_pass_repeats(pass);
    for (int k = 0; k < MOTE_MUL_INPUTS; k++)
        for (size_t i = 0; pass->in_grad[k] && i < r.elements; i += r.stretch)
            (pass->fresh[k] ? product : add_product)(pass->in_grad[k] + i % r.period[k], pass->out_grad[MOTE_MUL_Y] + i,
                                                     pass->in[1 - k] + i % r.period[1 - k], r.stretch);
}

const mote_operator mote_operator_mul = {.writes = true, .infer = infer, .forward = forward, .backward = backward};
