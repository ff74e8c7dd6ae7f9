/* CONV: y(position) = W · x(window at the position) + bias. CONV_TRANSPOSE: y(window at the position) += Wᵀ ·
 * x(position), and the bias. */
#include "compiler/graph/convolution.h"
#include "compiler/graph/vector.h"

enum { X = MOTE_CONV_X, WEIGHTS = MOTE_CONV_WEIGHTS, BIAS = MOTE_CONV_BIAS, FIRST = MOTE_CONV_KERNEL_HEIGHT };
_Static_assert((int)FIRST == MOTE_CONV_TRANSPOSE_KERNEL_HEIGHT && MOTE_CONV_PARTS == (int)MOTE_CONV_TRANSPOSE_PARTS &&
                   MOTE_CONV_SHIFTS == (int)MOTE_CONV_TRANSPOSE_SHIFTS,
               "both have the same operands and parameters");

static bool transposed(const mote_op *op)
{
    return op->opcode == MOTE_OP_CONV_TRANSPOSE;
}

/* Checks the number of columns of the weights [out, taps·channels/parts], and that the parts divide both channels. */
static bool weights_fit(const mote_graph *g, const mote_op *op, mote_error *error)
{
    const char *name = mote_operator_of(op->opcode)->name;
    const mote_tensor *x = mote_op_input(g, op, X), *w = mote_op_input(g, op, WEIGHTS);
    const int64_t parts = op->params[MOTE_CONV_PARTS], height = op->params[FIRST], width = op->params[FIRST + 1];
    if (parts < 1 || x->dims[2] % parts != 0 || w->dims[0] % parts != 0)
        return mote_fail(error, MOTE_E_FORMAT, "operator %s (%s): %lld parts do not divide %u and %u channels",
                         op->name, name, (long long)parts, x->dims[2], w->dims[0]);
    const int64_t channels = x->dims[2] / parts, wanted = w->dims[1];
    if (height * width > wanted || height * width * channels != wanted)
        return mote_fail(error, MOTE_E_FORMAT,
                         "operator %s (%s): its weights have %lld columns and not %lld x %lld x "
                         "%lld",
                         op->name, name, (long long)wanted, (long long)height, (long long)width, (long long)channels);
    return true;
}

/* A multiplier of i32 comes with shifts, one of i16 without. */
static bool scales_fit(const mote_graph *g, const mote_op *op, mote_error *error)
{
    const mote_tensor *m = mote_op_input(g, op, MOTE_CONV_MULTIPLIER), *s = mote_op_input(g, op, MOTE_CONV_SHIFTS);
    if ((m && m->dtype == MOTE_I32) != (s != NULL))
        return mote_fail(error, MOTE_E_FORMAT, "operator %s (%s): a multiplier of type i32 and shifts need each other",
                         op->name, mote_operator_of(op->opcode)->name);
    return mote_expect(g, op, MOTE_CONV_SHIFTS, mote_op_input(g, op, WEIGHTS)->dims[0], 0, MOTE_BIT(MOTE_I8), error);
}

static bool infer(const mote_graph *g, const mote_op *op, mote_shape *y, mote_error *error)
{
    int64_t dims[3];
    if (!mote_infer_same(g, op, X, MOTE_ACTIVATIONS_OF(g), y, error) ||
        !mote_expect_product(g, op, MOTE_BIT(MOTE_I16) | MOTE_BIT(MOTE_I32), error) ||
        !mote_window_infer(g, op, FIRST, transposed(op), dims, error) || !weights_fit(g, op, error) ||
        !scales_fit(g, op, error))
        return false;
    dims[2] = mote_op_input(g, op, WEIGHTS)->dims[0];
    return mote_shape_of(op, 3, dims, MOTE_ACTIVATIONS_OF(g), y, error);
}

mote_convolution mote_convolution_of(const mote_graph *g, const mote_op *op)
{
    const mote_tensor *x = mote_op_input(g, op, X), *y = mote_op_output(g, op, 0);
    const mote_tensor *image = transposed(op) ? y : x, *at = transposed(op) ? x : y;
    mote_convolution c = {.window = mote_window_from(op, FIRST, image, at)};
    c.parts = (uint32_t)op->params[MOTE_CONV_PARTS];
    c.inputs = image->dims[2] / c.parts;
    c.outputs = at->dims[2] / c.parts;
    c.taps = (uint32_t)(c.window.y.kernel * c.window.x.kernel);
    return c;
}

static size_t weight_count(const mote_convolution *c)
{
    return (size_t)c->parts * c->outputs * c->taps * c->inputs;
}

/* The scratch memory of a transposed convolution ends with the gradient of its permuted weights. */
static size_t scratch_size(const mote_graph *g, const mote_op *op, uint32_t steps, uint32_t streams)
{
    const mote_convolution c = mote_convolution_of(g, op);
    (void)steps, (void)streams;
    return mote_convolution_scratch(&c) + (transposed(op) ? weight_count(&c) : 0);
}

/* Packed weights for forward, those for the gradient of x, the permuted weights of a transposed convolution. */
static size_t prepared_size(const mote_graph *g, const mote_op *op, bool backward)
{
    const mote_convolution c = mote_convolution_of(g, op);
    return mote_convolution_size(&c, transposed(op)) + (backward ? mote_convolution_size(&c, !transposed(op)) : 0) +
           (transposed(op) ? weight_count(&c) : 0);
}

/* Permutes the weights of a transposed convolution, w[part, n][tap, k] with channel n of y and channel k of x, to those
 * of the convolution from y to x, [part, k][tap, n]; with `back`, adds the second to the first. */
static void permute(const mote_convolution *c, float *w, float *permuted, bool back)
{
    for (size_t part = 0; part < c->parts; part++)
        for (size_t n = 0; n < c->inputs; n++)
            for (size_t tap = 0; tap < c->taps; tap++)
                for (size_t k = 0; k < c->outputs; k++) {
                    float *a = &w[((part * c->inputs + n) * c->taps + tap) * c->outputs + k];
                    float *b = &permuted[((part * c->outputs + k) * c->taps + tap) * c->inputs + n];
                    if (back)
                        *a += *b;
                    else
                        *b = *a;
                }
}

static void prepare(const mote_pass *pass, float *prepared)
{
    const bool back = transposed(pass->op);
    const mote_convolution c = mote_convolution_of(pass->graph, pass->op);
    float *second = prepared + mote_convolution_size(&c, back);
    float *permuted = second + (pass->trains ? mote_convolution_size(&c, !back) : 0);
    if (back)
        permute(&c, pass->in[WEIGHTS], permuted, false);
    const float *weights = back ? permuted : pass->in[WEIGHTS];
    mote_convolution_prepare(&c, weights, prepared, back);
    if (pass->trains)
        mote_convolution_prepare(&c, weights, second, !back);
}

static mote_convolution convolution_of(const mote_pass *pass)
{
    mote_convolution c = mote_convolution_of(pass->graph, pass->op);
    const bool back = transposed(pass->op);
    const float *second = pass->prepared + mote_convolution_size(&c, back);
    c.images = pass->rows;
    c.scratch = pass->scratch;
    c.forward = back ? second : pass->prepared;
    c.backward = back ? pass->prepared : second;
    return c;
}

/* Sets y to the bias, or to 0. */
static void begin(const mote_pass *pass)
{
    const size_t channels = mote_op_output(pass->graph, pass->op, 0)->dims[2], count = mote_pass_elements(pass);
    float *y = pass->out[0];
    if (!pass->in[BIAS])
        memset(y, 0, count * sizeof *y);
    for (size_t i = 0; pass->in[BIAS] && i < count; i += channels)
        memcpy(y + i, pass->in[BIAS], channels * sizeof *y);
}

static void forward(const mote_pass *pass)
{
    const mote_convolution c = convolution_of(pass);
    begin(pass);
    mote_convolution_forward(&c, pass->out[0], pass->in[X], true);
}

static void forward_transposed(const mote_pass *pass)
{
    const mote_convolution c = convolution_of(pass);
    begin(pass);
    mote_convolution_backward(&c, pass->out[0], pass->in[X]);
}

/* Adds to the gradient of the bias. Zeroes a fresh gradient of x. */
static void begin_backward(const mote_pass *pass)
{
    const mote_tensor *x = mote_op_input(pass->graph, pass->op, X), *y = mote_op_output(pass->graph, pass->op, 0);
    if (pass->in_grad[X] && pass->fresh[X])
        memset(pass->in_grad[X], 0, pass->rows * mote_tensor_elements(x) * sizeof(float));
    for (size_t i = 0, count = mote_pass_elements(pass); pass->in_grad[BIAS] && i < count; i += y->dims[2])
        mote_accumulate(pass->in_grad[BIAS], pass->out_grad[0] + i, y->dims[2]);
}

static void backward(const mote_pass *pass)
{
    const mote_convolution c = convolution_of(pass);
    begin_backward(pass);
    if (pass->in_grad[X])
        mote_convolution_backward(&c, pass->in_grad[X], pass->out_grad[0]);
    mote_convolution_gradient(&c, pass->in_grad[WEIGHTS], pass->in[X], pass->out_grad[0]);
}

static void backward_transposed(const mote_pass *pass)
{
    const mote_convolution c = convolution_of(pass);
    float *gradient = pass->scratch + mote_convolution_scratch(&c);
    begin_backward(pass);
    if (pass->in_grad[X])
        mote_convolution_forward(&c, pass->in_grad[X], pass->out_grad[0], true);
    memset(gradient, 0, weight_count(&c) * sizeof *gradient);
    mote_convolution_gradient(&c, gradient, pass->out_grad[0], pass->in[X]);
    permute(&c, pass->in_grad[WEIGHTS], gradient, true);
}

const mote_operator mote_operator_conv = {.writes = true,
                                          .infer = infer,
                                          .scratch = scratch_size,
                                          .prepared = prepared_size,
                                          .prepare = prepare,
                                          .forward = forward,
                                          .backward = backward};
const mote_operator mote_operator_conv_transpose = {.writes = true,
                                                    .infer = infer,
                                                    .scratch = scratch_size,
                                                    .prepared = prepared_size,
                                                    .prepare = prepare,
                                                    .forward = forward_transposed,
                                                    .backward = backward_transposed};
