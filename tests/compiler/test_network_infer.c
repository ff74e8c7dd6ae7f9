/* Tests the shapes and types that the operators of networks have in packed graphs, and what they refuse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "compiler/graph/operator.h"

enum { MOST = 8 };

typedef struct like {
    mote_dtype dtype;
    mote_role role;
    int rank; /* 0: absent */
    uint32_t dims[MOTE_RANK];
} like;

typedef struct example {
    mote_opcode opcode;
    bool is_float;
    like inputs[MOST];
    int32_t params[32];
    int rank;         /* of the result, 0 if it is refused */
    uint32_t dims[3]; /* of the result */
    unsigned types;
    const char *message; /* a part of it */
} example;

#define I8(role, rank, ...)                                                                                            \
    {                                                                                                                  \
        MOTE_I8, MOTE_##role, rank,                                                                                    \
        {                                                                                                              \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
    }
#define U8(role, rank, ...)                                                                                            \
    {                                                                                                                  \
        MOTE_U8, MOTE_##role, rank,                                                                                    \
        {                                                                                                              \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
    }
#define I16(role, rank, ...)                                                                                           \
    {                                                                                                                  \
        MOTE_I16, MOTE_##role, rank,                                                                                   \
        {                                                                                                              \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
    }
#define U16(role, rank, ...)                                                                                           \
    {                                                                                                                  \
        MOTE_U16, MOTE_##role, rank,                                                                                   \
        {                                                                                                              \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
    }
#define I32(role, rank, ...)                                                                                           \
    {                                                                                                                  \
        MOTE_I32, MOTE_##role, rank,                                                                                   \
        {                                                                                                              \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
    }
#define F32(role, rank, ...)                                                                                           \
    {                                                                                                                  \
        MOTE_F32, MOTE_##role, rank,                                                                                   \
        {                                                                                                              \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
    }
#define OF(dtype)           MOTE_BIT(MOTE_##dtype)
#define NARROW              (OF(I8) | OF(I16))
#define ANY                 (OF(I8) | OF(U8) | OF(I16) | OF(I32))
#define CONV(parts, sh, sw) [MOTE_CONV_KERNEL_HEIGHT] = 3, 3, sh, sw, 1, 1, [MOTE_CONV_PARTS] = parts
#define POOL2               2, 2, 2, 2, 1, 1

/* clang-format off */
static const example examples[] = {
    {MOTE_OP_CONV, false, {I8(INPUT, 3, 8, 9, 2), {MOTE_I4, MOTE_CONSTANT, 2, {5, 18}}, I32(CONSTANT, 1, 5), I32(CONSTANT, 1, 5), {0}, I8(CONSTANT, 1, 5)},
     {CONV(1, 1, 1)}, 3, {6, 7, 5}, NARROW, NULL},
    {MOTE_OP_CONV, false, {I16(INPUT, 3, 8, 9, 2), I8(CONSTANT, 2, 5, 18), {0}, I16(CONSTANT, 1, 5)}, {CONV(1, 1, 1)}, 3, {6, 7, 5},
     NARROW, NULL},
    {MOTE_OP_CONV, false, {I8(INPUT, 3, 8, 9, 2), I8(CONSTANT, 2, 5, 18), {0}, I32(CONSTANT, 1, 5)}, {CONV(1, 1, 1)}, 0, {0}, 0,
     "need each other"},
    {MOTE_OP_CONV, false, {I8(INPUT, 3, 8, 9, 2), I8(CONSTANT, 2, 5, 18), {0}, {0}, {0}, I8(CONSTANT, 1, 5)}, {CONV(1, 1, 1)}, 0,
     {0}, 0, "need each other"},
    {MOTE_OP_CONV, false, {U8(INPUT, 3, 8, 9, 2), I8(CONSTANT, 2, 5, 18)}, {CONV(1, 1, 1)}, 0, {0}, 0, "may not be of type"},
    {MOTE_OP_CONV, false, {I8(INPUT, 2, 8, 9), I8(CONSTANT, 2, 5, 9)}, {CONV(1, 1, 1)}, 0, {0}, 0, "height, width, channels"},
    {MOTE_OP_CONV, false, {I8(INPUT, 3, 2, 9, 2), I8(CONSTANT, 2, 5, 18)}, {CONV(1, 1, 1)}, 0, {0}, 0, "larger than tensor"},
    {MOTE_OP_CONV, false, {I8(INPUT, 3, 8, 9, 2), I8(CONSTANT, 2, 5, 17)}, {CONV(1, 1, 1)}, 0, {0}, 0, "17 columns"},
    {MOTE_OP_CONV, false, {I8(INPUT, 3, 8, 9, 2), I8(CONSTANT, 2, 5, 9)}, {CONV(2, 1, 1)}, 0, {0}, 0,
     "2 parts do not divide"},
    {MOTE_OP_CONV, true, {F32(INPUT, 3, 8, 9, 2), F32(CONSTANT, 2, 5, 18), F32(CONSTANT, 1, 4)}, {CONV(1, 1, 1)}, 0, {0}, 0, "bias"},
    {MOTE_OP_CONV, true, {F32(INPUT, 3, 8, 9, 2), F32(CONSTANT, 2, 5, 18)}, {CONV(1, 1, 0)}, 0, {0},
     0, "stride_width is 0"},
    {MOTE_OP_CONV, true, {F32(INPUT, 3, 8, 9, 2), F32(CONSTANT, 2, 5, 18)}, {CONV(1, 1, 1), [MOTE_CONV_LEFT] = -1}, 0, {0}, 0,
     "left is -1"},
    {MOTE_OP_CONV_TRANSPOSE, true, {F32(INPUT, 3, 4, 5, 2), F32(CONSTANT, 2, 5, 18)},
     {CONV(1, 2, 2), [MOTE_CONV_BOTTOM] = -1}, 3, {10, 11, 5}, OF(F32), NULL},
    {MOTE_OP_CONV_TRANSPOSE, true, {F32(INPUT, 3, 4, 5, 2), F32(CONSTANT, 2, 5, 18)},
     {CONV(1, 1, 1), [MOTE_CONV_BOTTOM] = 6}, 0, {0}, 0, "dimension 0 of its result would be 0"},

    {MOTE_OP_MAX_POOL, false, {U8(INPUT, 3, 8, 9, 2)}, {POOL2}, 3, {4, 4, 2}, OF(U8), NULL},
    {MOTE_OP_AVERAGE_POOL, false, {I16(INPUT, 3, 8, 9, 2)}, {POOL2, 1, 0, 0, 1}, 3, {4, 5, 2}, OF(I16), NULL},
    {MOTE_OP_AVERAGE_POOL, true, {F32(INPUT, 3, 8, 9, 2)}, {POOL2, 2, 0, 0, 0}, 0, {0}, 0, "in the padding alone"},
    {MOTE_OP_MAX_POOL, true, {F32(INPUT, 3, 1, 9, 2)}, {2, 1, 1, 1, 3, 1, 1, 0, 2, 0}, 0, {0}, 0, "in the padding alone"},

    {MOTE_OP_MATMUL, false, {I8(INPUT, 3, 2, 3, 4), I8(ACTIVATION, 3, 2, 5, 4)}, {1}, 3, {2, 3, 5}, OF(I8), NULL},
    {MOTE_OP_MATMUL, true, {F32(INPUT, 3, 2, 3, 4), F32(ACTIVATION, 3, 3, 4, 5)}, {0}, 0, {0}, 0, "do not fit"},

    {MOTE_OP_ADD, false, {I8(INPUT, 2, 3, 4), I8(CONSTANT, 1, 4)}, {0}, 2, {3, 4}, OF(I8), NULL},
    {MOTE_OP_ADD, false, {I8(INPUT, 2, 3, 4), I8(INPUT, 1, 4)}, {0}, 0, {0}, 0, "repeats only constants"},
    {MOTE_OP_ADD, true, {F32(INPUT, 2, 3, 4), F32(INPUT, 1, 4)}, {0}, 2, {3, 4}, OF(F32), NULL},
    {MOTE_OP_ADD, true, {F32(INPUT, 1, 4), F32(CONSTANT, 3, 1, 1, 4)}, {0}, 1, {4}, OF(F32), NULL},
    {MOTE_OP_SCALED_ADD, false, {I8(INPUT, 3, 3, 4, 5), I8(INPUT, 1, 5)}, {0}, 3, {3, 4, 5}, OF(I8), NULL},
    {MOTE_OP_SCALED_MUL, false, {I16(INPUT, 3, 3, 1, 5), I16(INPUT, 2, 4, 1)}, {0}, 3, {3, 4, 5}, OF(I16), NULL},
    {MOTE_OP_SCALED_MUL, false, {I16(INPUT, 1, 3), I8(INPUT, 1, 3)}, {0}, 0, {0}, 0, "types"},
    {MOTE_OP_SUB, true, {F32(INPUT, 2, 3, 4), F32(INPUT, 1, 3)}, {0}, 0, {0}, 0, "[3, 4] and [3]"},
    {MOTE_OP_PRELU, false, {I8(INPUT, 3, 3, 4, 5), I8(CONSTANT, 1, 5)}, {0}, 3, {3, 4, 5}, OF(I8), NULL},
    {MOTE_OP_PRELU, false, {I8(INPUT, 1, 5), I8(CONSTANT, 2, 2, 5)}, {0}, 0, {0}, 0, "more slopes"},
    {MOTE_OP_RESCALE, false, {I16(INPUT, 2, 3, 4)}, {0}, 2, {3, 4}, ANY, NULL},

    {MOTE_OP_MAP, false, {I8(INPUT, 2, 3, 4), I16(CONSTANT, 1, 256)}, {0}, 2, {3, 4}, OF(I16), NULL},
    {MOTE_OP_MAP, false, {I16(INPUT, 2, 3, 4), I16(CONSTANT, 1, 513)}, {0}, 2, {3, 4}, OF(I16), NULL},
    {MOTE_OP_MAP, false, {I16(INPUT, 2, 3, 4), I16(CONSTANT, 1, 256)}, {0}, 0, {0}, 0, "[256], not [513]"},
    {MOTE_OP_MAP, true, {F32(INPUT, 2, 3, 4)}, {24}, 0, {0}, 0, "no function 24"},
    {MOTE_OP_SOFTMAX, false, {I8(INPUT, 2, 3, 4)}, {0}, 2, {3, 4}, NARROW, NULL},
    {MOTE_OP_SOFTMAX, false, {I16(INPUT, 2, 3, 4)}, {0}, 2, {3, 4}, OF(I16), NULL},
    {MOTE_OP_REDUCE, false, {I8(INPUT, 3, 3, 4, 5)}, {0, 3}, 1, {5}, OF(I8), NULL},
    {MOTE_OP_REDUCE, false, {I8(INPUT, 3, 3, 4, 5)}, {0, 8}, 0, {0}, 0, "axes is 8, not 0 to 7"},
    {MOTE_OP_ARGMAX, false, {I8(INPUT, 2, 3, 4)}, {0}, 1, {3}, OF(U16), NULL},
    {MOTE_OP_ARGMAX, true, {F32(INPUT, 1, 65536)}, {0}, 0, {0}, 0, "65535"},

    {MOTE_OP_CONCAT, false, {U8(INPUT, 2, 3, 4), U8(INPUT, 2, 3, 2), U8(CONSTANT, 2, 3, 1)}, {1}, 2, {3, 7}, OF(U8), NULL},
    {MOTE_OP_CONCAT, false, {U8(INPUT, 2, 3, 4), I8(INPUT, 2, 3, 2)}, {1}, 0, {0}, 0, "types"},
    {MOTE_OP_SLICE, false, {I32(INPUT, 1, 9)}, {[MOTE_SLICE_BEGIN0] = 8, [MOTE_SLICE_STEP0] = -2, [MOTE_SLICE_SIZE0] = 5}, 1,
     {5}, OF(I32), NULL},
    {MOTE_OP_SLICE, false, {I32(INPUT, 1, 9)}, {[MOTE_SLICE_BEGIN0] = 8, [MOTE_SLICE_STEP0] = -2, [MOTE_SLICE_SIZE0] = 6}, 0,
     {0}, 0, "6 values from 8 in steps of -2"},
    {MOTE_OP_PAD, true, {F32(INPUT, 1, 3)}, {[MOTE_PAD_MODE] = 1, [MOTE_PAD_BEFORE0] = 3}, 0, {0}, 0, "before0 is 3, not 0 to 2"},
    {MOTE_OP_RESIZE, true, {F32(INPUT, 3, 2, 2, 1)}, {4, 4, 0, 6}, 0, {0}, 0, "coordinates is 6"},
    {MOTE_OP_RESIZE, true, {F32(INPUT, 3, 2, 2, 1)}, {4, 4, [MOTE_RESIZE_WIDTH_SCALE] = 0x7fc00000}, 0, {0}, 0, "width_scale"},
    {MOTE_OP_RESHAPE, false, {I8(INPUT, 2, 3, 4)}, {5, 2}, 0, {0}, 0, "12 values and not 10"},
    {MOTE_OP_RESHAPE, false, {I8(INPUT, 2, 3, 4)}, {32768, 32768, 2}, 0, {0}, 0, "more elements"},
    {MOTE_OP_TRANSPOSE, false, {I8(INPUT, 2, 3, 4)}, {1, 1}, 0, {0}, 0, "not a permutation"},
    {MOTE_OP_GATHER, false, {I8(INPUT, 2, 3, 4), U16(CONSTANT, 1, 7)}, {1}, 2, {3, 7}, OF(I8), NULL},
    {MOTE_OP_GATHER, true, {F32(INPUT, 2, 3, 4), F32(CONSTANT, 1, 7)}, {1}, 0, {0}, 0, "type u16"},
    {MOTE_OP_ADD, true, {F32(INPUT, 2, 1u << 31, 2), F32(INPUT, 1, 1)}, {0}, 0, {0}, 0, "more elements"},
    {MOTE_OP_LINEAR, true, {F32(INPUT, 3, 3, 4, 5), F32(CONSTANT, 2, 7, 5)}, {0}, 3, {3, 4, 7}, OF(F32), NULL},
    {MOTE_OP_LINEAR, false, {I8(INPUT, 2, 4, 5), I8(CONSTANT, 2, 7, 5)}, {0}, 0, {0}, 0, "[4, 5], not [5]"},
    {MOTE_OP_LAYERNORM, false, {I16(INPUT, 2, 4, 5), I16(CONSTANT, 1, 5), I16(CONSTANT, 1, 5)}, {0}, 0, {0}, 0, "[4, 5], not"},
};
/* clang-format on */

static void check(const example *e, size_t number)
{
    mote_graph g;
    mote_shape shapes[MOTE_MOST_OUTPUTS];
    mote_error error = {0};
    int inputs[MOST];
    const int count = mote_operator_of(e->opcode)->input_count;
    mote_graph_init(&g);
    g.packed = !e->is_float;
    for (int i = 0; i < count; i++) {
        const like *t = &e->inputs[i];
        char name[8] = {'t', (char)('0' + i)};
        inputs[i] = t->rank ? mote_graph_tensor(&g, name, t->dtype, t->role, t->rank, t->dims) : -1;
        assert_true(!t->rank || inputs[i] >= 0);
    }
    const int op = mote_graph_op(&g, "op", e->opcode, count, inputs, 0, NULL);
    memcpy(g.ops[op].params, e->params, (size_t)g.ops[op].param_count * sizeof *e->params);
    const bool fits = mote_op_infer(&g, &g.ops[op], shapes, &error);
    if (fits != (e->rank > 0) || (!fits && !strstr(error.text, e->message)))
        fail_msg("example %zu: %s", number, fits ? "was not refused" : error.text);
    for (int i = 0; fits && i < MOTE_RANK; i++)
        assert_int_equal(shapes[0].dims[i], i < e->rank ? e->dims[i] : 1);
    if (fits) {
        assert_int_equal(shapes[0].rank, e->rank);
        assert_int_equal(shapes[0].dtypes, e->types);
    }
    mote_graph_free(&g);
}

static void shapes_and_types(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
        check(&examples[i], i);
}

/* An index beyond the axis is refused: no later check looks at it. */
static void indices_are_checked(void **state)
{
    (void)state;
    mote_graph g;
    mote_shape shapes[MOTE_MOST_OUTPUTS];
    mote_error error = {0};
    mote_graph_init(&g);
    const int x = mote_graph_tensor(&g, "x", MOTE_F32, MOTE_INPUT, 1, (uint32_t[]){3});
    const int t = mote_graph_tensor(&g, "t", MOTE_U16, MOTE_CONSTANT, 1, (uint32_t[]){2});
    const int op = mote_graph_op(&g, "op", MOTE_OP_GATHER, 2, (const int[]){x, t}, 0, NULL);
    ((uint16_t *)g.tensors[t].data)[1] = 2;
    assert_true(mote_op_infer(&g, &g.ops[op], shapes, &error));
    ((uint16_t *)g.tensors[t].data)[1] = 3;
    assert_false(mote_op_infer(&g, &g.ops[op], shapes, &error));
    assert_non_null(strstr(error.text, "index 1 of t is 3 of 3"));
    mote_graph_free(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shapes_and_types),
        cmocka_unit_test(indices_are_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
