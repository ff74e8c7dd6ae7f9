/* GATHER: index i along `axis` of y is index indices[i] of x. */
#include "compiler/graph/operator.h"
#include "compiler/graph/vector.h"

static bool indices_fit(const mote_graph *g, const mote_op *op, uint32_t limit, mote_error *error)
{
    const mote_tensor *t = mote_op_input(g, op, MOTE_GATHER_INDICES);
    const size_t count = t->dtype == MOTE_U16 && t->data ? mote_tensor_elements(t) : 0;
    if (!count)
        return mote_fail(error, MOTE_E_FORMAT,
                         "operator %s (gather): its indices, tensor %s, are not constants of type "
                         "u16",
                         op->name, t->name);
    for (size_t i = 0; i < count; i++)
        if (((const uint16_t *)t->data)[i] >= limit)
            return mote_fail(error, MOTE_E_FORMAT, "operator %s (gather): index %zu of %s is %u of %u", op->name, i,
                             t->name, ((const uint16_t *)t->data)[i], limit);
    return true;
}

static bool infer(const mote_graph *g, const mote_op *op, mote_shape *y, mote_error *error)
{
    const mote_tensor *x = mote_op_input(g, op, MOTE_GATHER_X), *t = mote_op_input(g, op, MOTE_GATHER_INDICES);
    const int axis = op->params[MOTE_GATHER_AXIS];
    int64_t dims[2 * MOTE_RANK];
    int rank = 0;
    if (!mote_infer_same(g, op, MOTE_GATHER_X, MOTE_AFFINE_OF(g), y, error) ||
        !mote_param_within(op, MOTE_GATHER_AXIS, 0, x->rank - 1, error) || !indices_fit(g, op, x->dims[axis], error))
        return false;
    for (int i = 0; i < axis; i++)
        dims[rank++] = x->dims[i];
    for (int i = 0; i < t->rank; i++)
        dims[rank++] = t->dims[i];
    for (int i = axis + 1; i < x->rank; i++)
        dims[rank++] = x->dims[i];
    return mote_shape_of(op, rank, dims, y->dtypes, y, error);
}

/* Calls `visit` for each slice of y, which is `count` contiguous values. */
static void each_slice(const mote_pass *pass, void (*visit)(const mote_pass *, size_t x, size_t y, size_t count))
{
    const mote_tensor *x = mote_op_input(pass->graph, pass->op, MOTE_GATHER_X);
    const size_t indices = mote_tensor_elements(mote_op_input(pass->graph, pass->op, MOTE_GATHER_INDICES));
    size_t outer = x->role == MOTE_CONSTANT ? 1 : pass->rows, count = 1, y = 0;
    const int axis = pass->op->params[MOTE_GATHER_AXIS];
    for (int i = 0; i < axis; i++)
        outer *= x->dims[i];
    for (int i = axis + 1; i < x->rank; i++)
        count *= x->dims[i];
    for (uint32_t row = 0; row < (x->role == MOTE_CONSTANT ? pass->rows : 1); row++)
        for (size_t o = 0; o < outer; o++)
            for (size_t i = 0; i < indices; i++, y += count)
                visit(pass, (o * x->dims[axis] + mote_pass_ids(pass, MOTE_GATHER_INDICES)[i]) * count, y, count);
}

static void take(const mote_pass *pass, size_t x, size_t y, size_t count)
{
    memcpy(pass->out[0] + y, pass->in[MOTE_GATHER_X] + x, count * sizeof(float));
}

static void give(const mote_pass *pass, size_t x, size_t y, size_t count)
{
    mote_accumulate(pass->in_grad[MOTE_GATHER_X] + x, pass->out_grad[0] + y, count);
}

static void forward(const mote_pass *pass)
{
    each_slice(pass, take);
}

static void backward(const mote_pass *pass)
{
    each_slice(pass, give);
}

const mote_operator mote_operator_gather = {.infer = infer, .forward = forward, .backward = backward};
