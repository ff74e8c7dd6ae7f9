/* LINEAR: y = x·Wᵀ + b along the last dimension of x, for all its positions in all rows at once. */
#include <string.h>

#include "compiler/graph/operator.h"
#include "compiler/graph/panel.h"
#include "compiler/graph/vector.h"

static bool infer(const mote_graph *g, const mote_op *op, mote_shape *y, mote_error *error)
{
    const mote_tensor *w = mote_op_input(g, op, MOTE_LINEAR_WEIGHTS);
    const bool vector_scaled = g->packed && mote_op_input(g, op, MOTE_LINEAR_X)->dtype == MOTE_I8V;
    int64_t dims[MOTE_RANK];
    if (!mote_expect_product(g, op, MOTE_BIT(MOTE_I16), error))
        return false;
    if (g->packed) {
        *y = mote_vector_of(w->dims[0], vector_scaled ? MOTE_BIT(MOTE_I16) : MOTE_ACTIVATIONS_OF(g));
        return mote_expect(g, op, MOTE_LINEAR_X, w->dims[1], 0, MOTE_ACTIVATIONS_OF(g) | MOTE_BIT(MOTE_I8V), error);
    }
    const mote_tensor *x = mote_op_input(g, op, MOTE_LINEAR_X);
    if (x->dims[x->rank - 1] != w->dims[1])
        return mote_fail(error, MOTE_E_FORMAT,
                         "operator %s (linear): tensor %s has %u values along its last dimension, "
                         "and its weights have %u columns",
                         op->name, x->name, x->dims[x->rank - 1], w->dims[1]);
    for (int i = 0; i < x->rank; i++)
        dims[i] = i == x->rank - 1 ? w->dims[0] : x->dims[i];
    return mote_infer_same(g, op, MOTE_LINEAR_X, MOTE_ACTIVATIONS_OF(g), y, error) &&
           mote_shape_of(op, x->rank, dims, y->dtypes, y, error);
}

typedef struct shape {
    uint32_t out, in;
} shape;

static shape shape_of(const mote_graph *g, const mote_op *op)
{
    const mote_tensor *w = &g->tensors[op->inputs[MOTE_LINEAR_WEIGHTS]];
    return (shape){w->dims[0], w->dims[1]};
}

/* Returns the size of packed Wᵀ and, with `backward`, of packed W for the gradient of x. */
static size_t prepared_size(const mote_graph *g, const mote_op *op, bool backward)
{
    const shape s = shape_of(g, op);
    return mote_panel_size(s.in, s.out) + (backward ? mote_panel_size(s.out, s.in) : 0);
}

static void prepare(const mote_pass *pass, float *prepared)
{
    const shape s = shape_of(pass->graph, pass->op);
    mote_panel_pack(prepared, pass->in[MOTE_LINEAR_WEIGHTS], 1, s.in, s.in, s.out);
    if (pass->trains)
        mote_panel_pack(prepared + mote_panel_size(s.in, s.out), pass->in[MOTE_LINEAR_WEIGHTS], s.in, 1, s.out, s.in);
}

/* Returns the number of vectors in x, which is a table if it is a constant. */
static size_t vectors(const mote_pass *pass, shape s)
{
    const mote_tensor *x = mote_op_input(pass->graph, pass->op, MOTE_LINEAR_X);
    return mote_tensor_elements(x) / s.in * (x->role == MOTE_CONSTANT ? 1 : pass->rows);
}

static void forward(const mote_pass *pass)
{
    const shape s = shape_of(pass->graph, pass->op);
    const size_t rows = vectors(pass, s);
    for (size_t i = 0; pass->in[MOTE_LINEAR_BIAS] && i < rows; i++)
        memcpy(pass->out[MOTE_LINEAR_Y] + i * s.out, pass->in[MOTE_LINEAR_BIAS], s.out * sizeof(float));
    mote_panel_multiply(pass->out[MOTE_LINEAR_Y], pass->in[MOTE_LINEAR_X], pass->prepared, rows, s.in, s.out,
                        pass->in[MOTE_LINEAR_BIAS] != NULL);
}

static void backward(const mote_pass *pass)
{
    const shape s = shape_of(pass->graph, pass->op);
    const size_t rows = vectors(pass, s);
    const float *panels = pass->prepared + mote_panel_size(s.in, s.out);
    if (pass->in_grad[MOTE_LINEAR_X])
        mote_panel_multiply(pass->in_grad[MOTE_LINEAR_X], pass->out_grad[MOTE_LINEAR_Y], panels, rows, s.out, s.in,
                            !pass->fresh[MOTE_LINEAR_X]);
    mote_panel_gradient(pass->in_grad[MOTE_LINEAR_WEIGHTS], pass->out_grad[MOTE_LINEAR_Y], pass->in[MOTE_LINEAR_X],
                        rows, s.out, s.in);
    if (pass->in_grad[MOTE_LINEAR_BIAS])
        mote_add_columns(pass->in_grad[MOTE_LINEAR_BIAS], pass->out_grad[MOTE_LINEAR_Y], rows, s.out);
}

const mote_operator mote_operator_linear = {.writes = true,
                                            .infer = infer,
                                            .prepared = prepared_size,
                                            .prepare = prepare,
                                            .forward = forward,
                                            .backward = backward};
