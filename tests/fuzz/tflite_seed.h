/* Writes a small TensorFlow Lite file: convolution, mean, fully connected, softmax. */
#ifndef MOTE_TESTS_TFLITE_SEED_H
#define MOTE_TESTS_TFLITE_SEED_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "compiler/import/tflite_model.h"

enum { TFLITE_SEED = 4096, TFLITE_TENSORS = 11, TFLITE_OPERATORS = 4, TFLITE_BUFFERS = 9 };

typedef struct seed_file {
    uint8_t data[TFLITE_SEED];
    uint32_t size, tensors, operators; /* places of the lists */
} seed_file;

static inline void seed_put(seed_file *f, uint32_t at, uint32_t value)
{
    memcpy(f->data + at, &value, 4);
}

static inline uint32_t seed_room(seed_file *f, uint32_t width)
{
    const uint32_t at = (f->size + 7) & ~7u;
    f->size = at + width;
    return at;
}

/* Adds a table with the fields whose bits are set, four bytes each. */
static inline uint32_t seed_table(seed_file *f, uint32_t fields)
{
    uint16_t list[18] = {0}, count = 0, used = 4;
    for (uint16_t i = 0; i < 16; i++)
        if (fields >> i & 1) {
            list[2 + i] = used;
            used = (uint16_t)(used + 4);
            count = (uint16_t)(i + 1);
        }
    list[0] = (uint16_t)(4 + 2 * count);
    list[1] = used;
    const uint32_t vtable = seed_room(f, list[0]), at = seed_room(f, used);
    memcpy(f->data + vtable, list, list[0]);
    seed_put(f, at, at - vtable);
    return at;
}

/* Returns the place of a field that a table has. */
static inline uint32_t seed_field(const seed_file *f, uint32_t table, uint32_t field)
{
    uint32_t distance;
    uint16_t offset;
    memcpy(&distance, f->data + table, 4);
    memcpy(&offset, f->data + table - distance + 4 + 2 * field, 2);
    return table + offset;
}

static inline void seed_link(seed_file *f, uint32_t at, uint32_t to)
{
    seed_put(f, at, to - at);
}

static inline uint32_t seed_vector(seed_file *f, const void *data, uint32_t count, uint32_t width)
{
    const uint32_t at = seed_room(f, 4 + count * width);
    seed_put(f, at, count);
    if (data)
        memcpy(f->data + at + 4, data, count * width);
    return at;
}

static inline void seed_ints(seed_file *f, uint32_t table, uint32_t field, const int32_t *values, uint32_t count)
{
    seed_link(f, seed_field(f, table, field), seed_vector(f, values, count, 4));
}

typedef struct seed_tensor {
    uint32_t rank;
    int32_t dims[4];
    int type;       /* of an integer file; MOTE_TFLITE_F32 in a float one, but for int32 */
    uint32_t width; /* of its constant values per element; 0: no constant */
    float scale;
    int64_t zero_point;
} seed_tensor;

/* 0 x, 1 convolution weights, 2 bias, 3 y, 4 axes, 5 mean, 6 weights, 7 bias, 8 scores, 9 result, 10 unused */
static const seed_tensor seed_tensors[TFLITE_TENSORS] = {
    {4, {1, 4, 5, 2}, MOTE_TFLITE_I8, 0, 0.5f, 3},
    {4, {3, 2, 2, 2}, MOTE_TFLITE_I8, 1, 0.25f, 0},
    {1, {3}, MOTE_TFLITE_I32, 4, 0.125f, 0},
    {4, {1, 2, 4, 3}, MOTE_TFLITE_I8, 0, 1, -5},
    {1, {2}, MOTE_TFLITE_I32, 4, 0, 0},
    {2, {1, 3}, MOTE_TFLITE_I8, 0, 0.75f, 7},
    {2, {2, 3}, MOTE_TFLITE_I8, 1, 0.5f, 0},
    {1, {2}, MOTE_TFLITE_I32, 4, 0.375f, 0},
    {2, {1, 2}, MOTE_TFLITE_I8, 0, 0.3f, 1},
    {2, {1, 2}, MOTE_TFLITE_I8, 0, 1 / 256.0f, -128},
    {1, {1}, MOTE_TFLITE_I8, 0, 0, 0},
};

static inline uint32_t seed_add_tensor(seed_file *f, int index, bool is_float)
{
    const seed_tensor *t = &seed_tensors[index];
    const char name[] = {(char)('a' + index), 0};
    const uint32_t at = seed_table(f, 0x1f);
    const bool stays = index == 4; /* axes */
    seed_link(f, seed_field(f, at, 0), seed_vector(f, t->dims, t->rank, 4));
    seed_put(f, seed_field(f, at, 1), is_float && !stays ? MOTE_TFLITE_F32 : (uint32_t)t->type);
    seed_put(f, seed_field(f, at, 2), t->width ? (uint32_t)index + 1 : 0);
    seed_link(f, seed_field(f, at, 3), seed_vector(f, name, 1, 1));
    const uint32_t quantization = seed_table(f, 0x0c);
    seed_link(f, seed_field(f, at, 4), quantization);
    seed_link(f, seed_field(f, quantization, 2), seed_vector(f, &t->scale, t->scale > 0 && !is_float, 4));
    seed_link(f, seed_field(f, quantization, 3), seed_vector(f, &t->zero_point, t->scale > 0 && !is_float, 8));
    return at;
}

static inline uint32_t seed_add_buffer(seed_file *f, int index, bool is_float)
{
    static const int32_t axes[] = {1, 2};
    const seed_tensor *t = index < 0 ? NULL : &seed_tensors[index];
    if (!t || !t->width)
        return seed_table(f, 0);
    uint32_t count = 1;
    for (uint32_t i = 0; i < t->rank; i++)
        count *= (uint32_t)t->dims[i];
    const uint32_t at = seed_table(f, 1), width = is_float ? 4 : t->width;
    const uint32_t data = seed_vector(f, index == 4 ? axes : NULL, count * width, 1);
    for (uint32_t i = 0; i < count && index != 4; i++) {
        const float real = 0.25f * (float)((i * 7 + 3) % 11) - 1;
        const int32_t whole = (int32_t)((i * 29 + 5) % 200) - 100;
        memcpy(f->data + data + 4 + i * width, is_float ? (const void *)&real : &whole, width);
    }
    seed_link(f, seed_field(f, at, 0), data);
    return at;
}

static inline uint32_t seed_add_operator(seed_file *f, int index)
{
    static const int32_t inputs[TFLITE_OPERATORS][3] = {{0, 1, 2}, {3, 4}, {5, 6, 7}, {8}};
    static const int32_t outputs[TFLITE_OPERATORS] = {3, 5, 8, 9};
    static const uint32_t counts[TFLITE_OPERATORS] = {3, 2, 3, 1};
    const float beta = 1;
    const uint32_t at = seed_table(f, 0x17);
    seed_put(f, seed_field(f, at, 0), (uint32_t)index);
    seed_ints(f, at, 1, inputs[index], counts[index]);
    seed_ints(f, at, 2, &outputs[index], 1);
    const uint32_t options = seed_table(f, index == 0 ? 0xf : 1);
    seed_link(f, seed_field(f, at, 4), options);
    if (index == 0) /* valid padding, two columns and two rows at a time, relu */
        for (uint32_t i = 0; i < 4; i++)
            seed_put(f, seed_field(f, options, i), i == 1 || i == 2 ? 2 - (i == 1) : 1);
    if (index == 3)
        memcpy(f->data + seed_field(f, options, 0), &beta, 4);
    return at;
}

static inline void seed_tflite(seed_file *f, bool is_float)
{
    static const uint32_t codes[TFLITE_OPERATORS] = {MOTE_TFLITE_OP_CONV_2D, MOTE_TFLITE_OP_MEAN,
                                                     MOTE_TFLITE_OP_FULLY_CONNECTED, MOTE_TFLITE_OP_SOFTMAX};
    *f = (seed_file){.size = 8};
    memcpy(f->data + 4, "TFL3", 4);
    const uint32_t model = seed_table(f, 0x17);
    seed_put(f, 0, model);
    seed_put(f, seed_field(f, model, 0), 3);
    const uint32_t code_list = seed_vector(f, NULL, TFLITE_OPERATORS, 4);
    seed_link(f, seed_field(f, model, 1), code_list);
    for (uint32_t i = 0; i < TFLITE_OPERATORS; i++) {
        const uint32_t code = seed_table(f, 0x9);
        seed_put(f, seed_field(f, code, 0), codes[i]);
        seed_put(f, seed_field(f, code, 3), codes[i]);
        seed_link(f, code_list + 4 + 4 * i, code);
    }
    const uint32_t graphs = seed_vector(f, NULL, 1, 4), graph = seed_table(f, 0xf);
    seed_link(f, seed_field(f, model, 2), graphs);
    seed_link(f, graphs + 4, graph);
    seed_ints(f, graph, 1, (const int32_t[]){0}, 1);
    seed_ints(f, graph, 2, (const int32_t[]){9}, 1);
    f->tensors = seed_vector(f, NULL, TFLITE_TENSORS, 4);
    seed_link(f, seed_field(f, graph, 0), f->tensors);
    for (int i = 0; i < TFLITE_TENSORS; i++)
        seed_link(f, f->tensors + 4 + 4 * (uint32_t)i, seed_add_tensor(f, i, is_float));
    f->operators = seed_vector(f, NULL, TFLITE_OPERATORS, 4);
    seed_link(f, seed_field(f, graph, 3), f->operators);
    for (int i = 0; i < TFLITE_OPERATORS; i++)
        seed_link(f, f->operators + 4 + 4 * (uint32_t)i, seed_add_operator(f, i));
    const uint32_t buffers = seed_vector(f, NULL, TFLITE_BUFFERS, 4);
    seed_link(f, seed_field(f, model, 4), buffers);
    for (int i = 0; i < TFLITE_BUFFERS; i++)
        seed_link(f, buffers + 4 + 4 * (uint32_t)i, seed_add_buffer(f, i - 1, is_float));
}

/* Returns what the offset at `at` points to. */
static inline uint32_t seed_follow(const seed_file *f, uint32_t at)
{
    uint32_t offset;
    memcpy(&offset, f->data + at, 4);
    return at + offset;
}

/* Returns the place of the index-th table of a list. */
static inline uint32_t seed_element(const seed_file *f, uint32_t list, uint32_t index)
{
    return seed_follow(f, list + 4 + 4 * index);
}

#endif
