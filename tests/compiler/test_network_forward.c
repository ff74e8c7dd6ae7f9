/* Tests the float operators of networks: windows against loops written from docs/SPEC.md in doubles, functions against
 * the C library, other operators against values from the documentation of ONNX and values computed by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/graph/check.h"
#include "compiler/graph/executor.h"
#include "compiler/graph/functions.h"
#include "compiler/graph/random.h"

enum { ROWS = 2, MOST_VALUES = 1 << 14 };

/* A graph of one operator, and its result. */
typedef struct bench {
    mote_graph g;
    mote_executor x;
    mote_op *op;
    mote_tensor *y;
    const float *result; /* [ROWS, shape of y] */
} bench;

static int add(bench *b, const char *name, mote_dtype dtype, mote_role role, int rank, const uint32_t *dims)
{
    const int index = mote_graph_tensor(&b->g, name, dtype, role, rank, dims);
    assert_true(index >= 0);
    return index;
}

static int constant(bench *b, const char *name, int rank, const uint32_t *dims, const float *values)
{
    const int index = add(b, name, MOTE_F32, MOTE_CONSTANT, rank, dims);
    memcpy(b->g.tensors[index].data, values, mote_tensor_size(&b->g.tensors[index]));
    return index;
}

/* Adds the operator. Returns false if the parameters do not fit. */
static bool operate(bench *b, mote_opcode opcode, int count, const int *inputs, const int32_t *params)
{
    mote_shape shapes[MOTE_MOST_OUTPUTS];
    mote_error error;
    const int op = mote_graph_op(&b->g, "operator", opcode, count, inputs, 0, NULL);
    b->op = &b->g.ops[op];
    memcpy(b->op->params, params, (size_t)b->op->param_count * sizeof *params);
    if (!mote_op_infer(&b->g, b->op, shapes, &error))
        return false;
    const mote_dtype dtype = opcode == MOTE_OP_ARGMAX ? MOTE_U16 : MOTE_F32;
    const int y = add(b, "y", dtype, MOTE_OUTPUT, shapes[0].rank, shapes[0].dims);
    b->op->outputs[0] = y;
    b->y = &b->g.tensors[y];
    return true;
}

/* Runs the graph on ROWS rows of its one input. */
static void run(bench *b, const float *input)
{
    mote_error error;
    if (!mote_graph_check(&b->g, &error) ||
        !mote_executor_init(&b->x, &b->g, &(mote_executor_options){.steps = 1, .streams = ROWS, .workers = 1}, &error))
        fail_msg("%s", error.text);
    mote_executor_forward(&b->x, 0, &(const void *){input}, 1, 0);
    b->result = mote_executor_output(&b->x, 0, 0);
}

static void end(bench *b, bool ran)
{
    if (ran)
        mote_executor_free(&b->x);
    mote_graph_free(&b->g);
}

static void near(double got, double wanted, double scale, const char *what)
{
    if (!(fabs(got - wanted) <= 2e-6 * scale))
        fail_msg("%s: %.9g and not %.9g", what, got, wanted);
}

/* --- windows --- */

typedef struct window {
    int64_t h, w, c, kh, kw, sh, sw, dh, dw, top, left, bottom, right, parts, out;
} window;

static int64_t pick(mote_random *random, int64_t least, int64_t most)
{
    return least + (int64_t)(mote_random_bits(random) % (uint64_t)(most - least + 1));
}

static window random_window(mote_random *r)
{
    window w = {.kh = pick(r, 1, 4), .kw = pick(r, 1, 4), .sh = pick(r, 1, 3), .sw = pick(r, 1, 3)};
    w.h = pick(r, 1, 9), w.w = pick(r, 1, 9), w.dh = pick(r, 1, 3), w.dw = pick(r, 1, 3);
    w.top = pick(r, 0, 2), w.left = pick(r, 0, 2), w.bottom = pick(r, 0, 2), w.right = pick(r, 0, 2);
    w.parts = pick(r, 1, 3) == 1 ? pick(r, 2, 20) : pick(r, 1, 2);
    w.c = w.parts * pick(r, 1, 3), w.out = w.parts * pick(r, 1, w.parts == 1 ? 40 : 3);
    return w;
}

static void params_of(const window *w, int32_t *p)
{
    const int64_t values[] = {w->kh, w->kw, w->sh, w->sw, w->dh, w->dw, w->top, w->left, w->bottom, w->right};
    for (int i = 0; i < 10; i++)
        p[i] = (int32_t)values[i];
}

static float *drawn(mote_random *random, size_t count)
{
    float *values = malloc((count + 1) * sizeof *values);
    assert_non_null(values);
    for (size_t i = 0; i < count; i++)
        values[i] = mote_random_normal(random);
    return values;
}

/* Returns x [h, w, c] at a place, 0 outside. */
static double at(const float *x, const window *w, int64_t i, int64_t j, int64_t k)
{
    return i < 0 || j < 0 || i >= w->h || j >= w->w ? 0 : (double)x[(i * w->w + j) * w->c + k];
}

static void check_conv(const bench *b, const window *w, const float *x, const float *weights, const float *bias)
{
    const int64_t rows = b->y->dims[0], columns = b->y->dims[1], ip = w->c / w->parts;
    assert_int_equal(rows, (w->h + w->top + w->bottom - (w->kh - 1) * w->dh - 1) / w->sh + 1);
    assert_int_equal(columns, (w->w + w->left + w->right - (w->kw - 1) * w->dw - 1) / w->sw + 1);
    for (int64_t e = 0; e < ROWS * rows * columns * w->out; e++) {
        const int64_t n = e % w->out, s = e / w->out % columns, r = e / w->out / columns % rows;
        const float *image = x + e / w->out / columns / rows * w->h * w->w * w->c;
        const int64_t part = n * w->parts / w->out;
        double sum = (double)bias[n];
        for (int64_t i = 0; i < w->kh; i++)
            for (int64_t j = 0; j < w->kw; j++)
                for (int64_t k = 0; k < ip; k++)
                    sum += (double)weights[n * w->kh * w->kw * ip + (i * w->kw + j) * ip + k] *
                           at(image, w, r * w->sh + i * w->dh - w->top, s * w->sw + j * w->dw - w->left, part * ip + k);
        near((double)b->result[e], sum, 40, "conv");
    }
}

/* y as the sum over all positions of x that reach it. */
static void check_transposed(const bench *b, const window *w, const float *x, const float *weights, const float *bias)
{
    const int64_t rows = b->y->dims[0], columns = b->y->dims[1], ip = w->c / w->parts;
    assert_int_equal(rows, (w->h - 1) * w->sh + (w->kh - 1) * w->dh + 1 - w->top - w->bottom);
    assert_int_equal(columns, (w->w - 1) * w->sw + (w->kw - 1) * w->dw + 1 - w->left - w->right);
    for (int64_t e = 0; e < ROWS * rows * columns * w->out; e++) {
        const int64_t n = e % w->out, s = e / w->out % columns, r = e / w->out / columns % rows;
        const float *image = x + e / w->out / columns / rows * w->h * w->w * w->c;
        const int64_t part = n * w->parts / w->out;
        double sum = (double)bias[n];
        for (int64_t p = 0; p < w->h * w->w; p++)
            for (int64_t tap = 0; tap < w->kh * w->kw; tap++) {
                const int64_t i = tap / w->kw, j = tap % w->kw;
                if (p / w->w * w->sh + i * w->dh - w->top != r || p % w->w * w->sw + j * w->dw - w->left != s)
                    continue;
                for (int64_t k = 0; k < ip; k++)
                    sum +=
                        (double)weights[(n * w->kh * w->kw + tap) * ip + k] * (double)image[p * w->c + part * ip + k];
            }
        near((double)b->result[e], sum, 40, "conv_transpose");
    }
}

static int convolve(mote_random *random, mote_opcode opcode)
{
    bench b = {0};
    int32_t params[32] = {0};
    const window w = random_window(random);
    params_of(&w, params + MOTE_CONV_KERNEL_HEIGHT);
    params[MOTE_CONV_PARTS] = (int32_t)w.parts;
    const int64_t columns = w.kh * w.kw * w.c / w.parts;
    float *x = drawn(random, (size_t)(ROWS * w.h * w.w * w.c)), *weights = drawn(random, (size_t)(w.out * columns));
    float *bias = drawn(random, (size_t)w.out);
    mote_graph_init(&b.g);
    const int inputs[] = {
        add(&b, "x", MOTE_F32, MOTE_INPUT, 3, (uint32_t[]){(uint32_t)w.h, (uint32_t)w.w, (uint32_t)w.c}),
        constant(&b, "weights", 2, (uint32_t[]){(uint32_t)w.out, (uint32_t)columns}, weights),
        constant(&b, "bias", 1, (uint32_t[]){(uint32_t)w.out}, bias)};
    const bool fits = operate(&b, opcode, 3, inputs, params);
    if (fits) {
        run(&b, x);
        (opcode == MOTE_OP_CONV ? check_conv : check_transposed)(&b, &w, x, weights, bias);
    }
    end(&b, fits);
    free(x), free(weights), free(bias);
    return fits;
}

static void test_convolutions(void **state)
{
    (void)state;
    mote_random random = {5};
    int fits = 0;
    for (int i = 0; i < 400; i++)
        fits += convolve(&random, i % 2 ? MOTE_OP_CONV : MOTE_OP_CONV_TRANSPOSE);
    assert_true(fits > 200);
}

/* A convolution with more patches than are made at once. */
static void test_large_convolution(void **state)
{
    (void)state;
    bench b = {0};
    mote_random random = {7};
    const window w = {.h = 70,
                      .w = 61,
                      .c = 8,
                      .kh = 3,
                      .kw = 3,
                      .sh = 1,
                      .sw = 1,
                      .dh = 1,
                      .dw = 1,
                      .top = 1,
                      .left = 1,
                      .bottom = 1,
                      .right = 1,
                      .parts = 1,
                      .out = 5};
    int32_t params[32] = {0};
    params_of(&w, params + MOTE_CONV_KERNEL_HEIGHT);
    params[MOTE_CONV_PARTS] = 1;
    float *x = drawn(&random, ROWS * 70 * 61 * 8), *weights = drawn(&random, 5 * 72), *bias = drawn(&random, 5);
    mote_graph_init(&b.g);
    const int inputs[] = {add(&b, "x", MOTE_F32, MOTE_INPUT, 3, (uint32_t[]){70, 61, 8}),
                          constant(&b, "weights", 2, (uint32_t[]){5, 72}, weights),
                          constant(&b, "bias", 1, (uint32_t[]){5}, bias)};
    assert_true(operate(&b, MOTE_OP_CONV, 3, inputs, params));
    run(&b, x);
    check_conv(&b, &w, x, weights, bias);
    end(&b, true);
    free(x), free(weights), free(bias);
}

static void check_pool(const bench *b, const window *w, const float *x, bool mean, bool counts_padding)
{
    const int64_t rows = b->y->dims[0], columns = b->y->dims[1];
    for (int64_t e = 0; e < ROWS * rows * columns * w->c; e++) {
        const int64_t k = e % w->c, s = e / w->c % columns, r = e / w->c / columns % rows;
        const float *image = x + e / w->c / columns / rows * w->h * w->w * w->c;
        double most = -1e9, sum = 0, count = 0;
        for (int64_t i = 0; i < w->kh; i++)
            for (int64_t j = 0; j < w->kw; j++) {
                const int64_t y = r * w->sh + i * w->dh - w->top, z = s * w->sw + j * w->dw - w->left;
                if (y < 0 || z < 0 || y >= w->h || z >= w->w)
                    continue;
                most = fmax(most, at(image, w, y, z, k));
                sum += at(image, w, y, z, k);
                count++;
            }
        near((double)b->result[e], !mean ? most : sum / (counts_padding ? (double)(w->kh * w->kw) : count), 1, "pool");
    }
}

static void test_pools(void **state)
{
    (void)state;
    mote_random random = {6};
    int fits = 0;
    for (int i = 0; i < 600; i++) {
        bench b = {0};
        int32_t params[32] = {0};
        const window w = random_window(&random);
        const bool mean = i % 3, counts_padding = i % 3 == 2;
        params_of(&w, params);
        if (counts_padding)
            params[MOTE_AVERAGE_POOL_COUNTS_PADDING] = 1;
        float *x = drawn(&random, (size_t)(ROWS * w.h * w.w * w.c));
        mote_graph_init(&b.g);
        const int input =
            add(&b, "x", MOTE_F32, MOTE_INPUT, 3, (uint32_t[]){(uint32_t)w.h, (uint32_t)w.w, (uint32_t)w.c});
        const bool fit = operate(&b, mean ? MOTE_OP_AVERAGE_POOL : MOTE_OP_MAX_POOL, 1, &input, params);
        if (fit) {
            run(&b, x);
            check_pool(&b, &w, x, mean, counts_padding);
        }
        fits += fit;
        end(&b, fit);
        free(x);
    }
    assert_true(fits > 150);
}

/* --- functions --- */

static double expected(mote_function f, double x)
{
    switch (f) {
    case MOTE_FUNCTION_RELU:
        return fmax(x, 0);
    case MOTE_FUNCTION_CLIP:
        return fmin(fmax(x, -0.75), 1.5);
    case MOTE_FUNCTION_LEAKY_RELU:
        return x < 0 ? -0.75 * x : x;
    case MOTE_FUNCTION_SIGMOID:
        return 1 / (1 + exp(-x));
    case MOTE_FUNCTION_TANH:
        return tanh(x);
    case MOTE_FUNCTION_HARD_SIGMOID:
        return fmin(fmax(-0.75 * x + 1.5, 0), 1);
    case MOTE_FUNCTION_HARD_SWISH:
        return x * fmin(fmax(x / 6 + 0.5, 0), 1);
    case MOTE_FUNCTION_SILU:
        return x / (1 + exp(-x));
    case MOTE_FUNCTION_GELU:
        return 0.5 * x * (1 + erf(x / sqrt(2)));
    case MOTE_FUNCTION_GELU_TANH:
        return 0.5 * x * (1 + tanh(sqrt(2 / 3.14159265358979323846) * (x + 0.044715 * x * x * x)));
    case MOTE_FUNCTION_ELU:
        return x < 0 ? -0.75 * (exp(x) - 1) : x;
    case MOTE_FUNCTION_EXP:
        return exp(x);
    case MOTE_FUNCTION_LOG:
        return log(x);
    case MOTE_FUNCTION_SQRT:
        return sqrt(x);
    case MOTE_FUNCTION_ABS:
        return fabs(x);
    case MOTE_FUNCTION_NEG:
        return -x;
    case MOTE_FUNCTION_SQUARE:
        return x * x;
    case MOTE_FUNCTION_ERF:
        return erf(x);
    case MOTE_FUNCTION_RECIPROCAL:
        return 1 / x;
    case MOTE_FUNCTION_SOFTPLUS:
        return log(1 + exp(x));
    case MOTE_FUNCTION_SIGN:
        return (x > 0) - (x < 0);
    case MOTE_FUNCTION_FLOOR:
        return floor(x);
    case MOTE_FUNCTION_CEIL:
        return ceil(x);
    case MOTE_FUNCTION_ROUND:
        return nearbyint(x);
    case MOTE_FUNCTION_COUNT:
        break;
    }
    return NAN;
}

static void test_functions(void **state)
{
    (void)state;
    const char *names[] = {"relu",       "clip",     "leaky_relu", "sigmoid",   "tanh",   "hard_sigmoid",
                           "hard_swish", "silu",     "gelu",       "gelu_tanh", "elu",    "exp",
                           "log",        "sqrt",     "abs",        "neg",       "square", "erf",
                           "reciprocal", "softplus", "sign",       "floor",     "ceil",   "round"};
    assert_int_equal(sizeof names / sizeof *names, MOTE_FUNCTION_COUNT);
    for (int f = 0; f < MOTE_FUNCTION_COUNT; f++) {
        bench b = {0};
        float x[ROWS * 257];
        int32_t params[3] = {f};
        const bool positive = f == MOTE_FUNCTION_LOG || f == MOTE_FUNCTION_SQRT || f == MOTE_FUNCTION_RECIPROCAL;
        memcpy(&params[MOTE_MAP_ALPHA], &(float){-0.75f}, sizeof(float));
        memcpy(&params[MOTE_MAP_BETA], &(float){1.5f}, sizeof(float));
        for (int i = 0; i < ROWS * 257; i++)
            x[i] = ((float)i - (positive ? -1 : 257)) / 32; /* halves included */
        mote_graph_init(&b.g);
        const int input = add(&b, "x", MOTE_F32, MOTE_INPUT, 1, (uint32_t[]){257});
        assert_true(operate(&b, MOTE_OP_MAP, 1, &input, params));
        run(&b, x);
        assert_string_equal(mote_function_name((mote_function)f), names[f]);
        for (int i = 0; i < ROWS * 257; i++) {
            const double wanted = expected((mote_function)f, (double)x[i]);
            near((double)b.result[i], wanted, 1 + fabs(wanted), names[f]);
            near((double)mote_function_value((mote_function)f, -0.75f, 1.5f, x[i]), (double)b.result[i], 1, names[f]);
        }
        end(&b, true);
    }
}

/* --- values from elsewhere --- */

typedef struct example {
    mote_opcode opcode;
    int rank;
    uint32_t dims[3];
    float x[24];
    int32_t params[20];
    int y_rank;
    uint32_t y_dims[3];
    float y[24];
} example;

#define RESIZE(height, width, linear, coordinates, rounding)                                                           \
    {                                                                                                                  \
        height, width, linear, coordinates, rounding                                                                   \
    }
#define POINT_SIX 0x3f19999a /* 0.6f */
#define TO_16     1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16

/* clang-format off */
static const example examples[] = {
    /* ONNX: resize_upsample_scales_linear, _align_corners, resize_downsample_sizes_linear_pytorch_half_pixel,
     * resize_downsample_sizes_nearest_tf_half_pixel_for_nn, resize_downsample_scales_nearest, _linear. */
    {MOTE_OP_RESIZE, 3, {2, 2, 1}, {1, 2, 3, 4}, RESIZE(4, 4, 1, 0, 0), 3, {4, 4, 1},
     {1, 1.25f, 1.75f, 2, 1.5f, 1.75f, 2.25f, 2.5f, 2.5f, 2.75f, 3.25f, 3.5f, 3, 3.25f, 3.75f, 4}},
    {MOTE_OP_RESIZE, 3, {2, 2, 1}, {1, 2, 3, 4}, RESIZE(4, 4, 1, 1, 0), 3, {4, 4, 1},
     {1, 1.33333333f, 1.66666667f, 2, 1.66666667f, 2, 2.33333333f, 2.66666667f, 2.33333333f, 2.66666667f, 3,
      3.33333333f, 3, 3.33333333f, 3.66666667f, 4}},
    {MOTE_OP_RESIZE, 3, {4, 4, 1}, {TO_16}, RESIZE(3, 1, 1, 3, 0), 3, {3, 1, 1}, {1.6666666f, 7, 12.333333f}},
    {MOTE_OP_RESIZE, 3, {4, 4, 1}, {TO_16}, RESIZE(3, 2, 0, 4, 0), 3, {3, 2, 1}, {6, 8, 10, 12, 14, 16}},
    {MOTE_OP_RESIZE, 3, {2, 4, 1}, {1, 2, 3, 4, 5, 6, 7, 8}, {1, 2, 0, 0, 0, POINT_SIX, POINT_SIX}, 3, {1, 2, 1},
     {1, 3}},
    {MOTE_OP_RESIZE, 3, {2, 4, 1}, {1, 2, 3, 4, 5, 6, 7, 8}, {1, 2, 1, 0, 0, POINT_SIX, POINT_SIX}, 3, {1, 2, 1},
     {2.6666665f, 4.3333331f}},
    /* By hand: the first of asymmetric places 0, 1.5 rounds by each rule; symmetric places −⅓ + … by the formula. */
    {MOTE_OP_RESIZE, 3, {1, 3, 1}, {1, 2, 3}, RESIZE(1, 2, 0, 2, 0), 3, {1, 2, 1}, {1, 2}},
    {MOTE_OP_RESIZE, 3, {1, 3, 1}, {1, 2, 3}, RESIZE(1, 2, 0, 2, 1), 3, {1, 2, 1}, {1, 3}},
    {MOTE_OP_RESIZE, 3, {1, 3, 1}, {1, 2, 3}, RESIZE(1, 2, 0, 2, 2), 3, {1, 2, 1}, {1, 2}},
    {MOTE_OP_RESIZE, 3, {1, 3, 1}, {1, 2, 3}, RESIZE(1, 2, 0, 2, 3), 3, {1, 2, 1}, {1, 3}},
    {MOTE_OP_RESIZE, 3, {1, 4, 1}, {1, 2, 3, 4}, {1, 2, 1, 5, 0, 0, POINT_SIX}, 3, {1, 2, 1}, {1.6666667f, 3.3333333f}},

    {MOTE_OP_SOFTMAX, 1, {3}, {-1, 0, 1}, {0}, 1, {3}, {0.09003058f, 0.24472848f, 0.66524094f}},
    {MOTE_OP_SOFTMAX, 1, {3}, {-1, 0, 1}, {[MOTE_SOFTMAX_LOGARITHM] = 1}, 1, {3},
     {-2.4076061f, -1.407606f, -0.407606f}},
    {MOTE_OP_SOFTMAX, 2, {2, 4}, {0, 1, 2, 3, 10000, 10001, 10002, 10003}, {0}, 2, {2, 4},
     {0.032058604f, 0.08714432f, 0.23688284f, 0.6439143f, 0.032058604f, 0.08714432f, 0.23688284f, 0.6439143f}},

    {MOTE_OP_PAD, 2, {3, 2}, {1, 1.2f, 2.3f, 3.4f, 4.5f, 5.7f}, {[MOTE_PAD_BEFORE0] = 0, 2}, 2, {3, 4},
     {0, 0, 1, 1.2f, 0, 0, 2.3f, 3.4f, 0, 0, 4.5f, 5.7f}},
    {MOTE_OP_PAD, 2, {2, 3}, {1, 2, 3, 4, 5, 6}, {[MOTE_PAD_MODE] = 1, [MOTE_PAD_BEFORE0] = 1, 2, [MOTE_PAD_AFTER0] = 0, 1},
     2, {3, 6}, {6, 5, 4, 5, 6, 5, 3, 2, 1, 2, 3, 2, 6, 5, 4, 5, 6, 5}},
    {MOTE_OP_PAD, 2, {3, 2}, {1, 1.2f, 2.3f, 3.4f, 4.5f, 5.7f}, {[MOTE_PAD_MODE] = 2, [MOTE_PAD_BEFORE0] = 0, 2}, 2,
     {3, 4}, {1, 1, 1, 1.2f, 2.3f, 2.3f, 2.3f, 3.4f, 4.5f, 4.5f, 4.5f, 5.7f}},

    {MOTE_OP_REDUCE, 3, {3, 2, 2}, {5, 1, 20, 2, 30, 1, 40, 2, 55, 1, 60, 2},
     {[MOTE_REDUCE_KIND] = 0, [MOTE_REDUCE_AXES] = 2}, 2, {3, 2}, {12.5f, 1.5f, 35, 1.5f, 57.5f, 1.5f}},
    {MOTE_OP_REDUCE, 3, {3, 2, 2}, {5, 1, 20, 2, 30, 1, 40, 2, 55, 1, 60, 2},
     {[MOTE_REDUCE_KIND] = 2, [MOTE_REDUCE_AXES] = 5}, 1, {2}, {55, 60}},
    {MOTE_OP_REDUCE, 2, {2, 3}, {5, 1, 20, 2, -30, 1}, {[MOTE_REDUCE_KIND] = 3, [MOTE_REDUCE_AXES] = 3}, 1, {1}, {-30}},
    {MOTE_OP_REDUCE, 2, {2, 3}, {5, 1, 20, 2, -30, 1}, {[MOTE_REDUCE_KIND] = 1, [MOTE_REDUCE_AXES] = 2}, 1, {2},
     {26, -27}},
    {MOTE_OP_REDUCE, 2, {2, 3}, {5, 1, 20, 2, -30, 1}, {[MOTE_REDUCE_KIND] = 1}, 2, {2, 3}, {5, 1, 20, 2, -30, 1}},

    {MOTE_OP_SLICE, 2, {3, 5}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
     {[MOTE_SLICE_BEGIN0] = 2, 0, [MOTE_SLICE_STEP0] = -1, 2, [MOTE_SLICE_SIZE0] = 2, 3}, 2, {2, 3},
     {11, 13, 15, 6, 8, 10}},
    {MOTE_OP_TRANSPOSE, 3, {1, 2, 3}, {1, 2, 3, 4, 5, 6}, {2, 0, 1}, 3, {3, 1, 2}, {1, 4, 2, 5, 3, 6}},
    {MOTE_OP_RESHAPE, 2, {2, 3}, {1, 2, 3, 4, 5, 6}, {3, 1, 2}, 3, {3, 1, 2}, {1, 2, 3, 4, 5, 6}},
};
/* clang-format on */

static void check_example(const example *e, size_t number)
{
    bench b = {0};
    float x[ROWS * 24];
    mote_graph_init(&b.g);
    const int input = add(&b, "x", MOTE_F32, MOTE_INPUT, e->rank, e->dims);
    const size_t size = mote_tensor_elements(&b.g.tensors[input]);
    for (size_t i = 0; i < ROWS * size; i++)
        x[i] = e->x[i % size];
    assert_true(operate(&b, e->opcode, 1, &input, e->params));
    run(&b, x);
    assert_int_equal(b.y->rank, e->y_rank);
    const size_t elements = mote_tensor_elements(b.y);
    for (int i = 0; i < e->y_rank; i++)
        assert_int_equal(b.y->dims[i], e->y_dims[i]);
    for (size_t i = 0; i < ROWS * elements; i++)
        if (fabsf(b.result[i] - e->y[i % elements]) > 2e-6f * (1 + fabsf(e->y[i % elements])))
            fail_msg("example %zu, value %zu: %g and not %g", number, i, (double)b.result[i],
                     (double)e->y[i % elements]);
    end(&b, true);
}

static void test_examples(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
        check_example(&examples[i], i);
}

static void test_argmax(void **state)
{
    (void)state;
    const float x[ROWS * 8] = {2, 7, 7, 1, -1, -1, -3, -1, 0, 0, 0, 0, 4, 1, 2, 9};
    const uint16_t wanted[2][ROWS * 2] = {{1, 0, 0, 3}, {2, 3, 3, 3}};
    for (int last = 0; last < 2; last++) {
        bench b = {0};
        mote_graph_init(&b.g);
        const int input = add(&b, "x", MOTE_F32, MOTE_INPUT, 2, (uint32_t[]){2, 4});
        assert_true(operate(&b, MOTE_OP_ARGMAX, 1, &input, (int32_t[]){last}));
        run(&b, x);
        assert_memory_equal(b.result, wanted[last], sizeof wanted[last]);
        end(&b, true);
    }
}

/* a [2, 1, 3] and a constant b [4, 1]. */
static void test_broadcasts(void **state)
{
    (void)state;
    const float a[ROWS * 6] = {1, -2, 3, 4, 5, -6, 7, 8, 9, 10, 11, 12}, c[4] = {2, -4, 8, 0.5f};
    const mote_opcode opcodes[] = {MOTE_OP_ADD, MOTE_OP_SUB,     MOTE_OP_MUL,
                                   MOTE_OP_DIV, MOTE_OP_MINIMUM, MOTE_OP_MAXIMUM};
    for (int k = 0; k < 6; k++)
        for (int swapped = 0; swapped < 2; swapped++) {
            bench b = {0};
            mote_graph_init(&b.g);
            int inputs[2];
            inputs[swapped] = add(&b, "a", MOTE_F32, MOTE_INPUT, 3, (uint32_t[]){2, 1, 3});
            inputs[1 - swapped] = constant(&b, "b", 2, (uint32_t[]){4, 1}, c);
            assert_true(operate(&b, opcodes[k], 2, inputs, (int32_t[]){0}));
            run(&b, a);
            assert_int_equal(b.y->rank, 3);
            for (size_t i = 0; i < ROWS * 24; i++) {
                const float of_a = a[i / 12 * 3 + i % 3], of_b = c[i / 3 % 4];
                const float p = swapped ? of_b : of_a, q = swapped ? of_a : of_b;
                const float values[] = {p + q, p - q, p * q, p / q, fminf(p, q), fmaxf(p, q)};
                assert_true(b.result[i] == values[k]);
            }
            end(&b, true);
        }
}

/* Products of matrices against sums in doubles. */
static void test_matmul(void **state)
{
    (void)state;
    mote_random random = {11};
    for (int transposed = 0; transposed < 2; transposed++)
        for (int heads = 0; heads < 2; heads++) {
            bench b = {0};
            const uint32_t last[2] = {transposed ? 21 : 33, transposed ? 33 : 21};
            float *x = drawn(&random, ROWS * 2 * 17 * 33), *w = drawn(&random, 2 * 33 * 21);
            mote_graph_init(&b.g);
            const int inputs[] = {
                add(&b, "a", MOTE_F32, MOTE_INPUT, 3, (uint32_t[]){2, 17, 33}),
                constant(&b, "b", heads ? 3 : 2, heads ? (uint32_t[]){2, last[0], last[1]} : last, w)};
            assert_true(operate(&b, MOTE_OP_MATMUL, 2, inputs, &(int32_t[6]){transposed}[0]));
            run(&b, x);
            for (size_t i = 0; i < ROWS * 2 * 17 * 21; i++) {
                const size_t n = i % 21, row = i / 21, head = heads ? row / 17 % 2 : 0;
                double sum = 0;
                for (size_t k = 0; k < 33; k++)
                    sum += (double)x[row * 33 + k] * (double)w[head * 33 * 21 + (transposed ? n * 33 + k : k * 21 + n)];
                near((double)b.result[i], sum, 40, "matmul");
            }
            end(&b, true);
            free(x), free(w);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_convolutions), cmocka_unit_test(test_large_convolution),
        cmocka_unit_test(test_pools),        cmocka_unit_test(test_functions),
        cmocka_unit_test(test_examples),     cmocka_unit_test(test_argmax),
        cmocka_unit_test(test_broadcasts),   cmocka_unit_test(test_matmul),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
