/* REDUCE: the mean, the sum, the largest or the smallest value over some axes. */
#include <math.h>

#include "compiler/graph/loop.h"

enum { MEAN, SUM, LARGEST, SMALLEST, KINDS };
enum { X, Y };

static bool reduced(const mote_op *op, int axis)
{
    return (unsigned)op->params[MOTE_REDUCE_AXES] >> axis & 1;
}

static bool infer(const mote_graph *g, const mote_op *op, mote_shape *y, mote_error *error)
{
    const mote_tensor *x = mote_op_input(g, op, MOTE_REDUCE_X);
    int64_t dims[MOTE_RANK] = {1};
    int rank = 0;
    if (!mote_infer_same(g, op, MOTE_REDUCE_X, MOTE_AFFINE_OF(g), y, error) ||
        !mote_param_within(op, MOTE_REDUCE_KIND, 0, KINDS - 1, error) ||
        !mote_param_within(op, MOTE_REDUCE_AXES, 0, (1 << x->rank) - 1, error))
        return false;
    for (int i = 0; i < x->rank; i++)
        if (!reduced(op, i))
            dims[rank++] = x->dims[i];
    return mote_shape_of(op, rank ? rank : 1, dims, y->dtypes, y, error);
}

/* Returns a loop over x and y, which stands still along the reduced axes. */
static mote_loop loop_of(const mote_pass *pass)
{
    const mote_tensor *x = mote_op_input(pass->graph, pass->op, MOTE_REDUCE_X);
    mote_loop_axes axes = mote_loop_over(pass, x);
    mote_loop_add(&axes, x);
    axes.arrays = Y + 1;
    ptrdiff_t stride = 1;
    for (int i = x->rank; i-- > 0;)
        if (!reduced(pass->op, i)) {
            axes.strides[Y][1 + i] = stride;
            stride *= x->dims[i];
        }
    axes.strides[Y][0] = stride;
    return mote_loop_begin(&axes);
}

/* Returns the number of values of which one result is made. */
static float group(const mote_pass *pass)
{
    return (float)(pass->rows * mote_tensor_elements(mote_op_input(pass->graph, pass->op, MOTE_REDUCE_X))) /
           (float)mote_pass_elements(pass);
}

static void add_run(float *y, ptrdiff_t step, const float *x, size_t count)
{
    double sum = 0;
    for (size_t i = 0; !step && i < count; i++)
        sum += (double)x[i];
    if (!step)
        *y += (float)sum;
    for (size_t i = 0; step && i < count; i++)
        y[(ptrdiff_t)i * step] += x[i];
}

static void most_of_run(float *y, ptrdiff_t step, const float *x, bool smallest, size_t count)
{
    for (size_t i = 0; i < count; i++, y += step)
        *y = (smallest ? x[i] < *y : x[i] > *y) ? x[i] : *y;
}

static void forward(const mote_pass *pass)
{
    const int32_t kind = pass->op->params[MOTE_REDUCE_KIND];
    const size_t count = mote_pass_elements(pass);
    float *y = pass->out[0];
    for (size_t i = 0; i < count; i++)
        y[i] = kind == LARGEST ? -INFINITY : kind == SMALLEST ? INFINITY : 0;
    mote_loop w = loop_of(pass);
    do {
        if (kind <= SUM)
            add_run(y + w.at[Y], w.step[Y], pass->in[0] + w.at[X], w.run);
        else
            most_of_run(y + w.at[Y], w.step[Y], pass->in[0] + w.at[X], kind == SMALLEST, w.run);
    } while (mote_loop_next(&w));
    const float factor = 1 / group(pass);
    for (size_t i = 0; kind == MEAN && i < count; i++)
        y[i] *= factor;
}

/* The first of equal values gets the gradient of a largest or smallest value: `left` is 1 until it was given. */
static void backward(const mote_pass *pass)
{
    const int32_t kind = pass->op->params[MOTE_REDUCE_KIND];
    const float factor = kind == MEAN ? 1 / group(pass) : 1;
    float *left = pass->scratch;
    for (size_t i = 0, count = mote_pass_elements(pass); i < count; i++)
        left[i] = factor;
    mote_loop w = loop_of(pass);
    do
        for (size_t i = 0; i < w.run; i++) {
            const ptrdiff_t x = w.at[X] + (ptrdiff_t)i, y = w.at[Y] + (ptrdiff_t)i * w.step[Y];
            if (kind > SUM && pass->in[0][x] != pass->out[0][y])
                continue;
            pass->in_grad[0][x] += left[y] * pass->out_grad[0][y];
            left[y] = kind > SUM ? 0 : factor;
        }
    while (mote_loop_next(&w));
}

static size_t scratch_size(const mote_graph *g, const mote_op *op, uint32_t steps, uint32_t streams)
{
    return (size_t)steps * streams * mote_tensor_elements(mote_op_output(g, op, 0));
}

const mote_operator mote_operator_reduce = {
    .infer = infer, .scratch = scratch_size, .forward = forward, .backward = backward};
