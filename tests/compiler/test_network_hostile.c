/* Operators with random operands and parameters, extreme ones among them: infer refuses them or makes a shape within
 * the limits, and what it accepts runs forward and backward without touching other memory (with ASan and UBSan). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/graph/check.h"
#include "compiler/graph/executor.h"
#include "compiler/graph/limits.h"
#include "compiler/graph/random.h"

enum { ROWS = 2, MOST_RUN = 2000, TRIALS = 4000 };

static uint32_t below(mote_random *r, uint32_t limit)
{
    return (uint32_t)(mote_random_bits(r) % limit);
}

static uint32_t dim_of(mote_random *r, bool extreme)
{
    static const uint32_t extremes[] = {1u << 30, 1u << 31, UINT32_MAX, 0, 65536, 46341, 32767};
    return extreme && below(r, 4) == 0 ? extremes[below(r, 7)] : 1 + below(r, below(r, 3) ? 4 : 9);
}

static int32_t param_of(mote_random *r, mote_param_kind kind)
{
    static const int32_t extremes[] = {INT32_MIN, INT32_MAX, -1, 1 << 30, 65536, -(1 << 30), 0x7fc00000, 0x3f000000};
    if (kind == MOTE_PARAM_PACKED)
        return 0;
    if (below(r, 30) == 0)
        return extremes[below(r, 8)];
    if (kind == MOTE_PARAM_REAL && below(r, 2))
        return 0x3f000000 + (int32_t)below(r, 1 << 24);
    return (int32_t)below(r, below(r, 3) ? 3 : 9);
}

/* Adds a tensor for an input, or returns -1. Inputs have similar shapes, so that many fit. */
static int operand(mote_graph *g, mote_random *r, const mote_operand_info *info, int number, const uint32_t *like,
                   int rank, bool extreme)
{
    const bool constant = mote_operand_is_constant(info->role) || (info->role == MOTE_OPERAND_ANY && below(r, 3) == 0);
    const bool indices = strcmp(info->name, "indices") == 0;
    char name[8] = {'t', (char)('a' + number)};
    uint32_t dims[MOTE_RANK];
    if (info->presence != MOTE_REQUIRED && (info->presence != MOTE_OPTIONAL || below(r, 2)))
        return -1;
    rank = below(r, 6) == 0 ? 1 + (int)below(r, 6) : rank;
    rank = info->role == MOTE_OPERAND_WEIGHTS ? 2 : info->role == MOTE_OPERAND_BIAS ? 1 : rank;
    for (int i = 0; i < rank; i++)
        dims[i] = below(r, 5) ? like[i] : dim_of(r, extreme && !constant);
    for (int i = 0; constant && i < rank; i++)
        dims[i] = dims[i] > (rank > 3 ? 3 : 64) ? 1 : dims[i];
    const int t =
        mote_graph_tensor(g, name, indices ? MOTE_U16 : MOTE_F32, constant ? MOTE_CONSTANT : MOTE_INPUT, rank, dims);
    for (size_t i = 0; t >= 0 && constant && !indices && i < mote_tensor_elements(&g->tensors[t]); i++)
        ((float *)g->tensors[t].data)[i] = mote_random_normal(r);
    return t;
}

static float values[ROWS * MOST_RUN];

/* Runs the graph if it is small. */
static bool run(mote_graph *g)
{
    mote_executor x;
    mote_error error;
    size_t elements = 0;
    for (int i = 0; i < g->tensor_count; i++)
        elements += mote_tensor_elements(&g->tensors[i]);
    if (elements > MOST_RUN || !mote_graph_check(g, &error))
        return false;
    if (!mote_executor_init(
            &x, g, &(mote_executor_options){.steps = 1, .streams = ROWS, .workers = 1, .backward = true}, &error))
        return false;
    const void *inputs[16];
    for (int i = 0; i < x.input_count; i++)
        inputs[i] = values;
    mote_executor_forward(&x, 0, inputs, 1, 0);
    if (x.graph.tensors[x.outputs[0]].dtype == MOTE_F32)
        memcpy(mote_executor_output_gradient(&x, 0, 0), values,
               ROWS * mote_executor_output_size(&x, 0) * sizeof *values);
    mote_executor_backward(&x, 0);
    mote_executor_free(&x);
    return true;
}

static void adjust_window(int32_t *window, mote_random *r)
{
    for (int i = 0; i < MOTE_WINDOW_PARAMS && below(r, 8); i++)
        window[i] = i < MOTE_WINDOW_TOP ? 1 + (int32_t)below(r, 3) : (int32_t)below(r, 2);
}

/* Gives the operator parameters that fit its operands more often than random ones. */
static void adjust(mote_graph *g, mote_op *op, mote_random *r)
{
    if (op->opcode == MOTE_OP_MAX_POOL || op->opcode == MOTE_OP_AVERAGE_POOL)
        adjust_window(op->params, r);
    if ((op->opcode == MOTE_OP_CONV || op->opcode == MOTE_OP_CONV_TRANSPOSE) && below(r, 8)) {
        adjust_window(op->params + MOTE_CONV_KERNEL_HEIGHT, r);
        const mote_tensor *x = mote_op_input(g, op, 0);
        mote_tensor *w = &g->tensors[op->inputs[1]];
        const double area = (double)op->params[MOTE_CONV_KERNEL_HEIGHT] * (double)op->params[MOTE_CONV_KERNEL_WIDTH];
        const int64_t kernel = area > 0 && area < 1000 ? (int64_t)area : 0;
        op->params[MOTE_CONV_PARTS] = below(r, 2) ? 1 : (int32_t)w->dims[0];
        const int64_t columns = op->params[MOTE_CONV_PARTS] < 1 ? 0 : kernel * x->dims[2] / op->params[MOTE_CONV_PARTS];
        if (columns < 1 || columns > 1000)
            return;
        free(w->data);
        w->dims[1] = (uint32_t)columns;
        w->data = calloc(mote_tensor_elements(w), sizeof(float));
        assert_non_null(w->data);
        if (op->inputs[2] >= 0 && g->tensors[op->inputs[2]].dims[0] > w->dims[0])
            g->tensors[op->inputs[2]].dims[0] = w->dims[0];
    }
    if (op->opcode == MOTE_OP_SLICE)
        for (int i = 0; i < MOTE_RANK; i++)
            op->params[MOTE_SLICE_STEP0 + i] = below(r, 2) ? 1 : (int32_t)below(r, 5) - 2;
    if (op->opcode == MOTE_OP_TRANSPOSE)
        for (int i = 0; i < MOTE_RANK && below(r, 8); i++)
            op->params[MOTE_TRANSPOSE_FROM0 + i] = mote_op_input(g, op, 0)->rank - 1 - i;
    if (op->opcode == MOTE_OP_RESHAPE && below(r, 2))
        op->params[MOTE_RESHAPE_DIM0] = (int32_t)mote_tensor_elements(mote_op_input(g, op, 0)),
        op->params[MOTE_RESHAPE_DIM0 + 1] = 0;
}

/* Returns whether the operator ran. */
static bool try(mote_random *r, mote_opcode opcode)
{
    const mote_operator_info *info = mote_operator_of(opcode);
    const bool extreme = below(r, 3) == 0;
    const int rank = below(r, 3) ? 3 : 1 + (int)below(r, 6);
    uint32_t like[MOTE_RANK];
    int inputs[16];
    mote_graph g;
    mote_error error = {0};
    mote_shape shapes[MOTE_MOST_OUTPUTS];
    bool made = true, ran = false;
    mote_graph_init(&g);
    for (int i = 0; i < MOTE_RANK; i++)
        like[i] = dim_of(r, extreme);
    for (int i = 0; i < info->input_count; i++) {
        inputs[i] = operand(&g, r, &info->inputs[i], i, like, rank, extreme);
        made = made && (inputs[i] >= 0 || info->inputs[i].presence != MOTE_REQUIRED);
    }
    const int index = made ? mote_graph_op(&g, "op", opcode, info->input_count, inputs, 0, NULL) : -1;
    if (index >= 0) {
        mote_op *op = &g.ops[index];
        for (int i = 0; i < op->param_count; i++)
            op->params[i] = param_of(r, info->params[i].kind);
        adjust(&g, op, r);
        if (mote_op_infer(&g, op, shapes, &error)) {
            uint64_t elements = 1;
            for (int i = 0; i < MOTE_RANK; i++) {
                assert_true(shapes[0].dims[i] >= 1);
                elements *= shapes[0].dims[i];
                assert_true(elements <= MOTE_MOST_ELEMENTS);
            }
            op->outputs[0] = mote_graph_tensor(&g, "y", shapes[0].dtypes == MOTE_BIT(MOTE_U16) ? MOTE_U16 : MOTE_F32,
                                               MOTE_OUTPUT, shapes[0].rank, shapes[0].dims);
            ran = run(&g);
        } else {
            assert_true(error.text[0] != 0);
        }
    }
    mote_graph_free(&g);
    return ran;
}

static void test_operators(void **state)
{
    (void)state;
    mote_random random = {77};
    for (int i = 0; i < ROWS * MOST_RUN; i++)
        values[i] = mote_random_normal(&random);
    for (int opcode = MOTE_OP_CONV; opcode < MOTE_OPCODE_COUNT; opcode++) {
        int ran = 0;
        for (int i = 0; i < TRIALS; i++)
            ran += try(&random, (mote_opcode)opcode);
        if (ran < TRIALS / 100 && !(mote_operator_of((mote_opcode)opcode)->traits & MOTE_TRAIT_PACKED_ONLY))
            fail_msg("only %d operators %s ran", ran, mote_operator_of((mote_opcode)opcode)->name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_operators)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
