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
#include "tests/compiler/network_examples.h"

enum { ROWS = 3 };

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
