/* LINEAR: y = x·Wᵀ + b over all rows at once. */
#include <cblas.h>
#include <string.h>

#include "compiler/graph/operator.h"
#include "compiler/graph/vector.h"

static bool check(const mote_graph *g, const mote_op *op, mote_error *error)
{
    const mote_tensor *w = mote_op_input(g, op, 1), *bias = mote_op_input(g, op, 2);
    const mote_tensor *multiplier = mote_op_input(g, op, 3);
    if (!w || w->rank != 2)
        return mote_fail(error, MOTE_E_FORMAT, "linear %s has no weights [out, in]", op->name);
    uint32_t out = w->dims[0], in = w->dims[1];
    const mote_tensor *x = mote_op_input(g, op, 0);
    const bool vector_scaled = g->packed && x && x->dtype == MOTE_I8V;
    const unsigned inputs = MOTE_ACTIVATIONS_OF(g) | (vector_scaled ? MOTE_BIT(MOTE_I8V) : 0);
    const unsigned outputs = vector_scaled ? MOTE_BIT(MOTE_I16) : MOTE_ACTIVATIONS_OF(g);
    if (!mote_expect(op, "input", x, in, 0, inputs, error) ||
        !mote_expect(op, "weights", w, out, in, MOTE_WEIGHTS_OF(g), error) ||
        !mote_expect(op, "output", mote_op_output(g, op, 0), out, 0, outputs, error) ||
        !mote_expect_groups(g, op, 4, out, in, error))
        return false;
    if (bias && !mote_expect(op, "bias", bias, out, 0, MOTE_BIASES_OF(g), error))
        return false;
    return !multiplier || mote_expect(op, "multiplier", multiplier, out, 0, MOTE_BIT(MOTE_I16), error);
}

/* The weights' [out, in], as the int that BLAS wants. */
static void shape(const mote_pass *pass, int *out, int *in)
{
    const mote_tensor *w = &pass->graph->tensors[pass->op->inputs[1]];
    *out = (int)w->dims[0];
    *in = (int)w->dims[1];
}

static void forward(const mote_pass *pass)
{
    int out, in, rows = (int)pass->rows;
    shape(pass, &out, &in);
    if (pass->in[2])
        for (int i = 0; i < rows; i++)
            memcpy(pass->out[0] + (size_t)i * (size_t)out, pass->in[2], (size_t)out * sizeof(float));
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, rows, out, in, 1, pass->in[0], in, pass->in[1], in,
                pass->in[2] ? 1 : 0, pass->out[0], out);
}

static void backward(const mote_pass *pass)
{
    int out, in, rows = (int)pass->rows;
    shape(pass, &out, &in);
    if (pass->in_grad[0])
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, rows, in, out, 1, pass->out_grad[0], out, pass->in[1],
                    in, 1, pass->in_grad[0], in);
    cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, out, in, rows, 1, pass->out_grad[0], out, pass->in[0], in, 1,
                pass->in_grad[1], in);
    if (pass->in_grad[2])
        mote_add_columns(pass->in_grad[2], pass->out_grad[0], pass->rows, (uint32_t)out);
}

const mote_operator mote_linear = {.name = "linear",
                                   .constants = 1u << 1 | 1u << 2 | 1u << 3 | 1u << 4,
                                   .check = check,
                                   .forward = forward,
                                   .backward = backward};
