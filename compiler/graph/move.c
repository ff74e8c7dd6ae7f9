/* SLICE, TRANSPOSE, CONCAT, RESHAPE: y has values of x at other places. */
#include "compiler/graph/loop.h"
#include "compiler/graph/names.h"

/* The arrays of a loop over y and one input. The strides of both follow the axes of one of them. */
enum { Y, X };

/* Returns axes for the rows and the dimensions of t, with t as array k. */
static mote_loop_axes axes_along(const mote_pass *pass, const mote_tensor *t, int k)
{
    mote_loop_axes axes = mote_loop_over(pass, t);
    axes.arrays = k;
    mote_loop_add(&axes, t);
    axes.arrays = X + 1;
    return axes;
}

/* Returns the distance from one index of an axis to the next. */
static ptrdiff_t stride_of(const mote_tensor *t, int axis)
{
    ptrdiff_t stride = 1;
    for (int i = axis + 1; i < t->rank; i++)
        stride *= t->dims[i];
    return stride;
}

static ptrdiff_t row_stride(const mote_tensor *t)
{
    return t->role == MOTE_CONSTANT ? 0 : (ptrdiff_t)mote_tensor_elements(t);
}

static void copy(const mote_pass *pass, int input, const mote_loop_axes *axes)
{
    mote_loop w = mote_loop_begin(axes);
    do {
        float *to = pass->out[0] + w.at[Y];
        const float *from = pass->in[input] + w.at[X];
        if (w.step[Y] == 1 && w.step[X] == 1)
            memcpy(to, from, w.run * sizeof *to);
        else
            for (size_t i = 0; i < w.run; i++)
                to[(ptrdiff_t)i * w.step[Y]] = from[(ptrdiff_t)i * w.step[X]];
    } while (mote_loop_next(&w));
}

static void copy_back(const mote_pass *pass, int input, const mote_loop_axes *axes)
{
    mote_loop w = mote_loop_begin(axes);
    do {
        float *to = pass->in_grad[input] + w.at[X];
        const float *from = pass->out_grad[0] + w.at[Y];
        for (size_t i = 0; i < w.run; i++)
            to[(ptrdiff_t)i * w.step[X]] += from[(ptrdiff_t)i * w.step[Y]];
    } while (mote_loop_next(&w));
}

static bool infer_slice(const mote_graph *g, const mote_op *op, mote_shape *y, mote_error *error)
{
    const mote_tensor *x = mote_op_input(g, op, MOTE_SLICE_X);
    int64_t dims[MOTE_RANK];
    if (!mote_infer_same(g, op, MOTE_SLICE_X, MOTE_AFFINE_OF(g), y, error))
        return false;
    for (int i = 0; i < x->rank; i++) {
        const int64_t begin = op->params[MOTE_SLICE_BEGIN0 + i], step = op->params[MOTE_SLICE_STEP0 + i];
        const int64_t size = op->params[MOTE_SLICE_SIZE0 + i], last = begin + (size - 1) * step;
        if (begin < 0 || begin >= x->dims[i] || step == 0 || size < 1 || last < 0 || last >= x->dims[i])
            return mote_fail(error, MOTE_E_FORMAT,
                             "operator %s (slice): %lld values from %lld in steps of %lld are not "
                             "in dimension %d of %s, which has %u",
                             op->name, (long long)size, (long long)begin, (long long)step, i, x->name, x->dims[i]);
        dims[i] = size;
    }
    return mote_shape_of(op, x->rank, dims, y->dtypes, y, error);
}

static mote_loop_axes slice_axes(const mote_pass *pass)
{
    const mote_tensor *x = mote_op_input(pass->graph, pass->op, MOTE_SLICE_X);
    mote_loop_axes axes = axes_along(pass, mote_op_output(pass->graph, pass->op, 0), Y);
    axes.strides[X][0] = row_stride(x);
    for (int i = 0; i < x->rank; i++) {
        axes.strides[X][1 + i] = stride_of(x, i) * pass->op->params[MOTE_SLICE_STEP0 + i];
        axes.at[X] += stride_of(x, i) * pass->op->params[MOTE_SLICE_BEGIN0 + i];
    }
    return axes;
}

static void forward_slice(const mote_pass *pass)
{
    const mote_loop_axes axes = slice_axes(pass);
    copy(pass, MOTE_SLICE_X, &axes);
}

static void backward_slice(const mote_pass *pass)
{
    const mote_loop_axes axes = slice_axes(pass);
    copy_back(pass, MOTE_SLICE_X, &axes);
}

static bool infer_transpose(const mote_graph *g, const mote_op *op, mote_shape *y, mote_error *error)
{
    const mote_tensor *x = mote_op_input(g, op, MOTE_TRANSPOSE_X);
    unsigned used = 0;
    int64_t dims[MOTE_RANK];
    if (!mote_infer_same(g, op, MOTE_TRANSPOSE_X, MOTE_AFFINE_OF(g), y, error))
        return false;
    for (int i = 0; i < x->rank; i++) {
        const int32_t from = op->params[MOTE_TRANSPOSE_FROM0 + i];
        if (from < 0 || from >= x->rank || (used & 1u << from))
            return mote_fail(error, MOTE_E_FORMAT,
                             "operator %s (transpose): its axes are not a permutation of the %d of "
                             "%s",
                             op->name, x->rank, x->name);
        used |= 1u << from;
        dims[i] = x->dims[from];
    }
    return mote_shape_of(op, x->rank, dims, y->dtypes, y, error);
}

static mote_loop_axes transpose_axes(const mote_pass *pass)
{
    const mote_tensor *x = mote_op_input(pass->graph, pass->op, MOTE_TRANSPOSE_X);
    mote_loop_axes axes = axes_along(pass, mote_op_output(pass->graph, pass->op, 0), Y);
    axes.strides[X][0] = row_stride(x);
    for (int i = 0; i < x->rank; i++)
        axes.strides[X][1 + i] = stride_of(x, pass->op->params[MOTE_TRANSPOSE_FROM0 + i]);
    return axes;
}

static void forward_transpose(const mote_pass *pass)
{
    const mote_loop_axes axes = transpose_axes(pass);
    copy(pass, MOTE_TRANSPOSE_X, &axes);
}

static void backward_transpose(const mote_pass *pass)
{
    const mote_loop_axes axes = transpose_axes(pass);
    copy_back(pass, MOTE_TRANSPOSE_X, &axes);
}

/* True if t can stand beside x along the axis. */
static bool joins(const mote_tensor *t, const mote_tensor *x, int axis)
{
    bool same = t->rank == x->rank && t->dtype == x->dtype;
    for (int i = 0; i < x->rank; i++)
        same = same && (i == axis || t->dims[i] == x->dims[i]);
    return same;
}

static bool infer_concat(const mote_graph *g, const mote_op *op, mote_shape *y, mote_error *error)
{
    const mote_tensor *first = mote_op_input(g, op, MOTE_CONCAT_X0);
    const int axis = op->params[MOTE_CONCAT_AXIS];
    int64_t dims[MOTE_RANK], length = 0;
    if (!mote_infer_same(g, op, MOTE_CONCAT_X0, MOTE_AFFINE_OF(g), y, error) ||
        !mote_param_within(op, MOTE_CONCAT_AXIS, 0, first->rank - 1, error))
        return false;
    for (int k = 0; k < op->input_count; k++) {
        const mote_tensor *t = mote_op_input(g, op, k);
        if (!t)
            continue;
        if (!joins(t, first, axis))
            return mote_fail(error, MOTE_E_FORMAT, "operator %s (concat): the shapes or types of %s and %s do not fit",
                             op->name, first->name, t->name);
        length += t->dims[axis];
    }
    for (int i = 0; i < first->rank; i++)
        dims[i] = i == axis ? length : first->dims[i];
    return mote_shape_of(op, first->rank, dims, y->dtypes, y, error);
}

/* Calls `visit` with the axes of each input. */
static void each_part(const mote_pass *pass, void (*visit)(const mote_pass *, int, const mote_loop_axes *))
{
    const mote_tensor *y = mote_op_output(pass->graph, pass->op, 0);
    const int axis = pass->op->params[MOTE_CONCAT_AXIS];
    ptrdiff_t at = 0;
    for (int k = 0; k < pass->op->input_count; k++) {
        const mote_tensor *x = mote_op_input(pass->graph, pass->op, k);
        if (!x)
            continue;
        mote_loop_axes axes = axes_along(pass, x, X);
        axes.at[Y] = at;
        axes.strides[Y][0] = row_stride(y);
        for (int i = 0; i < y->rank; i++)
            axes.strides[Y][1 + i] = stride_of(y, i);
        if (visit == copy || pass->in_grad[k])
            visit(pass, k, &axes);
        at += stride_of(y, axis) * x->dims[axis];
    }
}

static void forward_concat(const mote_pass *pass)
{
    each_part(pass, copy);
}

static void backward_concat(const mote_pass *pass)
{
    each_part(pass, copy_back);
}

static bool infer_reshape(const mote_graph *g, const mote_op *op, mote_shape *y, mote_error *error)
{
    const mote_tensor *x = mote_op_input(g, op, MOTE_RESHAPE_X);
    int64_t dims[MOTE_RANK], elements = 1;
    int rank = 0;
    if (!mote_infer_same(g, op, MOTE_RESHAPE_X, MOTE_AFFINE_OF(g), y, error))
        return false;
    for (; rank < MOTE_RANK && op->params[MOTE_RESHAPE_DIM0 + rank]; rank++)
        dims[rank] = op->params[MOTE_RESHAPE_DIM0 + rank];
    if (!mote_shape_of(op, rank, dims, y->dtypes, y, error))
        return false;
    for (int i = 0; i < rank; i++)
        elements *= dims[i];
    return (size_t)elements == mote_tensor_elements(x) ||
           mote_fail(error, MOTE_E_FORMAT, "operator %s (reshape): %s has %zu values and not %lld", op->name, x->name,
                     mote_tensor_elements(x), (long long)elements);
}

static void forward_reshape(const mote_pass *pass)
{
    memcpy(pass->out[0], pass->in[MOTE_RESHAPE_X], mote_pass_elements(pass) * sizeof(float));
}

static void backward_reshape(const mote_pass *pass)
{
    for (size_t i = 0, count = mote_pass_elements(pass); i < count; i++)
        pass->in_grad[MOTE_RESHAPE_X][i] += pass->out_grad[0][i];
}

const mote_operator mote_operator_slice = {.infer = infer_slice, .forward = forward_slice, .backward = backward_slice};
const mote_operator mote_operator_transpose = {
    .infer = infer_transpose, .forward = forward_transpose, .backward = backward_transpose};
const mote_operator mote_operator_concat = {
    .infer = infer_concat, .forward = forward_concat, .backward = backward_concat};
const mote_operator mote_operator_reshape = {
    .infer = infer_reshape, .forward = forward_reshape, .backward = backward_reshape};
