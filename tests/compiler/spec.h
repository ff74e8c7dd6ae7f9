/* A second implementation of docs/SPEC.md, written only from that text. It decodes bytes by hand and computes in 64-bit
 * integers and doubles. */
#ifndef MOTE_TESTS_SPEC_H
#define MOTE_TESTS_SPEC_H

#include "tests/compiler/packed.h"

#include <math.h>

typedef struct reader {
    const uint8_t *file;
    uint8_t *arena, *state;
    uint32_t position;
} reader;

static inline uint32_t u16_at(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static inline uint32_t u32_at(const uint8_t *p)
{
    return u16_at(p) | u16_at(p + 2) << 16;
}

static inline int64_t signed_at(const uint8_t *p, int bytes)
{
    return bytes == 1 ? (int8_t)p[0] : bytes == 2 ? (int16_t)u16_at(p) : (int32_t)u32_at(p);
}

static inline const uint8_t *tensor(const reader *r, uint32_t index)
{
    assert_true(index < u32_at(r->file + 20));
    return r->file + u32_at(r->file + 24) + 64 * (size_t)index;
}

static inline uint32_t dtype_of(const reader *r, uint32_t index)
{
    return tensor(r, index)[4];
}

static inline uint32_t role_of(const reader *r, uint32_t index)
{
    return tensor(r, index)[5];
}

static inline uint32_t dim(const reader *r, uint32_t index, uint32_t axis)
{
    return u32_at(tensor(r, index) + 8 + 4 * (size_t)axis);
}

static inline uint32_t size_of(const reader *r, uint32_t index)
{
    return u32_at(tensor(r, index) + 40);
}

static inline uint8_t *place(const reader *r, uint32_t index)
{
    const uint32_t offset = u32_at(tensor(r, index) + 36), role = role_of(r, index);
    return role == 0 ? (uint8_t *)(uintptr_t)(r->file + offset) : role == 4 ? r->state + offset : r->arena + offset;
}

static inline uint8_t *row_at(const reader *r, uint32_t index, uint32_t row)
{
    return place(r, index) + (size_t)row * u32_at(tensor(r, index) + 32);
}

static inline int bytes_of(uint32_t dtype)
{
    return dtype == 3 || dtype == 12 ? 1 : dtype == 1 ? 4 : 2;
}

static inline int64_t get(const reader *r, uint32_t index, uint32_t i)
{
    const int bytes = bytes_of(dtype_of(r, index));
    return signed_at(place(r, index) + (size_t)i * (size_t)bytes, bytes);
}

static inline void set(const reader *r, uint32_t index, uint32_t i, int64_t value)
{
    const int bytes = bytes_of(dtype_of(r, index));
    uint8_t *p = place(r, index) + (size_t)i * (size_t)bytes;
    for (int b = 0; b < bytes; b++)
        p[b] = (uint8_t)((uint64_t)value >> (8 * b));
}

/* Returns the code of column `c` in a row whose groups of 128 / bits columns have 16 bytes. */
static inline int code_at(const uint8_t *row, uint32_t bits, uint32_t c)
{
    const uint32_t group = 128 / bits;
    return row[c / group * 16 + c % 16] >> (bits * (c % group / 16)) & ((1 << bits) - 1);
}

/* Returns a weight of layout rows; an f16 as its bits. */
static inline int64_t weight(const reader *r, uint32_t index, uint32_t row, uint32_t column)
{
    const uint32_t columns = dim(r, index, 1), dtype = dtype_of(r, index);
    const uint8_t *p = row_at(r, index, row);
    assert_int_equal(tensor(r, index)[7], 0);
    switch (dtype) {
    case 2:
        return signed_at(p + 2 * (size_t)column, 2);
    case 3:
        return (int8_t)p[column];
    case 5:
        return code_at(p, 2, column) - 1;
    case 6: {
        int byte = p[column / 5];
        for (uint32_t k = 0; k < column % 5; k++)
            byte /= 3;
        return byte % 3 - 1;
    }
    case 7:
        return code_at(p, 4, column) - 8;
    case 8:
        return 2 * code_at(p, 1, column) - 1;
    case 9:
    case 10: {
        const int above = code_at(p + (columns + 31) / 32 * 16, dtype == 9 ? 1 : 2, column);
        return code_at(p, 4, column) + 16 * above - (dtype == 9 ? 16 : 32);
    }
    case 11:
        return u16_at(p + 2 * (size_t)column);
    }
    fail_msg("there are no weights of type %u", dtype);
    return 0;
}

static inline int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static inline int64_t clamp(int64_t v, int64_t low, int64_t high)
{
    return v < low ? low : v > high ? high : v;
}

static inline int64_t clamp16(int64_t v)
{
    return clamp(v, -32768, 32767);
}

static inline int64_t clamp8(int64_t v)
{
    return clamp(v, -127, 127);
}

static inline int64_t power_of_2(int64_t n)
{
    return (int64_t)1 << n;
}

static inline int64_t rounded(int64_t v, int64_t n)
{
    return floor_div(2 * v + power_of_2(n), power_of_2(n + 1));
}

/* Returns the integer that a product uses for a half. */
static inline int64_t fixed_half(uint32_t bits, int64_t fraction)
{
    const double mantissa = bits >> 10 & 31 ? 1 + (bits & 1023) / 1024.0 : (bits & 1023) / 512.0;
    const double value = ldexp(mantissa, (int)(bits >> 10 & 31) - 15 + (int)fraction);
    const int64_t whole = value >= 32767 ? 32767 : (int64_t)floor(value + 0.5);
    return bits & 0x8000 ? -whole : whole;
}

/* An operator record with its operands and parameters from the pools. */
typedef struct operation {
    uint32_t opcode, inputs[8], outputs[2];
    int64_t params[5];
} operation;

static inline operation operation_at(const reader *r, uint32_t index)
{
    const uint8_t *record = r->file + u32_at(r->file + 32) + 16 * (size_t)index;
    const uint8_t *operands = r->file + u32_at(r->file + 40) + 2 * (size_t)u32_at(record + 4);
    const uint8_t *params = r->file + u32_at(r->file + 48) + 4 * (size_t)u32_at(record + 8);
    operation op = {.opcode = record[0]};
    assert_true(record[1] <= 8 && record[2] <= 2 && record[3] <= 5);
    assert_true(u32_at(record + 4) + record[1] + record[2] <= u32_at(r->file + 36));
    assert_true(u32_at(record + 8) + record[3] <= u32_at(r->file + 44));
    for (uint32_t i = 0; i < record[1]; i++, operands += 2)
        op.inputs[i] = u16_at(operands);
    for (uint32_t i = 0; i < record[2]; i++, operands += 2)
        op.outputs[i] = u16_at(operands);
    for (uint32_t i = 0; i < record[3]; i++, params += 4)
        op.params[i] = signed_at(params, 4);
    return op;
}

enum { ABSENT = 65535 };

/* Operands and parameters in the order of the table of operators in docs/SPEC.md. */
enum { IDS, TABLE, TABLE_MULTIPLIER };
enum { X, WEIGHTS, BIAS, MULTIPLIER, GROUPS };
enum { GATES, STATE = 4, STATE8, STATE_GROUPS };
enum { A, B };
enum { GAIN = 1, NORM_BIAS };
enum { Q, K, V, ANGLES, KEYS, KEY_SCALES, VALUES, VALUE_SCALES };
enum { Y, SCRATCH };
enum { SHIFT, PRODUCT_GAIN, GROUP, EXPONENT, FRACTION };
enum { STEP, STEP_SHIFT };
enum { EPSILON, FORM, NORM_SHIFT };
enum { UNIT, TANH_SHIFT };
enum { HEADS, KV_HEADS, SCORE, SCORE_SHIFT };

static inline void rescale(const reader *r, const operation *op, uint32_t x, uint32_t y)
{
    const uint8_t *scale = place(r, x) + (dim(r, x, 0) + 15) / 16 * 16;
    const int64_t mantissa = clamp(signed_at(scale, 4), 0, 32767), exponent = clamp(signed_at(scale + 4, 4), -64, 64);
    for (uint32_t i = 0; i < dim(r, y, 0); i++)
        set(r, y, i, clamp16(rounded(get(r, y, i) * mantissa, clamp(op->params[EXPONENT] - exponent, 0, 31))));
}

static inline void product(const reader *r, const operation *op, uint32_t x, uint32_t y, uint32_t groups)
{
    const uint32_t w = op->inputs[WEIGHTS], bias = op->inputs[BIAS], multiplier = op->inputs[MULTIPLIER];
    const int64_t s = op->params[SHIFT], k = op->params[PRODUCT_GAIN], group = op->params[GROUP];
    for (uint32_t row = 0; row < dim(r, w, 0); row++) {
        int64_t acc = bias == ABSENT ? 0 : get(r, bias, row);
        for (uint32_t c = 0; c < dim(r, w, 1); c++) {
            const int64_t factor = groups == ABSENT ? 1 : weight(r, groups, row, c / (uint32_t)group);
            const int64_t v = weight(r, w, row, c);
            acc += factor * (dtype_of(r, w) == 11 ? fixed_half((uint32_t)v, op->params[FRACTION]) : v) * get(r, x, c);
        }
        const int64_t t = clamp16(s >= 0 ? floor_div(acc, power_of_2(s)) : acc * power_of_2(-s));
        const int64_t u = multiplier == ABSENT ? t : floor_div(t * get(r, multiplier, row), 32768);
        if (dtype_of(r, y) == 2)
            set(r, y, row, clamp16(u * power_of_2(k)));
        else
            set(r, y, row, clamp8(floor_div(clamp16(u + power_of_2(k) / 2), power_of_2(k))));
    }
    if (dtype_of(r, x) == 12)
        rescale(r, op, x, y);
}

static inline int64_t table(int64_t i)
{
    static int64_t entries[129];
    if (!entries[i])
        entries[i] = (int64_t)floor(32768 / (1 + exp((double)-i / 16)) + 0.5);
    return entries[i];
}

static inline int64_t sigmoid(int64_t x)
{
    const int64_t m = clamp(x < 0 ? -x : x, 0, 8191);
    const int64_t y = table(m / 64) + floor_div((table(m / 64 + 1) - table(m / 64)) * (m % 64), 64);
    return x >= 0 ? y : 32768 - y;
}

static inline void embedding(const reader *r, const operation *op)
{
    const uint32_t ids = op->inputs[IDS], w = op->inputs[TABLE], multiplier = op->inputs[TABLE_MULTIPLIER];
    const uint32_t y = op->outputs[Y], n = dim(r, w, 0);
    uint32_t row = r->position < n ? r->position : n - 1;
    if (ids != ABSENT)
        row = u16_at(place(r, ids)) < n ? u16_at(place(r, ids)) : 0;
    for (uint32_t c = 0; c < dim(r, w, 1); c++) {
        const int64_t v = weight(r, w, row, c) * (multiplier == ABSENT ? 1 : get(r, multiplier, row));
        set(r, y, c,
            dtype_of(r, y) == 2    ? clamp16(rounded(v, op->params[SHIFT]))
            : multiplier == ABSENT ? v
                                   : clamp8(v));
    }
}

static inline void gru(const reader *r, const operation *op)
{
    const uint32_t g = op->inputs[GATES], h = op->inputs[STATE], h8 = op->inputs[STATE8], s = op->outputs[SCRATCH];
    const uint32_t d = dim(r, h, 0);
    assert_int_equal(op->outputs[Y], h8);
    product(r, op, h8, s, op->inputs[STATE_GROUPS]);
    for (uint32_t i = 0; i < d; i++) {
        const int64_t reset = sigmoid(clamp16(get(r, g, i) + get(r, s, i)));
        const int64_t z = sigmoid(clamp16(get(r, g, d + i) + get(r, s, d + i)));
        const int64_t a = clamp16(get(r, g, 2 * d + i) + floor_div(reset * get(r, s, 2 * d + i), 32768));
        const int64_t n = sigmoid(2 * a) - 16384;
        const int64_t next = n + floor_div(z * (get(r, h, i) - n), 32768);
        set(r, h, i, next);
        set(r, h8, i, clamp8(floor_div(next + 64, 128)));
    }
}

static inline void add_or_mul(const reader *r, const operation *op, bool add)
{
    const uint32_t y = op->outputs[Y];
    for (uint32_t i = 0; i < dim(r, y, 0); i++) {
        const int64_t a = get(r, op->inputs[A], i), b = get(r, op->inputs[B], i);
        if (!add)
            set(r, y, i, clamp16(rounded(a * b, op->params[SHIFT])));
        else
            set(r, y, i, dtype_of(r, y) == 3 ? clamp8(a + b) : clamp16(a + b));
    }
}

static inline void quantize(const reader *r, const operation *op)
{
    const uint32_t x = op->inputs[X], y = op->outputs[Y], d = dim(r, x, 0);
    int64_t step = op->params[STEP], shift = op->params[STEP_SHIFT], largest = 1, e = 0;
    if (dtype_of(r, y) == 12) {
        for (uint32_t i = 0; i < d; i++)
            largest = clamp(llabs(get(r, x, i)), largest, 32767);
        while (largest * power_of_2(e + 1) < 32768)
            e++;
        largest *= power_of_2(e);
        step = 127 * power_of_2(22) / largest;
        shift = 22 - e;
        int64_t mantissa = (largest * 128 + 63) / 127, exponent = -7 - e;
        if (mantissa >= 32768)
            mantissa /= 2, exponent++;
        uint8_t *scale = place(r, y) + (d + 15) / 16 * 16;
        for (int b = 0; b < 4; b++) {
            scale[b] = (uint8_t)((uint64_t)mantissa >> (8 * b));
            scale[4 + b] = (uint8_t)((uint64_t)exponent >> (8 * b));
        }
    }
    for (uint32_t i = 0; i < d; i++)
        set(r, y, i, clamp8(rounded(get(r, x, i) * step, shift)));
}

/* Returns the largest integer whose square is at most v. */
static inline int64_t root_of(int64_t v)
{
    int64_t root = (int64_t)sqrt((double)v);
    while (root * root > v)
        root--;
    while ((root + 1) * (root + 1) <= v)
        root++;
    return root;
}

static inline void norm(const reader *r, const operation *op, bool centred)
{
    const uint32_t x = op->inputs[X], y = op->outputs[Y], d = dim(r, x, 0);
    int64_t sum = d / 2, n = op->params[EPSILON] * d, a = 0;
    for (uint32_t i = 0; i < d; i++)
        sum += get(r, x, i);
    const int64_t mean = centred ? floor_div(sum, d) : 0;
    for (uint32_t i = 0; i < d; i++) {
        const int64_t c = clamp16(get(r, x, i) - mean);
        n += c * c;
    }
    for (; n < d * power_of_2(30); a++)
        n *= 4;
    const int64_t root = root_of(n / d), inverse = clamp((power_of_2(30) + root / 2) / root, 0, 32767);
    for (uint32_t i = 0; i < d; i++) {
        const int64_t form = clamp16(rounded(clamp16(get(r, x, i) - mean) * inverse, 30 - a - op->params[FORM]));
        const int64_t bias = centred ? get(r, op->inputs[NORM_BIAS], i) : 0;
        set(r, y, i, clamp16(rounded(form * get(r, op->inputs[GAIN], i), op->params[NORM_SHIFT]) + bias));
    }
}

static inline int64_t normal(int64_t a)
{
    const int64_t m = llabs(a);
    const int64_t low = (int64_t)floor(32768 * (0.5 + 0.5 * erf((double)(m / 32) / 32 / sqrt(2.0))) + 0.5);
    const int64_t high = (int64_t)floor(32768 * (0.5 + 0.5 * erf((double)(m / 32 + 1) / 32 / sqrt(2.0))) + 0.5);
    const int64_t y = low + floor_div((high - low) * (m % 32), 32);
    return a >= 0 ? y : 32768 - y;
}

static inline void curve(const reader *r, const operation *op, int64_t (*factor)(int64_t), int64_t end)
{
    const int64_t k = op->params[UNIT];
    for (uint32_t i = 0; i < dim(r, op->outputs[Y], 0); i++) {
        const int64_t x = get(r, op->inputs[X], i);
        const int64_t a = k < 10 ? clamp16(x * power_of_2(10 - k)) : floor_div(x, power_of_2(k - 10));
        const int64_t f = llabs(a) < end ? factor(a) : a > 0 ? 32768 : 0;
        set(r, op->outputs[Y], i, clamp16(rounded(x * f, 15)));
    }
}

static inline void hyperbolic(const reader *r, const operation *op)
{
    const int64_t k = op->params[UNIT];
    for (uint32_t i = 0; i < dim(r, op->outputs[Y], 0); i++) {
        const int64_t x = get(r, op->inputs[X], i);
        const int64_t a = k < 10 ? x * power_of_2(10 - k) : floor_div(x, power_of_2(k - 10));
        set(r, op->outputs[Y], i, rounded(sigmoid(2 * a) - 16384, op->params[TANH_SHIFT]));
    }
}

static inline int64_t quarter(int64_t i)
{
    return clamp((int64_t)floor(32768 * sin(acos(-1.0) / 2 * (double)i / 128) + 0.5), 0, 32767);
}

static inline int64_t sine(int64_t phase)
{
    int64_t x = phase % power_of_2(30);
    if (phase / power_of_2(30) % 2)
        x = power_of_2(30) - x;
    const int64_t i = x / power_of_2(23), g = x / power_of_2(7) % power_of_2(16);
    const int64_t y = quarter(i) + rounded((quarter(i + 1) - quarter(i)) * g, 16);
    return phase / power_of_2(31) % 2 ? -y : y;
}

/* Writes vector `from` to `to`, with every pair rotated. */
static inline void turn(const reader *r, uint32_t from, uint32_t angles, uint32_t width, int64_t *to)
{
    for (uint32_t i = 0; i < dim(r, from, 0); i++)
        to[i] = get(r, from, i);
    for (uint32_t i = 0; angles != ABSENT && i < dim(r, from, 0); i += 2) {
        const int64_t angle = (int64_t)(uint32_t)get(r, angles, i % width / 2);
        const int64_t phase = (int64_t)((uint64_t)angle * r->position % (uint64_t)power_of_2(32));
        const int64_t s = sine(phase), c = sine((phase + power_of_2(30)) % power_of_2(32)), a = to[i], b = to[i + 1];
        to[i] = clamp16(rounded(a * c - b * s, 15));
        to[i + 1] = clamp16(rounded(a * s + b * c, 15));
    }
}

typedef struct head_scale {
    int64_t e, sixteenths;
} head_scale;

static inline head_scale scale_at(const reader *r, uint32_t scales, uint32_t index)
{
    if (scales == ABSENT)
        return (head_scale){0, 16};
    const int64_t c = clamp(place(r, scales)[index], 0, 0x81);
    return (head_scale){c / 16, 16 + c % 16};
}

static inline void store(const reader *r, uint32_t cache, uint32_t scales, uint32_t slot, uint32_t heads,
                         const int64_t *x)
{
    const uint32_t width = dim(r, cache, 1) / heads;
    for (uint32_t head = 0; head < heads; head++, x += width) {
        int64_t largest = 0, e = 0, f = 0;
        for (uint32_t i = 0; i < width; i++)
            largest = clamp(llabs(x[i]), largest, 32768);
        while (127 * 31 * power_of_2(e) < 16 * largest)
            e++;
        while (127 * (16 + f) * power_of_2(e) < 16 * largest)
            f++;
        for (uint32_t i = 0; i < width; i++) {
            const uint32_t at = (slot * heads + head) * width + i;
            set(r, cache, at, scales == ABSENT ? x[i] : clamp8(rounded(x[i] * (power_of_2(19) / (16 + f)), 15 + e)));
        }
        if (scales != ABSENT)
            place(r, scales)[slot * heads + head] = (uint8_t)(16 * e + f);
    }
}

static inline int64_t softmax_weight(int64_t distance)
{
    const int64_t x = floor_div(distance * 47274, 256), i = x / 2048 % 32, g = x % 2048;
    if (x >= power_of_2(20))
        return 0;
    const int64_t low = (int64_t)floor(32768 * pow(2, -(double)i / 32) + 0.5);
    const int64_t high = (int64_t)floor(32768 * pow(2, -(double)(i + 1) / 32) + 0.5);
    return (2048 * low - (low - high) * g) / 2048 / power_of_2(x / 65536);
}

static inline void softmax(int64_t *scores, uint32_t count)
{
    int64_t best = -32768, sum = 0, n = 0;
    for (uint32_t t = 0; t < count; t++)
        best = clamp(scores[t], best, 32767);
    for (uint32_t t = 0; t < count; t++)
        sum += scores[t] = softmax_weight(best - scores[t]);
    while (sum / power_of_2(n) >= 65536)
        n++;
    for (uint32_t t = 0; t < count; t++)
        scores[t] = clamp(rounded(scores[t] * (power_of_2(31) / (sum / power_of_2(n))), 16 + n), 0, 32767);
}

static inline void one_head(const reader *r, const operation *op, const int64_t *q, uint32_t head, uint32_t width,
                            uint32_t count)
{
    const uint32_t heads = (uint32_t)op->params[HEADS], kv_heads = (uint32_t)op->params[KV_HEADS],
                   kv = head * kv_heads / heads;
    int64_t *scores = calloc(count, sizeof *scores);
    assert_non_null(scores);
    for (uint32_t t = 0; t < count; t++) {
        const head_scale s = scale_at(r, op->inputs[KEY_SCALES], t * kv_heads + kv);
        for (uint32_t i = 0; i < width; i++)
            scores[t] += q[i] * get(r, op->inputs[KEYS], (t * kv_heads + kv) * width + i);
        scores[t] = clamp16(floor_div(scores[t], power_of_2(op->params[SCORE_SHIFT] - s.e)));
        scores[t] = clamp16(floor_div(floor_div(scores[t] * s.sixteenths, 16) * op->params[SCORE], 32768));
    }
    softmax(scores, count);
    for (uint32_t i = 0; i < width; i++) {
        int64_t sum = 0;
        for (uint32_t t = 0; t < count; t++) {
            const head_scale s = scale_at(r, op->inputs[VALUE_SCALES], t * kv_heads + kv);
            sum += rounded(scores[t] * s.sixteenths * power_of_2(s.e), 4) *
                   get(r, op->inputs[VALUES], (t * kv_heads + kv) * width + i);
        }
        set(r, op->outputs[Y], head * width + i, clamp16(rounded(sum, 15)));
    }
    free(scores);
}

static inline void attention(const reader *r, const operation *op)
{
    const uint32_t q = op->inputs[Q], k = op->inputs[K], v = op->inputs[V], angles = op->inputs[ANGLES];
    const uint32_t heads = (uint32_t)op->params[HEADS], kv_heads = (uint32_t)op->params[KV_HEADS],
                   width = dim(r, q, 0) / heads;
    const uint32_t context = dim(r, op->inputs[KEYS], 0), slot = r->position % context;
    const uint32_t count = r->position + 1 < context ? r->position + 1 : context;
    int64_t *turned = calloc(dim(r, q, 0), sizeof *turned);
    assert_non_null(turned);
    turn(r, k, angles, width, turned);
    store(r, op->inputs[KEYS], op->inputs[KEY_SCALES], slot, kv_heads, turned);
    turn(r, v, ABSENT, width, turned);
    store(r, op->inputs[VALUES], op->inputs[VALUE_SCALES], slot, kv_heads, turned);
    turn(r, q, angles, width, turned);
    for (uint32_t head = 0; head < heads; head++)
        one_head(r, op, turned + head * width, head, width, count);
    free(turned);
}

static inline uint32_t crc32_of(uint32_t crc, const uint8_t *p, size_t size)
{
    crc = ~crc;
    for (size_t i = 0; i < 8 * size; i++) {
        const uint32_t bit = (crc ^ (uint32_t)p[i / 8] >> (i % 8)) & 1;
        crc = crc >> 1 ^ (bit ? 0xedb88320u : 0);
    }
    return ~crc;
}

/* Returns the i-th tensor with this role, or ABSENT after the last. */
static inline uint32_t with_role(const reader *r, uint32_t role, uint32_t i)
{
    for (uint32_t t = 0; t < u32_at(r->file + 20); t++)
        if (role_of(r, t) == role && i-- == 0)
            return t;
    return ABSENT;
}

static inline uint32_t only_tensor_with_role(const reader *r, uint32_t role)
{
    assert_int_not_equal(with_role(r, role, 0), ABSENT);
    assert_int_equal(with_role(r, role, 1), ABSENT);
    return with_role(r, role, 0);
}

static inline void execute(const reader *r, const operation *op)
{
    switch (op->opcode) {
    case 0:
        embedding(r, op);
        break;
    case 1:
        product(r, op, op->inputs[X], op->outputs[Y], op->inputs[GROUPS]);
        break;
    case 2:
        gru(r, op);
        break;
    case 3:
    case 4:
        add_or_mul(r, op, op->opcode == 3);
        break;
    case 5:
        quantize(r, op);
        break;
    case 6:
    case 7:
        norm(r, op, op->opcode == 7);
        break;
    case 8:
        curve(r, op, sigmoid, 8192);
        break;
    case 9:
        curve(r, op, normal, 4096);
        break;
    case 10:
        attention(r, op);
        break;
    case 11:
        hyperbolic(r, op);
        break;
    default:
        fail_msg("there is no operator %u", op->opcode);
    }
}

static inline void run_once(reader *r)
{
    for (uint32_t i = 0; i < u32_at(r->file + 28); i++) {
        const operation op = operation_at(r, i);
        execute(r, &op);
    }
    r->position++;
}

static inline void step(reader *r, uint32_t ids, uint32_t token)
{
    set(r, ids, 0, token);
    run_once(r);
}

/* Opens a reader with a zeroed arena and state. */
static inline reader reader_of(const uint8_t *file)
{
    const reader r = {file, calloc(1, u32_at(file + 68) + 1), calloc(1, u32_at(file + 72) + 1), 0};
    assert_true(r.arena && r.state);
    return r;
}

static inline void close_reader(reader *r)
{
    free(r->arena), free(r->state);
}

/* Returns the bytes of a section, or NULL when there is none. *size gets their number. */
static inline const uint8_t *section(const uint8_t *file, const char *tag, uint32_t *size)
{
    for (uint32_t i = 0; i < u32_at(file + 52); i++) {
        const uint8_t *record = file + u32_at(file + 56) + 16 * (size_t)i;
        if (memcmp(record, tag, 4) == 0) {
            *size = u32_at(record + 8);
            return file + u32_at(record + 4);
        }
    }
    return NULL;
}

static inline uint32_t digest_of_outputs(const reader *r, uint32_t digest)
{
    uint32_t t;
    for (uint32_t i = 0; (t = with_role(r, 3, i)) != ABSENT; i++)
        digest = crc32_of(digest, place(r, t), size_of(r, t));
    return digest;
}

/* Writes the inputs of one run and returns their size in bytes. */
static inline uint32_t put_inputs(const reader *r, const uint8_t *bytes)
{
    uint32_t t, size = 0;
    for (uint32_t i = 0; (t = with_role(r, 1, i)) != ABSENT; i++) {
        memcpy(place(r, t), bytes + size, size_of(r, t));
        size += size_of(r, t);
    }
    return size;
}

static inline void check_header(const mote_bytes *bytes)
{
    const uint8_t *file = bytes->data;
    assert_memory_equal(file, "MOTE\x02\x00\x50\x00", 8);
    assert_int_equal(u32_at(file + 8), bytes->size);
    assert_int_equal(u32_at(file + 12), crc32_of(0, file + 16, bytes->size - 16));
}

/* Checks the header and the checksum, and repeats the runs of the golden section. */
static inline void replay(const mote_bytes *bytes)
{
    check_header(bytes);
    reader r = reader_of(bytes->data);
    uint32_t size, digest = 0;
    const uint8_t *golden = section(r.file, "GOLD", &size);
    assert_non_null(golden);
    const uint32_t runs = u32_at(golden), input_size = u32_at(golden + 4);
    assert_true(runs >= 1);
    assert_int_equal(size, 16 + runs * input_size);
    for (uint32_t i = 0; i < runs; i++) {
        assert_int_equal(put_inputs(&r, golden + 16 + (size_t)i * input_size), input_size);
        run_once(&r);
        digest = digest_of_outputs(&r, digest);
    }
    assert_int_equal(digest, u32_at(golden + 8));
    close_reader(&r);
}

#endif
