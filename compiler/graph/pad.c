/* PAD: values before and after each axis, constant, reflected or those of the edge. */
#include "compiler/graph/limits.h"
#include "compiler/graph/operator.h"

enum { CONSTANT, REFLECT, EDGE, MODES };

static int32_t before(const mote_op *op, int axis)
{
    return op->params[MOTE_PAD_BEFORE0 + axis];
}

static int32_t after(const mote_op *op, int axis)
{
    return op->params[MOTE_PAD_AFTER0 + axis];
}

static bool infer(const mote_graph *g, const mote_op *op, mote_shape *y, mote_error *error)
{
    const mote_tensor *x = mote_op_input(g, op, MOTE_PAD_X);
    int64_t dims[MOTE_RANK];
    if (!mote_infer_same(g, op, MOTE_PAD_X, MOTE_AFFINE_OF(g), y, error) ||
        !mote_param_within(op, MOTE_PAD_MODE, 0, MODES - 1, error))
        return false;
    for (int i = 0; i < x->rank; i++) {
        const int32_t most =
            op->params[MOTE_PAD_MODE] == REFLECT ? (int32_t)x->dims[i] - 1 : (int32_t)MOTE_MOST_ELEMENTS;
        if (!mote_param_within(op, MOTE_PAD_BEFORE0 + i, 0, most, error) ||
            !mote_param_within(op, MOTE_PAD_AFTER0 + i, 0, most, error))
            return false;
        dims[i] = (int64_t)x->dims[i] + before(op, i) + after(op, i);
    }
    return mote_shape_of(op, x->rank, dims, y->dtypes, y, error);
}

/* Returns the index along an axis of x that index i of y reads, -1 for the constant. */
static int64_t source(int32_t mode, int64_t i, int64_t size)
{
    if (i >= 0 && i < size)
        return i;
    if (mode == CONSTANT)
        return -1;
    if (mode == EDGE)
        return i < 0 ? 0 : size - 1;
    return i < 0 ? -i : 2 * (size - 1) - i;
}

/* Returns the offset in a row of x of the run along the last axis to which index `run` of y belongs; -1 if it is
 * outside x. */
static int64_t run_source(const mote_op *op, const mote_tensor *x, const mote_tensor *y, size_t run)
{
    int64_t offset = 0, stride = x->dims[x->rank - 1];
    for (int i = x->rank - 1; i-- > 0;) {
        const int64_t at = source(op->params[MOTE_PAD_MODE], (int64_t)(run % y->dims[i]) - before(op, i), x->dims[i]);
        if (at < 0)
            return -1;
        offset += at * stride;
        stride *= x->dims[i];
        run /= y->dims[i];
    }
    return offset;
}

/* Calls `visit` for each run along the last axis: x is the offset of its source, -1 without. */
static void each_run(const mote_pass *pass, void (*visit)(const mote_pass *, int64_t x, size_t y))
{
    const mote_tensor *x = mote_op_input(pass->graph, pass->op, MOTE_PAD_X);
    const mote_tensor *y = mote_op_output(pass->graph, pass->op, 0);
    const size_t width = y->dims[y->rank - 1], runs = mote_tensor_elements(y) / width;
    for (size_t row = 0; row < pass->rows; row++)
        for (size_t run = 0; run < runs; run++) {
            const int64_t from = run_source(pass->op, x, y, run);
            visit(pass, from < 0 ? -1 : (int64_t)(row * mote_tensor_elements(x)) + from, (row * runs + run) * width);
        }
}

static void fill(const mote_pass *pass, int64_t x, size_t y)
{
    const mote_tensor *from = mote_op_input(pass->graph, pass->op, MOTE_PAD_X);
    const int last = from->rank - 1;
    const float value = mote_op_real(pass->op, MOTE_PAD_VALUE);
    const int64_t size = from->dims[last], count = size + before(pass->op, last) + after(pass->op, last);
    for (int64_t i = 0; i < count; i++) {
        const int64_t at = x < 0 ? -1 : source(pass->op->params[MOTE_PAD_MODE], i - before(pass->op, last), size);
        pass->out[0][y + (size_t)i] = at < 0 ? value : pass->in[MOTE_PAD_X][x + at];
    }
}

static void give(const mote_pass *pass, int64_t x, size_t y)
{
    const mote_tensor *from = mote_op_input(pass->graph, pass->op, MOTE_PAD_X);
    const int last = from->rank - 1;
    const int64_t size = from->dims[last], count = size + before(pass->op, last) + after(pass->op, last);
    for (int64_t i = 0; x >= 0 && i < count; i++) {
        const int64_t at = source(pass->op->params[MOTE_PAD_MODE], i - before(pass->op, last), size);
        if (at >= 0)
            pass->in_grad[MOTE_PAD_X][x + at] += pass->out_grad[0][y + (size_t)i];
    }
}

static void forward(const mote_pass *pass)
{
    each_run(pass, fill);
}

static void backward(const mote_pass *pass)
{
    each_run(pass, give);
}

const mote_operator mote_operator_pad = {.infer = infer, .forward = forward, .backward = backward};
