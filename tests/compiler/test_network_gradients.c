/* Tests the gradients of the operators of networks against central finite differences: of activations, which come from
 * a table so that each row of the batch has its own, and of constants. */
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

enum { MOST = 8, ROWS = 3 };

typedef enum operand_kind { NONE, CONSTANT, VALUE, INDICES } operand_kind;

typedef struct operand {
    operand_kind kind;
    int rank;
    uint32_t dims[MOTE_RANK];
} operand;

typedef struct example {
    mote_opcode opcode;
    operand inputs[MOST];
    int32_t params[24];
    float low, high; /* range of the values; −1.5 to 1.5 if both are 0 */
} example;

#define V(rank, ...)                                                                                                   \
    {                                                                                                                  \
        VALUE, rank,                                                                                                   \
        {                                                                                                              \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
    }
#define C(rank, ...)                                                                                                   \
    {                                                                                                                  \
        CONSTANT, rank,                                                                                                \
        {                                                                                                              \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
    }
/* The window of a convolution. */
#define WINDOW(OP, kh, kw, sh, sw, dh, dw, t, l, b, r)                                                                 \
    [MOTE_##OP##_KERNEL_HEIGHT] = kh, [MOTE_##OP##_KERNEL_WIDTH] = kw, [MOTE_##OP##_STRIDE_HEIGHT] = sh,               \
    [MOTE_##OP##_STRIDE_WIDTH] = sw, [MOTE_##OP##_DILATION_HEIGHT] = dh, [MOTE_##OP##_DILATION_WIDTH] = dw,            \
    [MOTE_##OP##_TOP] = t, [MOTE_##OP##_LEFT] = l, [MOTE_##OP##_BOTTOM] = b, [MOTE_##OP##_RIGHT] = r
#define CONV(parts, ...)                                                                                               \
    {                                                                                                                  \
        WINDOW(CONV, __VA_ARGS__), [MOTE_CONV_PARTS] = parts                                                           \
    }
#define CONV_TRANSPOSE(parts, ...)                                                                                     \
    {                                                                                                                  \
        WINDOW(CONV_TRANSPOSE, __VA_ARGS__), [MOTE_CONV_TRANSPOSE_PARTS] = parts                                       \
    }

/* clang-format off */
static const example examples[] = {
    /* Convolutions: one channel, pointwise, strides, dilations, padding on one side, parts, depthwise. */
    {MOTE_OP_CONV, {V(3, 5, 4, 1), C(2, 3, 9), C(1, 3)}, CONV(1, 3, 3, 1, 1, 1, 1, 1, 1, 1, 1), 0, 0},
    {MOTE_OP_CONV, {V(3, 3, 4, 5), C(2, 6, 5), C(1, 6)}, CONV(1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0), 0, 0},
    {MOTE_OP_CONV, {V(3, 3, 4, 6), C(2, 4, 3)}, CONV(2, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0), 0, 0},
    {MOTE_OP_CONV, {V(3, 6, 5, 2), C(2, 3, 12)}, CONV(1, 3, 2, 2, 1, 1, 1, 0, 0, 1, 1), 0, 0},
    {MOTE_OP_CONV, {V(3, 7, 6, 2), C(2, 3, 8), C(1, 3)}, CONV(1, 2, 2, 1, 2, 3, 2, 2, 0, 0, 1), 0, 0},
    {MOTE_OP_CONV, {V(3, 4, 5, 6), C(2, 4, 27), C(1, 4)}, CONV(2, 3, 3, 1, 2, 1, 1, 1, 0, 1, 1), 0, 0},
    {MOTE_OP_CONV, {V(3, 4, 5, 5), C(2, 5, 9), C(1, 5)}, CONV(5, 3, 3, 2, 1, 1, 1, 1, 1, 1, 1), 0, 0},
    {MOTE_OP_CONV, {V(3, 4, 4, 3), C(2, 6, 4)}, CONV(3, 2, 2, 1, 1, 2, 1, 0, 1, 0, 0), 0, 0},
    {MOTE_OP_CONV, {V(3, 1, 9, 2), C(2, 3, 6), C(1, 3)}, CONV(1, 1, 3, 1, 2, 1, 2, 0, 1, 0, 1), 0, 0},
    {MOTE_OP_CONV_TRANSPOSE, {V(3, 3, 2, 2), C(2, 3, 18), C(1, 3)},
     CONV_TRANSPOSE(1, 3, 3, 2, 2, 1, 1, 1, 1, 0, 1), 0, 0},
    {MOTE_OP_CONV_TRANSPOSE, {V(3, 2, 3, 4), C(2, 4, 8)}, CONV_TRANSPOSE(2, 2, 2, 1, 2, 2, 1, 0, 0, -1, 0), 0, 0},
    {MOTE_OP_CONV_TRANSPOSE, {V(3, 3, 3, 3), C(2, 3, 9), C(1, 3)},
     CONV_TRANSPOSE(3, 3, 3, 2, 1, 1, 1, 1, 1, 1, 1), 0, 0},
    {MOTE_OP_CONV_TRANSPOSE, {V(3, 2, 2, 5), C(2, 3, 5)}, CONV_TRANSPOSE(1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0), 0, 0},

    {MOTE_OP_MAX_POOL, {V(3, 5, 4, 3)}, {WINDOW(MAX_POOL, 2, 3, 2, 1, 1, 1, 0, 1, 1, 1)}, 0, 0},
    {MOTE_OP_MAX_POOL, {V(3, 5, 5, 2)}, {WINDOW(MAX_POOL, 2, 2, 1, 1, 2, 3, 0, 0, 0, 0)}, 0, 0},
    {MOTE_OP_AVERAGE_POOL, {V(3, 5, 4, 3)}, {WINDOW(AVERAGE_POOL, 3, 2, 2, 1, 1, 1, 1, 0, 1, 1)}, 0, 0},
    {MOTE_OP_AVERAGE_POOL, {V(3, 4, 4, 2)},
     {WINDOW(AVERAGE_POOL, 3, 3, 1, 2, 1, 1, 1, 1, 1, 1), [MOTE_AVERAGE_POOL_COUNTS_PADDING] = 1}, 0, 0},

    {MOTE_OP_MATMUL, {V(2, 3, 4), V(2, 4, 5)}, {0}, 0, 0},
    {MOTE_OP_MATMUL, {V(3, 2, 3, 4), V(3, 2, 5, 4)}, {[MOTE_MATMUL_TRANSPOSED] = 1}, 0, 0},
    {MOTE_OP_MATMUL, {V(3, 2, 3, 4), V(2, 4, 5)}, {0}, 0, 0},
    {MOTE_OP_MATMUL, {V(3, 2, 3, 4), C(2, 4, 5)}, {0}, 0, 0},
    {MOTE_OP_MATMUL, {V(3, 2, 3, 4), C(3, 2, 4, 5)}, {0}, 0, 0},
    {MOTE_OP_MATMUL, {C(2, 3, 4), V(2, 5, 4)}, {[MOTE_MATMUL_TRANSPOSED] = 1}, 0, 0},
    {MOTE_OP_MATMUL, {C(3, 2, 3, 4), V(2, 4, 2)}, {0}, 0, 0},
    {MOTE_OP_MATMUL, {C(3, 2, 3, 4), V(3, 2, 4, 2)}, {0}, 0, 0},
    {MOTE_OP_MATMUL, {C(2, 3, 4), C(2, 4, 2)}, {0}, 0, 0},

    {MOTE_OP_ADD, {V(3, 2, 3, 4), V(1, 4)}, {0}, 0, 0},
    {MOTE_OP_ADD, {V(2, 1, 4), V(3, 2, 3, 1)}, {0}, 0, 0},
    {MOTE_OP_ADD, {V(2, 3, 4), C(2, 3, 1)}, {0}, 0, 0},
    {MOTE_OP_ADD, {V(2, 3, 4), V(2, 3, 4)}, {0}, 0, 0},
    {MOTE_OP_SUB, {V(3, 2, 3, 2), V(2, 3, 1)}, {0}, 0, 0},
    {MOTE_OP_SUB, {C(1, 4), V(2, 3, 4)}, {0}, 0, 0},
    {MOTE_OP_MUL, {V(3, 2, 3, 4), V(3, 2, 1, 4)}, {0}, 0, 0},
    {MOTE_OP_MUL, {V(3, 2, 3, 4), V(1, 1)}, {0}, 0, 0},
    {MOTE_OP_MUL, {V(2, 3, 4), C(3, 1, 1, 4)}, {0}, 0, 0},
    {MOTE_OP_DIV, {V(2, 3, 4), V(2, 3, 4)}, {0}, 1, 3},
    {MOTE_OP_DIV, {C(1, 1), V(2, 3, 4)}, {0}, 1, 3},
    {MOTE_OP_MINIMUM, {V(2, 3, 4), V(1, 4)}, {0}, 0, 0},
    {MOTE_OP_MAXIMUM, {V(2, 3, 4), C(1, 1)}, {0}, 0, 0},
    {MOTE_OP_PRELU, {V(3, 2, 3, 4), C(1, 4)}, {0}, 0, 0},
    {MOTE_OP_PRELU, {V(3, 2, 3, 4), C(3, 2, 1, 1)}, {0}, 0, 0},

    {MOTE_OP_SOFTMAX, {V(2, 3, 5)}, {0}, -4, 4},
    {MOTE_OP_SOFTMAX, {V(2, 3, 5)}, {[MOTE_SOFTMAX_LOGARITHM] = 1}, -4, 4},

    {MOTE_OP_REDUCE, {V(3, 2, 3, 4)}, {[MOTE_REDUCE_KIND] = 0, [MOTE_REDUCE_AXES] = 3}, 0, 0},
    {MOTE_OP_REDUCE, {V(3, 2, 3, 4)}, {[MOTE_REDUCE_KIND] = 1, [MOTE_REDUCE_AXES] = 4}, 0, 0},
    {MOTE_OP_REDUCE, {V(3, 2, 3, 4)}, {[MOTE_REDUCE_KIND] = 2, [MOTE_REDUCE_AXES] = 2}, 0, 0},
    {MOTE_OP_REDUCE, {V(3, 2, 3, 4)}, {[MOTE_REDUCE_KIND] = 3, [MOTE_REDUCE_AXES] = 5}, 0, 0},
    {MOTE_OP_REDUCE, {V(3, 2, 3, 4)}, {[MOTE_REDUCE_KIND] = 0, [MOTE_REDUCE_AXES] = 7}, 0, 0},

    {MOTE_OP_CONCAT, {V(3, 2, 3, 4), V(3, 2, 1, 4), C(3, 2, 2, 4)}, {[MOTE_CONCAT_AXIS] = 1}, 0, 0},
    {MOTE_OP_CONCAT, {V(2, 3, 2), V(2, 3, 4)}, {[MOTE_CONCAT_AXIS] = 1}, 0, 0},
    {MOTE_OP_CONCAT, {V(2, 3, 2), V(2, 1, 2)}, {[MOTE_CONCAT_AXIS] = 0}, 0, 0},

    {MOTE_OP_SLICE, {V(3, 4, 5, 3)},
     {[MOTE_SLICE_BEGIN0] = 1, 4, 0, [MOTE_SLICE_STEP0] = 2, -3, 1, [MOTE_SLICE_SIZE0] = 2, 2, 3}, 0, 0},
    {MOTE_OP_TRANSPOSE, {V(3, 2, 3, 4)}, {[MOTE_TRANSPOSE_FROM0] = 2, 0, 1}, 0, 0},
    {MOTE_OP_RESHAPE, {V(3, 2, 3, 4)}, {[MOTE_RESHAPE_DIM0] = 4, 6}, 0, 0},
    {MOTE_OP_GATHER, {V(3, 2, 5, 3), {INDICES, 1, {7}}}, {[MOTE_GATHER_AXIS] = 1}, 0, 0},
    {MOTE_OP_GATHER, {C(2, 5, 3), {INDICES, 2, {2, 3}}}, {[MOTE_GATHER_AXIS] = 0}, 0, 0},

    {MOTE_OP_PAD, {V(3, 2, 3, 4)},
     {[MOTE_PAD_MODE] = 0, [MOTE_PAD_BEFORE0] = 1, 0, 2, [MOTE_PAD_AFTER0] = 0, 1, 1}, 0, 0},
    {MOTE_OP_PAD, {V(3, 2, 3, 4)},
     {[MOTE_PAD_MODE] = 1, [MOTE_PAD_BEFORE0] = 1, 2, 2, [MOTE_PAD_AFTER0] = 0, 1, 3}, 0, 0},
    {MOTE_OP_PAD, {V(3, 2, 3, 4)},
     {[MOTE_PAD_MODE] = 2, [MOTE_PAD_BEFORE0] = 3, 0, 2, [MOTE_PAD_AFTER0] = 0, 1, 1}, 0, 0},

    {MOTE_OP_RESIZE, {V(3, 3, 4, 2)}, {[MOTE_RESIZE_HEIGHT] = 5, [MOTE_RESIZE_WIDTH] = 6}, 0, 0},
    {MOTE_OP_RESIZE, {V(3, 3, 4, 2)}, {[MOTE_RESIZE_HEIGHT] = 7, [MOTE_RESIZE_WIDTH] = 2, [MOTE_RESIZE_LINEAR] = 1},
     0, 0},
    {MOTE_OP_RESIZE, {V(3, 3, 4, 2)},
     {[MOTE_RESIZE_HEIGHT] = 5, [MOTE_RESIZE_WIDTH] = 3, [MOTE_RESIZE_LINEAR] = 1, [MOTE_RESIZE_COORDINATES] = 1}, 0,
     0},

    /* Existing operators over several positions. */
    {MOTE_OP_LINEAR, {V(3, 2, 3, 4), C(2, 5, 4), C(1, 5)}, {0}, 0, 0},
    {MOTE_OP_LAYERNORM, {V(3, 2, 2, 5), C(1, 5), C(1, 5)}, {[MOTE_NORM_EPSILON] = 0x3dcccccd}, 0, 0},
    {MOTE_OP_RMSNORM, {V(3, 2, 2, 5), C(1, 5)}, {[MOTE_NORM_EPSILON] = 0x3dcccccd}, 0, 0},
    {MOTE_OP_SILU, {V(3, 2, 2, 5)}, {0}, 0, 0},
    {MOTE_OP_GELU, {V(3, 2, 2, 5)}, {0}, 0, 0},
    {MOTE_OP_TANH, {V(3, 2, 2, 5)}, {0}, 0, 0},
};
/* clang-format on */

typedef struct bench {
    mote_graph g;
    mote_random random;
    mote_executor x;
    uint16_t ids[ROWS];
    float weights[4][2048]; /* per output: the loss is the sum of weights · values */
} bench;

/* Fills a constant with distinct values, so that no step of a difference crosses a kink or makes a tie. */
static void spread(bench *b, int tensor, int number, const example *e)
{
    float *data = b->g.tensors[tensor].data;
    const size_t count = mote_tensor_elements(&b->g.tensors[tensor]);
    const float low = e->low == e->high ? -1.5f : e->low, high = e->low == e->high ? 1.5f : e->high;
    for (size_t i = 0; i < count; i++)
        data[i] = low + (high - low) * ((float)i + (number ? 0.37f : 0.5f)) / (float)count;
    for (size_t i = count; i-- > 1;) {
        const size_t k = mote_random_bits(&b->random) % (i + 1);
        const float kept = data[i];
        data[i] = data[k], data[k] = kept;
    }
}

static int tensor(bench *b, const char *kind, int number, mote_dtype dtype, mote_role role, int rank,
                  const uint32_t *dims)
{
    char name[32];
    snprintf(name, sizeof name, "%s%d", kind, number);
    const int index = mote_graph_tensor(&b->g, name, dtype, role, rank, dims);
    assert_true(index >= 0);
    return index;
}

static int reshaped(bench *b, const char *kind, int number, mote_role role, int x, int rank, const uint32_t *dims)
{
    const int y = tensor(b, kind, number, MOTE_F32, role, rank, dims);
    const int op = mote_graph_op(&b->g, kind, MOTE_OP_RESHAPE, 1, &x, 1, &y);
    for (int i = 0; i < rank; i++)
        b->g.ops[op].params[MOTE_RESHAPE_DIM0 + i] = (int32_t)dims[i];
    return y;
}

/* Returns an activation of the shape of the operand that is looked up in a table. */
static int looked_up(bench *b, int ids, int number, const example *e)
{
    const operand *o = &e->inputs[number];
    uint32_t count = 1;
    for (int i = 0; i < o->rank; i++)
        count *= o->dims[i];
    const int table = tensor(b, "table", number, MOTE_F32, MOTE_CONSTANT, 2, (const uint32_t[]){ROWS, count});
    spread(b, table, number, e);
    const int flat = tensor(b, "flat", number, MOTE_F32, MOTE_ACTIVATION, 1, &count);
    mote_graph_op(&b->g, "look", MOTE_OP_EMBEDDING, 2, (const int[]){ids, table}, 1, &flat);
    return reshaped(b, "value", number, MOTE_ACTIVATION, flat, o->rank, o->dims);
}

static int operand_of(bench *b, int ids, int number, const example *e)
{
    const operand *o = &e->inputs[number];
    if (o->kind == NONE)
        return -1;
    if (o->kind == VALUE)
        return looked_up(b, ids, number, e);
    const int index =
        tensor(b, "constant", number, o->kind == INDICES ? MOTE_U16 : MOTE_F32, MOTE_CONSTANT, o->rank, o->dims);
    if (o->kind == CONSTANT)
        spread(b, index, number, e);
    else
        for (size_t i = 0; i < mote_tensor_elements(&b->g.tensors[index]); i++)
            ((uint16_t *)b->g.tensors[index].data)[i] = (uint16_t)(3 * i % 5);
    return index;
}

/* Builds the graph of an example. With `read_again`, its activations have another reader behind the operator, so that
 * their gradients have begun before its backward. */
static void build(bench *b, const example *e, bool read_again)
{
    mote_shape shapes[MOTE_MOST_OUTPUTS];
    mote_error error = {0};
    int inputs[MOST];
    mote_graph_init(&b->g);
    const int ids = tensor(b, "ids", 0, MOTE_U16, MOTE_INPUT, 1, (const uint32_t[]){1});
    const int count = mote_operator_of(e->opcode)->input_count;
    for (int i = 0; i < count; i++)
        inputs[i] = i < MOST ? operand_of(b, ids, i, e) : -1;
    const int op = mote_graph_op(&b->g, "operator", e->opcode, count, inputs, 0, NULL);
    assert_true(op >= 0);
    memcpy(b->g.ops[op].params, e->params, (size_t)b->g.ops[op].param_count * sizeof *e->params);
    if (!mote_op_infer(&b->g, &b->g.ops[op], shapes, &error))
        fail_msg("%s", error.text);
    b->g.ops[op].outputs[0] = tensor(b, "y", 0, MOTE_F32, MOTE_OUTPUT, shapes[0].rank, shapes[0].dims);
    for (int i = 0; read_again && i < count; i++)
        if (inputs[i] >= 0 && b->g.tensors[inputs[i]].role == MOTE_ACTIVATION) {
            const mote_tensor *t = &b->g.tensors[inputs[i]];
            reshaped(b, "again", i, MOTE_OUTPUT, inputs[i], t->rank, (uint32_t[]){t->dims[0], t->dims[1], t->dims[2]});
        }
}

static double loss(bench *b, bool backward)
{
    mote_executor *x = &b->x;
    double sum = 0;
    for (int stage = 0; stage < MOTE_REFRESH_STAGES; stage++)
        mote_executor_refresh(x, stage, 0, 1);
    mote_executor_forward(x, 0, &(const void *){b->ids}, 1, 0);
    for (int k = 0; k < x->output_count; k++) {
        const size_t count = ROWS * mote_executor_output_size(x, k);
        float *gradient = backward ? mote_executor_output_gradient(x, 0, k) : NULL;
        for (size_t i = 0; i < count; i++)
            sum += (double)b->weights[k][i] * (double)mote_executor_output(x, 0, k)[i];
        if (backward)
            memcpy(gradient, b->weights[k], count * sizeof *gradient);
    }
    if (backward)
        mote_executor_backward(x, 0);
    return sum;
}

static void compare_with_differences(bench *b, size_t number)
{
    mote_executor *x = &b->x;
    const float step = 1.0f / 512;
    double moved = 0;
    memset(x->slices[0].parameter_gradient, 0, x->parameter_count * sizeof(float));
    loss(b, true);
    for (int t = 0; t < x->graph.tensor_count; t++)
        for (size_t i = 0; x->offset[t] != SIZE_MAX && i < mote_tensor_elements(&x->graph.tensors[t]); i++) {
            const size_t at = x->offset[t] + i;
            const float kept = x->parameters[at];
            x->parameters[at] = kept + step;
            const double above = loss(b, false);
            x->parameters[at] = kept - step;
            const double below = loss(b, false);
            x->parameters[at] = kept;
            const double expected = (above - below) / (2 * (double)step);
            const double got = (double)x->slices[0].parameter_gradient[at];
            moved += fabs(expected);
            if (!(fabs(expected - got) <= 3e-3 + 5e-3 * fabs(expected)))
                fail_msg("example %zu (%s), %s[%zu]: gradient %g, differences give %g", number,
                         mote_operator_of(x->graph.ops[x->graph.op_count - 1].opcode)->name, x->graph.tensors[t].name,
                         i, got, expected);
        }
    assert_true(moved > 0.5); /* the loss depends on the parameters */
}

static void check(const example *e, size_t number, bool read_again)
{
    bench b = {.random = {number + 1}, .ids = {2, 0, 1}};
    mote_error error = {0};
    build(&b, e, read_again);
    if (!mote_graph_check(&b.g, &error) ||
        !mote_executor_init(
            &b.x, &b.g, &(mote_executor_options){.steps = 1, .streams = ROWS, .workers = 1, .backward = true}, &error))
        fail_msg("example %zu: %s", number, error.text);
    for (int k = 0; k < b.x.output_count; k++) {
        assert_true(ROWS * mote_executor_output_size(&b.x, k) <= 2048 && k < 4);
        for (int i = 0; i < 2048; i++)
            b.weights[k][i] = mote_random_normal(&b.random);
    }
    compare_with_differences(&b, number);
    mote_executor_free(&b.x);
    mote_graph_free(&b.g);
}

static void test_operators(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
        for (int again = 0; again < 2; again++)
            check(&examples[i], i, again);
}

static void test_functions(void **state)
{
    (void)state;
    for (int f = 0; f < MOTE_FUNCTION_COUNT; f++) {
        const bool positive = f == MOTE_FUNCTION_LOG || f == MOTE_FUNCTION_SQRT || f == MOTE_FUNCTION_RECIPROCAL;
        const bool level =
            f == MOTE_FUNCTION_SIGN || f == MOTE_FUNCTION_FLOOR || f == MOTE_FUNCTION_CEIL || f == MOTE_FUNCTION_ROUND;
        example e = {MOTE_OP_MAP, {V(2, 6, 7)}, {f}, positive ? 0.5f : -4, positive ? 3 : 4};
        const float alpha = f == MOTE_FUNCTION_CLIP ? -0.9f : 0.33f, beta = f == MOTE_FUNCTION_CLIP ? 1.1f : 0.4f;
        memcpy(&e.params[MOTE_MAP_ALPHA], &alpha, sizeof alpha);
        memcpy(&e.params[MOTE_MAP_BETA], &beta, sizeof beta);
        if (!level)
            check(&e, (size_t)(1000 + f), false);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_operators),
        cmocka_unit_test(test_functions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
