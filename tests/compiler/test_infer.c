/* Tests the shapes and types of the outputs that each operator has for its inputs, and the inputs that it refuses. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/graph/builder.h"
#include "compiler/graph/check.h"
#include "compiler/graph/operator.h"

enum { ABSENT = -1, MOST = 8 };

/* A tensor; columns is 0 for a vector. An operand of all zeros is absent. */
typedef struct like {
    mote_dtype dtype;
    mote_role role;
    uint32_t rows, columns;
} like;

typedef struct example {
    mote_opcode opcode;
    bool packed;
    like inputs[MOST];
    int32_t params[MOST];
    int count; /* number of outputs that are compared */
    like outputs[2];
    unsigned types[2]; /* MOTE_BIT of each type that an output may have */
} example;

#define VALUE(n)                                                                                                       \
    {                                                                                                                  \
        MOTE_F32, MOTE_ACTIVATION, n, 0                                                                                \
    }
#define MATRIX(m, n)                                                                                                   \
    {                                                                                                                  \
        MOTE_F32, MOTE_CONSTANT, m, n                                                                                  \
    }
#define VECTOR(n)                                                                                                      \
    {                                                                                                                  \
        MOTE_F32, MOTE_CONSTANT, n, 0                                                                                  \
    }
#define FLOAT  MOTE_BIT(MOTE_F32)
#define NARROW (MOTE_BIT(MOTE_I8) | MOTE_BIT(MOTE_I16))

static const example examples[] = {
    {MOTE_OP_EMBEDDING, false, {{MOTE_U16, MOTE_INPUT, 1, 0}, MATRIX(9, 5)}, {0}, 1, {VALUE(5)}, {FLOAT}},
    {MOTE_OP_EMBEDDING, false, {{0}, MATRIX(9, 5)}, {0}, 1, {VALUE(5)}, {FLOAT}},
    {MOTE_OP_EMBEDDING,
     true,
     {{MOTE_U16, MOTE_INPUT, 1, 0}, {MOTE_I8, MOTE_CONSTANT, 9, 5}},
     {0},
     1,
     {VALUE(5)},
     {NARROW}},
    {MOTE_OP_LINEAR, false, {VALUE(5), MATRIX(7, 5), VECTOR(7)}, {0}, 1, {VALUE(7)}, {FLOAT}},
    {MOTE_OP_LINEAR,
     true,
     {{MOTE_I8V, MOTE_ACTIVATION, 5, 0}, {MOTE_I4, MOTE_CONSTANT, 7, 5}},
     {0},
     1,
     {VALUE(7)},
     {MOTE_BIT(MOTE_I16)}},
    {MOTE_OP_GRU,
     false,
     {VALUE(12), MATRIX(12, 4), VECTOR(12), {0}, {MOTE_F32, MOTE_STATE, 4, 0}},
     {0},
     1,
     {VALUE(4)},
     {FLOAT}},
    {MOTE_OP_GRU,
     true,
     {{MOTE_I16, MOTE_ACTIVATION, 12, 0},
      {MOTE_TERNARY2, MOTE_CONSTANT, 12, 4},
      {0},
      {0},
      {MOTE_I16, MOTE_STATE, 4, 0},
      {MOTE_I8, MOTE_STATE, 4, 0}},
     {0},
     2,
     {VALUE(4), VALUE(12)},
     {MOTE_BIT(MOTE_I8), MOTE_BIT(MOTE_I16)}},
    {MOTE_OP_ADD, false, {VALUE(6), VALUE(6)}, {0}, 1, {VALUE(6)}, {FLOAT}},
    {MOTE_OP_ADD, false, {VALUE(6), VECTOR(6)}, {0}, 1, {VALUE(6)}, {FLOAT}},
    {MOTE_OP_ADD,
     true,
     {{MOTE_I8, MOTE_ACTIVATION, 6, 0}, {MOTE_I8, MOTE_ACTIVATION, 6, 0}},
     {0},
     1,
     {VALUE(6)},
     {MOTE_BIT(MOTE_I8)}},
    {MOTE_OP_MUL, false, {VALUE(6), VALUE(6)}, {0}, 1, {VALUE(6)}, {FLOAT}},
    {MOTE_OP_QUANTIZE,
     true,
     {{MOTE_I16, MOTE_ACTIVATION, 6, 0}},
     {0},
     1,
     {VALUE(6)},
     {MOTE_BIT(MOTE_I8) | MOTE_BIT(MOTE_I8V)}},
    {MOTE_OP_RMSNORM, false, {VALUE(6), VECTOR(6)}, {0}, 1, {VALUE(6)}, {FLOAT}},
    {MOTE_OP_LAYERNORM, false, {VALUE(6), VECTOR(6), VECTOR(6)}, {0}, 1, {VALUE(6)}, {FLOAT}},
    {MOTE_OP_SILU, false, {VALUE(6)}, {0}, 1, {VALUE(6)}, {FLOAT}},
    {MOTE_OP_GELU, false, {VALUE(6)}, {0}, 1, {VALUE(6)}, {FLOAT}},
    {MOTE_OP_ATTENTION,
     false,
     {VALUE(12),
      VALUE(6),
      VALUE(6),
      {MOTE_I32, MOTE_CONSTANT, 3, 0},
      {MOTE_F32, MOTE_STATE, 10, 6},
      {0},
      {MOTE_F32, MOTE_STATE, 10, 6}},
     {[MOTE_ATTENTION_HEADS] = 2, [MOTE_ATTENTION_KV_HEADS] = 1},
     1,
     {VALUE(12)},
     {FLOAT}},
};

/* Returns a graph of the example's inputs and operator, without outputs. */
static mote_graph graph_of(const example *e)
{
    mote_graph g;
    int inputs[MOST];
    mote_graph_init(&g);
    g.packed = e->packed;
    const int count = mote_operator_of(e->opcode)->input_count;
    for (int i = 0; i < count; i++) {
        const like *t = &e->inputs[i];
        char name[8] = {'t', (char)('0' + i)};
        inputs[i] = t->rows ? mote_graph_tensor(&g, name, t->dtype, t->role, t->columns ? 2 : 1,
                                                (uint32_t[]){t->rows, t->columns})
                            : ABSENT;
        assert_true(!t->rows || inputs[i] >= 0);
    }
    const int op = mote_graph_op(&g, "op", e->opcode, count, inputs, 0, NULL);
    assert_true(op >= 0);
    memcpy(g.ops[op].params, e->params, (size_t)g.ops[op].param_count * sizeof *e->params);
    return g;
}

static void shapes_and_types(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        const example *e = &examples[i];
        mote_graph g = graph_of(e);
        mote_shape shapes[MOST];
        mote_error error = {0};
        if (!mote_op_infer(&g, &g.ops[0], shapes, &error))
            fail_msg("example %zu: %s", i, error.text);
        for (int k = 0; k < e->count; k++) {
            assert_int_equal(shapes[k].rank, e->outputs[k].columns ? 2 : 1);
            assert_int_equal(shapes[k].dims[0], e->outputs[k].rows);
            for (int d = 1; d < MOTE_RANK; d++)
                assert_int_equal(shapes[k].dims[d], 1);
            assert_int_equal(shapes[k].dtypes, e->types[k]);
        }
        mote_graph_free(&g);
    }
}

/* A missing required input is refused, and so is an input with one more row, unless that input determines the size. */
static void inputs_that_do_not_fit(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        const mote_operator_info *info = mote_operator_of(examples[i].opcode);
        int refused = 0, inputs = 0;
        for (int k = 0; k < info->input_count; k++) {
            mote_shape shapes[MOST];
            mote_error error = {0};
            example e = examples[i];
            if (!e.inputs[k].rows)
                continue;
            e.inputs[k].rows++;
            mote_graph g = graph_of(&e);
            refused += !mote_op_infer(&g, &g.ops[0], shapes, &error);
            inputs++;
            mote_graph_free(&g);
            e.inputs[k].rows = 0;
            g = graph_of(&e);
            if (info->inputs[k].presence == MOTE_REQUIRED) {
                assert_false(mote_op_infer(&g, &g.ops[0], shapes, &error));
                assert_non_null(strstr(error.text, info->inputs[k].name));
            }
            mote_graph_free(&g);
        }
        assert_true(refused >= inputs - 1);
    }
}

/* A declared output that differs from the inferred one is refused. */
static void checks_compare(void **state)
{
    (void)state;
    mote_graph g;
    mote_error error = {0};
    mote_graph_init(&g);
    mote_builder b = {.g = &g, .random = {1}};
    const int x = mote_build_tensor(&b, "x", MOTE_F32, MOTE_INPUT, 4, 0), w = mote_build_normal(&b, "w", 6, 4, 1);
    const int y = mote_build_op(&b, "y", MOTE_OP_LINEAR, 2, (int[]){x, w}, NULL);
    mote_build_output(&b, y, "y");
    assert_true(mote_build_end(&b, "test", &error));
    assert_true(mote_graph_check(&g, &error));
    g.tensors[y].dims[0] = 5;
    assert_false(mote_graph_check(&g, &error));
    assert_int_equal(error.code, MOTE_E_FORMAT);
    g.tensors[y].dims[0] = 6;
    g.tensors[y].dtype = MOTE_I16;
    assert_false(mote_graph_check(&g, &error));
    mote_graph_free(&g);
}

/* A builder with operands that do not fit reports the reason and frees its graph. */
static void builders_say_why(void **state)
{
    (void)state;
    mote_graph g;
    mote_error error = {0};
    mote_graph_init(&g);
    mote_builder b = {.g = &g, .random = {1}};
    const int x = mote_build_tensor(&b, "x", MOTE_F32, MOTE_INPUT, 3, 0), w = mote_build_normal(&b, "w", 6, 4, 1);
    const int y = mote_build_op(&b, "first", MOTE_OP_LINEAR, 2, (int[]){x, w}, NULL);
    mote_build_output(&b, mote_build_op(&b, "second", MOTE_OP_SILU, 1, &y, NULL), "y");
    assert_false(mote_build_end(&b, "test", &error));
    assert_non_null(strstr(error.text, "has 3 values along its last dimension, and its weights have 4 columns"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes_and_types),
        cmocka_unit_test(inputs_that_do_not_fit),
        cmocka_unit_test(checks_compare),
        cmocka_unit_test(builders_say_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
