/* LINEAR: y = x·Wᵀ + b over all rows at once. */
#include <string.h>

#include "compiler/graph/operator.h"
#include "compiler/graph/panel.h"
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

typedef struct shape {
    uint32_t out, in;
} shape;

static shape shape_of(const mote_graph *g, const mote_op *op)
{
    const mote_tensor *w = &g->tensors[op->inputs[1]];
    return (shape){w->dims[0], w->dims[1]};
}

/* Wᵀ, and for the gradient of x, W. */
static size_t prepared_size(const mote_graph *g, const mote_op *op, bool backward)
{
    const shape s = shape_of(g, op);
    return mote_panel_size(s.in, s.out) + (backward ? mote_panel_size(s.out, s.in) : 0);
}

static void prepare(const mote_pass *pass, float *prepared)
{
    const shape s = shape_of(pass->graph, pass->op);
    mote_panel_pack(prepared, pass->in[1], 1, s.in, s.in, s.out);
    if (pass->trains)
        mote_panel_pack(prepared + mote_panel_size(s.in, s.out), pass->in[1], s.in, 1, s.out, s.in);
}

static void forward(const mote_pass *pass)
{
    const shape s = shape_of(pass->graph, pass->op);
    for (size_t i = 0; pass->in[2] && i < pass->rows; i++)
        memcpy(pass->out[0] + i * s.out, pass->in[2], s.out * sizeof(float));
    mote_panel_multiply(pass->out[0], pass->in[0], pass->prepared, pass->rows, s.in, s.out, pass->in[2] != NULL);
}

static void backward(const mote_pass *pass)
{
    const shape s = shape_of(pass->graph, pass->op);
    const float *panels = pass->prepared + mote_panel_size(s.in, s.out);
    if (pass->in_grad[0])
        mote_panel_multiply(pass->in_grad[0], pass->out_grad[0], panels, pass->rows, s.out, s.in, !(pass->fresh & 1));
    mote_panel_gradient(pass->in_grad[1], pass->out_grad[0], pass->in[0], pass->rows, s.out, s.in);
    if (pass->in_grad[2])
        mote_add_columns(pass->in_grad[2], pass->out_grad[0], pass->rows, s.out);
}

const mote_operator mote_linear = {.name = "linear",
                                   .writes = true,
                                   .constants = 1u << 1 | 1u << 2 | 1u << 3 | 1u << 4,
                                   .check = check,
                                   .prepared = prepared_size,
                                   .prepare = prepare,
                                   .forward = forward,
                                   .backward = backward};
