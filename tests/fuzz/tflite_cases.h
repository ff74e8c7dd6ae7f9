/* Files of one float operator, with their outputs, which were computed by hand. */
#ifndef MOTE_TESTS_TFLITE_CASES_H
#define MOTE_TESTS_TFLITE_CASES_H

#include "compiler/pack/codes.h"
#include "tests/fuzz/tflite_seed.h"

enum { OPERANDS = 4, VALUES = 24 };

typedef struct one_tensor {
    uint32_t rank; /* 0: none */
    int32_t dims[4];
    bool is_constant, is_whole, is_half;
    int start; /* of an input */
    float values[VALUES];
} one_tensor;

typedef struct option {
    uint32_t field;
    int32_t value; /* or the bits of a float */
} option;

typedef struct one {
    const char *name;
    int code;
    one_tensor in[OPERANDS], out[2];
    uint32_t option_count;
    option options[8];
} one;

#define X(...)                                                                                                         \
    {                                                                                                                  \
        .rank = sizeof(int32_t[]){__VA_ARGS__} / 4, .dims = { __VA_ARGS__ }                                            \
    }
#define INTS(n, ...)                                                                                                   \
    {                                                                                                                  \
        .rank = 1, .dims = {n}, .is_constant = true, .is_whole = true, .values = { __VA_ARGS__ }                       \
    }
#define ROWS(a, b, ...)                                                                                                \
    {                                                                                                                  \
        .rank = 2, .dims = {a, b}, .is_constant = true, .values = { __VA_ARGS__ }                                      \
    }
#define HALVES(n, ...)                                                                                                 \
    {                                                                                                                  \
        .rank = 1, .dims = {n}, .is_constant = true, .is_half = true, .values = { __VA_ARGS__ }                        \
    }
#define PADS(a, ...)                                                                                                   \
    {                                                                                                                  \
        .rank = 2, .dims = {a, 2}, .is_constant = true, .is_whole = true, .values = { __VA_ARGS__ }                    \
    }
#define Y2(a, b, ...)                                                                                                  \
    {                                                                                                                  \
        .rank = 2, .dims = {a, b}, .values = { __VA_ARGS__ }                                                           \
    }
#define Y4(a, b, c, ...)                                                                                               \
    {                                                                                                                  \
        .rank = 4, .dims = {1, a, b, c}, .values = { __VA_ARGS__ }                                                     \
    }
#define OP(name) #name, MOTE_TFLITE_OP_##name

static const one cases[] = {
    {OP(DEPTH_TO_SPACE), {X(1, 1, 2, 4)}, {Y4(2, 4, 1, 0, 1, 4, 5, 2, 3, 6, 7)}, 1, {{0, 2}}},
    {OP(SPACE_TO_DEPTH), {X(1, 2, 4, 1)}, {Y4(1, 2, 4, 0, 1, 4, 5, 2, 3, 6, 7)}, 1, {{0, 2}}},
    {OP(GATHER), {X(1, 4), INTS(3, 3, 0, 3)}, {Y2(1, 3, 3, 0, 3)}, 1, {{0, 1}}},
    {OP(TRANSPOSE), {X(1, 1, 2, 3), INTS(4, 0, 2, 3, 1)}, {Y4(2, 3, 1, 0, 1, 2, 3, 4, 5)}, 0, {{0}}},
    {OP(TRANSPOSE), {X(1, 1, 2, 3), INTS(4, 0, 3, 1, 2)}, {Y4(3, 1, 2, 0, 3, 1, 4, 2, 5)}, 0, {{0}}},
    {OP(TRANSPOSE), {X(1, 3), INTS(2, 1, 0)}, {Y2(3, 1, 0, 1, 2)}, 0, {{0}}},
    {OP(SLICE), {X(1, 5), INTS(2, 0, 1), INTS(2, 1, -1)}, {Y2(1, 4, 1, 2, 3, 4)}, 0, {{0}}},
    {OP(STRIDED_SLICE),
     {X(1, 6), INTS(2, 0, -2), INTS(2, 1, 0), INTS(2, 1, -2)},
     {Y2(1, 2, 4, 2)},
     5,
     {{0, 0}, {1, 0}, {2, 0}, {3, 0}, {4, 0}}},
    {OP(STRIDED_SLICE),
     {X(1, 2, 2, 3), INTS(4, 0, 1, 0, 0), INTS(4, 0, 2, 0, 2), INTS(4, 1, 1, 1, 1)},
     {Y2(2, 2, 6, 7, 9, 10)},
     5,
     {{0, 5}, {1, 5}, {2, 0}, {3, 0}, {4, 2}}},
    {OP(SPLIT), {INTS(1, 1), X(1, 4)}, {Y2(1, 2, 0, 1), Y2(1, 2, 2, 3)}, 1, {{0, 2}}},
    {OP(SPLIT_V), {X(1, 4), INTS(2, 1, 3), INTS(1, -1)}, {Y2(1, 1, 0), Y2(1, 3, 1, 2, 3)}, 1, {{0, 2}}},
    {OP(CONCATENATION), {X(1, 2), ROWS(1, 3, 7, 8, 9)}, {Y2(1, 5, 0, 1, 7, 8, 9)}, 2, {{0, -1}, {1, 0}}},
    {OP(CONCATENATION), {X(1, 2), ROWS(1, 2, 7, 8)}, {Y2(2, 2, 0, 1, 7, 8)}, 2, {{0, 0}, {1, 0}}},
    {OP(PRELU), {{.rank = 2, .dims = {1, 3}, .start = -2}, ROWS(1, 3, 1, 2, 3)}, {Y2(1, 3, -2, -2, 0)}, 0, {{0}}},
    {OP(LEAKY_RELU), {{.rank = 2, .dims = {1, 3}, .start = -1}}, {Y2(1, 3, -0.25f, 0, 1)}, 1, {{0, 0x3e800000}}},
    {OP(BATCH_MATMUL), {X(2, 2), ROWS(2, 2, 1, 2, 3, 4)}, {Y2(2, 2, 3, 4, 11, 16)}, 2, {{0, 0}, {1, 0}}},
    {OP(BATCH_MATMUL), {X(2, 2), ROWS(2, 2, 1, 2, 3, 4)}, {Y2(2, 2, 2, 4, 8, 18)}, 2, {{0, 0}, {1, 1}}},
    {OP(SUB), {X(1, 3), ROWS(1, 3, 1, 1, 5)}, {Y2(1, 3, 0, 0, 0)}, 1, {{0, 1}}},
    {OP(MUL), {X(1, 3), ROWS(1, 3, 4, -2, 5)}, {Y2(1, 3, 0, -1, 1)}, 1, {{0, 2}}},
    {OP(DIV), {X(1, 3), ROWS(1, 3, 4, -2, 5)}, {Y2(1, 3, 0, -0.5f, 0.4f)}, 1, {{0, 0}}},
    {OP(MAXIMUM), {X(1, 3), ROWS(1, 3, 4, -2, 1)}, {Y2(1, 3, 4, 1, 2)}, 0, {{0}}},
    {OP(MINIMUM), {X(1, 3), ROWS(1, 3, 4, -2, 1)}, {Y2(1, 3, 0, -2, 1)}, 0, {{0}}},
    {OP(MAX_POOL_2D), {X(1, 2, 4, 1)}, {Y4(1, 2, 1, 5, 7)}, 6, {{0, 1}, {1, 2}, {2, 1}, {3, 2}, {4, 2}, {5, 0}}},
    {OP(AVERAGE_POOL_2D), /* same padding: the last window has one column */
     {X(1, 1, 3, 1)},
     {Y4(1, 2, 1, 0.5f, 2)},
     6,
     {{0, 0}, {1, 2}, {2, 1}, {3, 2}, {4, 1}, {5, 0}}},
    {OP(PAD), {X(1, 2), PADS(2, 0, 0, 1, 2)}, {Y2(1, 5, 0, 0, 1, 0, 0)}, 0, {{0}}},
    {OP(PADV2),
     {X(1, 2), PADS(2, 0, 0, 1, 0), {.rank = 1, .dims = {1}, .is_constant = true, .values = {2.5f}}},
     {Y2(1, 3, 2.5f, 0, 1)},
     0,
     {{0}}},
    {OP(MIRROR_PAD), {X(1, 3), PADS(2, 0, 0, 2, 1)}, {Y2(1, 6, 2, 1, 0, 1, 2, 1)}, 1, {{0, 0}}},
    {OP(REDUCE_MAX), {X(1, 2, 3, 1), INTS(1, 2)}, {Y4(2, 1, 1, 2, 5)}, 1, {{0, 1}}},
    {OP(MEAN), {X(1, 2, 3, 1), INTS(2, 1, -2)}, {Y2(1, 1, 2.5f)}, 1, {{0, 0}}},
    {OP(SUM), {X(1, 2, 3, 1), INTS(1, 1)}, {Y2(3, 1, 3, 5, 7)}, 1, {{0, 0}}},
    {OP(RESIZE_NEAREST_NEIGHBOR), {X(1, 1, 3, 1), INTS(2, 1, 6)}, {Y4(1, 6, 1, 0, 0, 1, 1, 2, 2)}, 2, {{0, 0}, {1, 0}}},
    {OP(RESIZE_BILINEAR),
     {X(1, 1, 2, 1), INTS(2, 1, 4)},
     {Y4(1, 4, 1, 0, 0.25f, 0.75f, 1)},
     4,
     {{0, 0}, {1, 0}, {2, 0}, {3, 1}}},
    {OP(RESIZE_BILINEAR),
     {X(1, 1, 2, 1), INTS(2, 1, 3)},
     {Y4(1, 3, 1, 0, 0.5f, 1)},
     4,
     {{0, 0}, {1, 0}, {2, 1}, {3, 0}}},
    {OP(ADD), {X(1, 3), HALVES(3, 0.5f, -2, 0.25f)}, {Y2(1, 3, 0.5f, 0, 2.25f)}, 1, {{0, 1}}},
    {OP(EXPAND_DIMS), {X(1, 3), INTS(1, 1)}, {Y4(1, 1, 3, 0, 1, 2)}, 0, {{0}}},
    {OP(RELU6), {X(1, 8)}, {Y2(1, 8, 0, 1, 2, 3, 4, 5, 6, 6)}, 0, {{0}}},
    {OP(NEG), {X(1, 2)}, {Y2(1, 2, 0, -1)}, 0, {{0}}},
};

static inline uint32_t count_of(const one_tensor *t)
{
    uint32_t count = 1;
    for (uint32_t i = 0; i < t->rank; i++)
        count *= (uint32_t)t->dims[i];
    return count;
}

static inline uint32_t add_tensor(seed_file *f, const one_tensor *t, uint32_t buffer)
{
    const uint32_t at = seed_table(f, 0x7);
    seed_link(f, seed_field(f, at, 0), seed_vector(f, t->dims, t->rank, 4));
    seed_put(f, seed_field(f, at, 1), t->is_whole ? MOTE_TFLITE_I32 : t->is_half ? MOTE_TFLITE_F16 : MOTE_TFLITE_F32);
    seed_put(f, seed_field(f, at, 2), t->is_constant ? buffer : 0);
    return at;
}

static inline uint32_t add_buffer(seed_file *f, const one_tensor *t)
{
    if (!t || !t->is_constant)
        return seed_table(f, 0);
    const uint32_t at = seed_table(f, 1), count = count_of(t);
    int32_t whole[VALUES];
    uint16_t halves[VALUES];
    for (uint32_t i = 0; i < count; i++) {
        whole[i] = (int32_t)t->values[i];
        halves[i] = mote_half_of(t->values[i]);
    }
    const void *values = t->is_whole ? (const void *)whole : t->is_half ? (const void *)halves : t->values;
    const uint32_t data = seed_vector(f, values, (t->is_half ? 2 : 4) * count, 1);
    seed_link(f, seed_field(f, at, 0), data);
    return at;
}

static inline uint32_t add_operator(seed_file *f, const one *o, uint32_t inputs, uint32_t outputs)
{
    static const int32_t numbers[] = {0, 1, 2, 3, 4, 5};
    const uint32_t at = seed_table(f, o->option_count ? 0x17 : 7);
    uint32_t fields = 0;
    for (uint32_t i = 0; i < o->option_count; i++)
        fields |= 1u << o->options[i].field;
    seed_put(f, seed_field(f, at, 0), 0);
    seed_ints(f, at, 1, numbers, inputs);
    seed_ints(f, at, 2, numbers + inputs, outputs);
    if (!o->option_count)
        return at;
    const uint32_t options = seed_table(f, fields);
    seed_link(f, seed_field(f, at, 4), options);
    for (uint32_t i = 0; i < o->option_count; i++)
        seed_put(f, seed_field(f, options, o->options[i].field), (uint32_t)o->options[i].value);
    return at;
}

static inline uint32_t inputs_of(const one *o)
{
    uint32_t inputs = 0;
    while (inputs < OPERANDS && o->in[inputs].rank)
        inputs++;
    return inputs;
}

static inline uint32_t outputs_of(const one *o)
{
    return o->out[1].rank ? 2 : 1;
}

static inline void write_one(seed_file *f, const one *o)
{
    const uint32_t inputs = inputs_of(o), outputs = outputs_of(o);
    static const int32_t numbers[] = {0, 1, 2, 3, 4, 5};
    int32_t x = 0;
    *f = (seed_file){.size = 8};
    memcpy(f->data + 4, "TFL3", 4);
    const uint32_t model = seed_table(f, 0x17);
    seed_put(f, 0, model);
    seed_put(f, seed_field(f, model, 0), 3);
    const uint32_t codes = seed_vector(f, NULL, 1, 4), graphs = seed_vector(f, NULL, 1, 4);
    seed_link(f, seed_field(f, model, 1), codes);
    seed_link(f, seed_field(f, model, 2), graphs);
    const uint32_t code = seed_table(f, 8), graph = seed_table(f, 0xf);
    seed_link(f, codes + 4, code);
    seed_link(f, graphs + 4, graph);
    seed_put(f, seed_field(f, code, 3), (uint32_t)o->code);
    while (o->in[x].is_constant)
        x++;
    seed_ints(f, graph, 1, &x, 1);
    seed_ints(f, graph, 2, numbers + inputs, outputs);
    const uint32_t tensors = seed_vector(f, NULL, inputs + outputs, 4);
    seed_link(f, seed_field(f, graph, 0), tensors);
    for (uint32_t i = 0; i < inputs + outputs; i++)
        seed_link(f, tensors + 4 + 4 * i, add_tensor(f, i < inputs ? &o->in[i] : &o->out[i - inputs], i + 1));
    const uint32_t operators = seed_vector(f, NULL, 1, 4);
    seed_link(f, seed_field(f, graph, 3), operators);
    seed_link(f, operators + 4, add_operator(f, o, inputs, outputs));
    const uint32_t buffers = seed_vector(f, NULL, inputs + 1, 4);
    seed_link(f, seed_field(f, model, 4), buffers);
    for (uint32_t i = 0; i <= inputs; i++)
        seed_link(f, buffers + 4 + 4 * i, add_buffer(f, i ? &o->in[i - 1] : NULL));
}

#endif
