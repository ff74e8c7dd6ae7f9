/* Random packed graphs: every operator but GRU, with random operands, types and parameters, including extremes. Their
 * outputs have no meaning. */
#ifndef MOTE_TESTS_RANDOM_GRAPH_H
#define MOTE_TESTS_RANDOM_GRAPH_H

#include "tests/compiler/packed.h"

#include <stdio.h>

#include "compiler/pack/codes.h"
#include "compiler/plan/arena.h"
#include "compiler/quantize/golden.h"
#include "runtime/kernels.h"
#include "runtime/ops/half.h"

enum { NONE = -1, LONGEST = 70 /* values in a vector */, WIDEST_CONTEXT = 9 };

typedef struct random_graph {
    mote_graph g;
    uint32_t rng;
    int names;
} random_graph;

static inline uint32_t below(random_graph *r, uint32_t n)
{
    r->rng = r->rng * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)(r->rng >> 8) * n >> 24);
}

static inline int32_t between(random_graph *r, int32_t low, int32_t high)
{
    return low + (int32_t)below(r, (uint32_t)(high - low) + 1);
}

/* Returns a number anywhere in the range, near 0, or at an end. */
static inline int32_t any(random_graph *r, int32_t low, int32_t high)
{
    const uint32_t kind = below(r, 8);
    if (kind == 0)
        return below(r, 2) ? low : high;
    const int32_t v = kind < 4 ? between(r, low / 64, high / 64 + (high < 64)) : between(r, low, high);
    return v < low ? low : v > high ? high : v;
}

static inline int tensor_of(random_graph *r, mote_dtype dtype, mote_role role, uint32_t rows, uint32_t columns)
{
    char name[16];
    const uint32_t dims[2] = {rows, columns};
    snprintf(name, sizeof name, "t%d", r->names++);
    const int t = mote_graph_tensor(&r->g, name, dtype, role, columns ? 2 : 1, dims);
    assert_true(t >= 0);
    return t;
}

static inline int vector_of(random_graph *r, mote_dtype dtype, uint32_t length)
{
    return tensor_of(r, dtype, MOTE_ACTIVATION, length, 0);
}

static inline uint32_t length_of(const random_graph *r, int t)
{
    return r->g.tensors[t].dims[0];
}

static inline int constant16(random_graph *r, uint32_t length, int32_t low, int32_t high)
{
    const int t = tensor_of(r, MOTE_I16, MOTE_CONSTANT, length, 0);
    for (uint32_t i = 0; i < length; i++)
        ((int16_t *)r->g.tensors[t].data)[i] = (int16_t)any(r, low, high);
    return t;
}

static inline mote_op *operator_with(random_graph *r, mote_opcode opcode, int input_count, const int *inputs,
                                     int output_count, const int *outputs)
{
    char name[16];
    snprintf(name, sizeof name, "o%d", r->names++);
    const int op = mote_graph_op(&r->g, name, opcode, input_count, inputs, output_count, outputs);
    assert_true(op >= 0);
    return &r->g.ops[op];
}

static inline mote_op *operator_of(random_graph *r, mote_opcode opcode, int input_count, const int *inputs, int output)
{
    return operator_with(r, opcode, input_count, inputs, 1, &output);
}

static inline mote_dtype any_weight_type(random_graph *r, bool half)
{
    static const mote_dtype types[] = {MOTE_I16,      MOTE_I8,       MOTE_I4,     MOTE_I5, MOTE_I6,
                                       MOTE_TERNARY2, MOTE_TERNARY5, MOTE_BINARY, MOTE_F16};
    return types[below(r, half ? 9 : 8)];
}

static inline int32_t highest_code(mote_dtype dtype)
{
    switch (dtype) {
    case MOTE_I16:
    case MOTE_F16:
        return 32767;
    case MOTE_I8:
        return 127;
    case MOTE_I6:
        return 31;
    case MOTE_I5:
        return 15;
    case MOTE_I4:
        return 7;
    default:
        return 1;
    }
}

/* Returns the code of a random weight of at most `limit`. The code of a half is its bits. */
static inline int16_t any_code(random_graph *r, mote_dtype dtype, int32_t limit, int32_t fraction)
{
    const int32_t high = limit < highest_code(dtype) ? limit : highest_code(dtype);
    const int32_t low = high == highest_code(dtype) && high > 1 && dtype != MOTE_F16 ? -high - 1 : -high;
    if (dtype == MOTE_BINARY)
        return below(r, 2) ? 1 : -1;
    if (dtype != MOTE_F16)
        return (int16_t)any(r, low, high);
    const float value = (float)any(r, low, high) / (float)(1 << fraction) * (below(r, 4) ? 1.0f : 0.37f);
    return (int16_t)mote_half_of(value);
}

static inline int matrix_of(random_graph *r, mote_dtype dtype, uint32_t rows, uint32_t columns, int32_t limit,
                            int32_t fraction)
{
    const int t = tensor_of(r, dtype, MOTE_CONSTANT, rows, columns);
    int16_t *codes = malloc((size_t)rows * columns * sizeof *codes);
    assert_non_null(codes);
    for (uint32_t i = 0; i < rows * columns; i++)
        codes[i] = any_code(r, dtype, limit, fraction);
    mote_codes_pack(dtype, codes, rows, columns, r->g.tensors[t].data);
    free(codes);
    return t;
}

static inline int factors_of(random_graph *r, uint32_t rows, uint32_t columns, uint32_t group)
{
    const int t = tensor_of(r, MOTE_I8, MOTE_CONSTANT, rows, mote_groups_of(columns, group));
    for (size_t i = 0; i < mote_tensor_size(&r->g.tensors[t]); i++)
        ((int8_t *)r->g.tensors[t].data)[i] = (int8_t)any(r, 1, 127);
    return t;
}

static inline int quantized(random_graph *r, int x, mote_dtype dtype)
{
    const int y = vector_of(r, dtype, length_of(r, x));
    mote_op *op = operator_of(r, MOTE_OP_QUANTIZE, 1, &x, y);
    op->params[MOTE_QUANTIZE_STEP] = any(r, 1, 32767);
    op->params[MOTE_QUANTIZE_SHIFT] = between(r, 0, 30);
    return y;
}

static inline void set_product(random_graph *r, mote_op *op, mote_dtype x)
{
    op->params[MOTE_PRODUCT_SHIFT] = x == MOTE_I16 ? between(r, 2, 18) : between(r, -8, 12);
    op->params[MOTE_PRODUCT_GAIN] = below(r, 2) ? 0 : between(r, 0, 8);
    op->params[MOTE_PRODUCT_EXPONENT] = x == MOTE_I8V ? between(r, -12, 8) : 0;
}

/* Adds a product of x, which is quantized to int8 or to a vector with a scale, or stays int16. */
static inline int product_of(random_graph *r, int x, uint32_t rows, int output)
{
    static const mote_dtype forms[] = {MOTE_I8, MOTE_I8V, MOTE_I16};
    const mote_dtype form = forms[below(r, 3)], dtype = any_weight_type(r, true);
    const uint32_t columns = length_of(r, x), group = below(r, 3) ? 0 : 16 * (1 + below(r, 4));
    const int32_t fraction = dtype == MOTE_F16 ? between(r, 0, 24) : 0, largest_bias = below(r, 2) ? 0 : 100000;
    const int64_t reach = form == MOTE_I16 ? 32768 : 128;
    int64_t limit = (INT32_MAX - largest_bias) / reach / columns / (group ? 127 : 1) - 1;
    limit -= dtype == MOTE_F16 ? limit / 1000 + 1 : 0; /* halves are rounded */
    if (form != MOTE_I16)
        x = quantized(r, x, form);
    const int weights = matrix_of(r, dtype, rows, columns, limit > 32767 ? 32767 : (int32_t)limit, fraction);
    int inputs[MOTE_LINEAR_INPUTS] = {[MOTE_LINEAR_X] = x,
                                      [MOTE_LINEAR_WEIGHTS] = weights,
                                      [MOTE_LINEAR_BIAS] = NONE,
                                      [MOTE_LINEAR_MULTIPLIER] = NONE,
                                      [MOTE_LINEAR_GROUPS] = NONE};
    if (largest_bias) {
        inputs[MOTE_LINEAR_BIAS] = tensor_of(r, MOTE_I32, MOTE_CONSTANT, rows, 0);
        for (uint32_t i = 0; i < rows; i++)
            ((int32_t *)r->g.tensors[inputs[MOTE_LINEAR_BIAS]].data)[i] = any(r, -largest_bias, largest_bias);
    }
    if (below(r, 2))
        inputs[MOTE_LINEAR_MULTIPLIER] = constant16(r, rows, 0, 32767);
    if (group)
        inputs[MOTE_LINEAR_GROUPS] = factors_of(r, rows, columns, group);
    r->g.tensors[weights].bound = INT32_MAX;
    mote_op *op = operator_of(r, MOTE_OP_LINEAR, MOTE_LINEAR_INPUTS, inputs, output);
    set_product(r, op, form);
    op->params[MOTE_PRODUCT_GROUP] = (int32_t)group;
    op->params[MOTE_PRODUCT_FRACTION] = fraction;
    return output;
}

static inline int table_of(random_graph *r, int ids, uint32_t rows, uint32_t length)
{
    const int x = vector_of(r, MOTE_I16, length);
    const int table = matrix_of(r, any_weight_type(r, false), rows, length, 32767, 0);
    const int inputs[MOTE_EMBEDDING_INPUTS] = {[MOTE_EMBEDDING_IDS] = ids,
                                               [MOTE_EMBEDDING_TABLE] = table,
                                               [MOTE_EMBEDDING_MULTIPLIER] = constant16(r, rows, 0, 32767)};
    operator_of(r, MOTE_OP_EMBEDDING, MOTE_EMBEDDING_INPUTS, inputs, x)->params[MOTE_EMBEDDING_SHIFT] =
        between(r, 0, 20);
    return x;
}

static inline int norm_of(random_graph *r, int x)
{
    const uint32_t d = length_of(r, x);
    const int y = vector_of(r, MOTE_I16, d), centred = (int)below(r, 2);
    const int inputs[3] = {x, constant16(r, d, -32768, 32767), centred ? constant16(r, d, -32768, 32767) : NONE};
    mote_op *op = operator_of(r, centred ? MOTE_OP_LAYERNORM : MOTE_OP_RMSNORM, centred ? 3 : 2, inputs, y);
    op->params[MOTE_NORM_EPSILON] = below(r, 2) ? 1 : any(r, 1, 1 << 30);
    op->params[MOTE_NORM_FORM] = between(r, 4, 14);
    op->params[MOTE_NORM_SHIFT] = between(r, 0, 24);
    return y;
}

static inline int curve_of(random_graph *r, int x)
{
    static const mote_opcode curves[] = {MOTE_OP_SILU, MOTE_OP_GELU, MOTE_OP_TANH};
    const int y = vector_of(r, MOTE_I16, length_of(r, x));
    mote_op *op = operator_of(r, curves[below(r, 3)], 1, &x, y);
    op->params[op->opcode == MOTE_OP_TANH ? MOTE_TANH_UNIT : MOTE_CURVE_UNIT] = between(r, 4, 14);
    if (op->opcode == MOTE_OP_TANH)
        op->params[MOTE_TANH_SHIFT] = between(r, 0, 14);
    return y;
}

static inline int pair_of(random_graph *r, int a, int b)
{
    const int y = vector_of(r, MOTE_I16, length_of(r, a)), inputs[2] = {a, b};
    mote_op *op = operator_of(r, below(r, 2) ? MOTE_OP_ADD : MOTE_OP_MUL, 2, inputs, y);
    if (op->opcode == MOTE_OP_MUL)
        op->params[MOTE_MUL_SHIFT] = between(r, 0, 20);
    return y;
}

static inline void cache_of_heads(random_graph *r, uint32_t context, uint32_t heads, uint32_t width, int caches[2])
{
    const bool wide = below(r, 2);
    caches[0] = tensor_of(r, wide ? MOTE_I16 : MOTE_I8, MOTE_STATE, context, heads * width);
    caches[1] = wide ? NONE : tensor_of(r, MOTE_I8, MOTE_STATE, context, heads);
}

static inline int angles_of(random_graph *r, uint32_t count)
{
    const int t = tensor_of(r, MOTE_I32, MOTE_CONSTANT, count, 0);
    for (uint32_t i = 0; i < count; i++)
        ((uint32_t *)r->g.tensors[t].data)[i] = below(r, 1 << 16) << 16 | below(r, 1 << 16);
    return t;
}

static inline int attention_of(random_graph *r, int x)
{
    const uint32_t kv_heads = 1 + below(r, 3), heads = kv_heads * (1 + below(r, 2)), width = 2 * (1 + below(r, 6));
    const uint32_t context = 1 + below(r, WIDEST_CONTEXT);
    int inputs[MOTE_ATTENTION_INPUTS];
    for (int i = MOTE_ATTENTION_Q; i <= MOTE_ATTENTION_V; i++) {
        const uint32_t length = (i == MOTE_ATTENTION_Q ? heads : kv_heads) * width;
        inputs[i] = product_of(r, x, length, vector_of(r, MOTE_I16, length));
    }
    inputs[MOTE_ATTENTION_ANGLES] = below(r, 4) ? angles_of(r, width / 2) : NONE;
    cache_of_heads(r, context, kv_heads, width, inputs + MOTE_ATTENTION_KEYS);
    cache_of_heads(r, context, kv_heads, width, inputs + MOTE_ATTENTION_VALUES);
    const int outputs[MOTE_ATTENTION_OUTPUTS] = {vector_of(r, MOTE_I16, heads * width),
                                                 vector_of(r, MOTE_I16, context)};
    mote_op *op = operator_with(r, MOTE_OP_ATTENTION, MOTE_ATTENTION_INPUTS, inputs, MOTE_ATTENTION_OUTPUTS, outputs);
    op->params[MOTE_ATTENTION_HEADS] = (int32_t)heads;
    op->params[MOTE_ATTENTION_KV_HEADS] = (int32_t)kv_heads;
    op->params[MOTE_ATTENTION_SCORE] = any(r, 1, 32767);
    op->params[MOTE_ATTENTION_SCORE_SHIFT] = between(r, 8, 20);
    return outputs[0];
}

/* Returns a random graph that ends with a product for the logits. */
static inline mote_graph random_packed(uint32_t seed)
{
    random_graph r = {.rng = seed};
    mote_error error = {0};
    mote_graph_init(&r.g);
    r.g.packed = true;
    const uint32_t vocabulary = 2 + below(&r, 30), length = 1 + below(&r, LONGEST);
    const int ids = tensor_of(&r, MOTE_U16, MOTE_INPUT, 1, 0);
    int x = table_of(&r, ids, vocabulary, length);
    if (below(&r, 2))
        x = pair_of(&r, x, table_of(&r, NONE, 1 + below(&r, 6), length));
    for (uint32_t n = 1 + below(&r, 5); n > 0; n--) {
        const int before = x;
        const uint32_t next = 1 + below(&r, LONGEST);
        switch (below(&r, 5)) {
        case 0:
            x = norm_of(&r, x);
            break;
        case 1:
            x = curve_of(&r, x);
            break;
        case 2:
            x = product_of(&r, x, next, vector_of(&r, MOTE_I16, next));
            break;
        default:
            x = attention_of(&r, x);
        }
        if (length_of(&r, x) == length_of(&r, before))
            x = pair_of(&r, x, before);
    }
    product_of(&r, x, vocabulary, tensor_of(&r, MOTE_I16, MOTE_OUTPUT, vocabulary, 0));
    if (!mote_graph_plan(&r.g, &error))
        fail_msg("%s", error.text);
    return r.g;
}

static inline mote_bytes random_file(uint32_t seed)
{
    mote_graph g = random_packed(seed);
    mote_bytes file = encoded(&g);
    mote_graph_free(&g);
    return file;
}

#endif
