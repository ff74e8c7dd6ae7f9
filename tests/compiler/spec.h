/* A second implementation of docs/SPEC.md, written from it and nothing else: it takes bytes apart by hand and computes
 * in 64-bit integers and doubles. */
#ifndef MOTE_TESTS_SPEC_H
#define MOTE_TESTS_SPEC_H

#include "tests/compiler/packed.h"

#include <math.h>

typedef struct reader {
    const uint8_t *file;
    uint8_t *arena, *state;
    uint32_t position;
} reader;

static uint32_t u16_at(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t u32_at(const uint8_t *p)
{
    return u16_at(p) | u16_at(p + 2) << 16;
}

static int64_t signed_at(const uint8_t *p, int bytes)
{
    return bytes == 1 ? (int8_t)p[0] : bytes == 2 ? (int16_t)u16_at(p) : (int32_t)u32_at(p);
}

static const uint8_t *tensor(const reader *r, uint32_t index)
{
    return r->file + u32_at(r->file + 24) + 64 * (size_t)index;
}

static uint32_t dtype_of(const reader *r, uint32_t index)
{
    return tensor(r, index)[4];
}

static uint32_t dim(const reader *r, uint32_t index, uint32_t axis)
{
    return u32_at(tensor(r, index) + 8 + 4 * (size_t)axis);
}

static uint8_t *place(const reader *r, uint32_t index)
{
    const uint8_t *t = tensor(r, index);
    const uint32_t offset = u32_at(t + 24);
    return t[5] == 0 ? (uint8_t *)(uintptr_t)(r->file + offset) : t[5] == 4 ? r->state + offset : r->arena + offset;
}

static int bytes_of(uint32_t dtype)
{
    return dtype == 3 || dtype == 12 ? 1 : dtype == 1 ? 4 : 2;
}

static int64_t get(const reader *r, uint32_t index, uint32_t i)
{
    const int bytes = bytes_of(dtype_of(r, index));
    return signed_at(place(r, index) + (size_t)i * (size_t)bytes, bytes);
}

static void set(const reader *r, uint32_t index, uint32_t i, int64_t value)
{
    const int bytes = bytes_of(dtype_of(r, index));
    uint8_t *p = place(r, index) + (size_t)i * (size_t)bytes;
    for (int b = 0; b < bytes; b++)
        p[b] = (uint8_t)((uint64_t)value >> (8 * b));
}

static int64_t weight(const reader *r, uint32_t index, uint32_t row, uint32_t column)
{
    const uint32_t columns = dim(r, index, 1);
    const uint8_t *p = place(r, index);
    if (dtype_of(r, index) == 2)
        return signed_at(p + 2 * ((size_t)row * columns + column), 2);
    if (dtype_of(r, index) == 3)
        return (int8_t)p[(size_t)row * columns + column];
    if (dtype_of(r, index) == 5) {
        const uint8_t byte = p[(size_t)row * ((columns + 63) / 64) * 16 + column / 64 * 16 + column % 16];
        return (byte >> (2 * (column % 64 / 16)) & 3) - 1;
    }
    if (dtype_of(r, index) == 7) {
        const uint8_t byte = p[(size_t)row * ((columns + 31) / 32) * 16 + column / 32 * 16 + column % 16];
        return (column % 32 < 16 ? byte % 16 : byte / 16) - 8;
    }
    if (dtype_of(r, index) == 9 || dtype_of(r, index) == 10) {
        const uint32_t high = dtype_of(r, index) == 9 ? 1 : 2, group = 128 / high;
        const size_t low_size = (columns + 31) / 32 * 16, high_size = (columns + group - 1) / group * 16;
        const uint8_t *row_at = p + row * (low_size + high_size);
        const int low = row_at[column / 32 * 16 + column % 16] >> (column % 32 < 16 ? 0 : 4) & 15;
        const uint8_t byte = row_at[low_size + column / group * 16 + column % 16];
        const int above = byte >> (high * (column % group / 16)) & (high == 1 ? 1 : 3);
        return low + 16 * above - (high == 1 ? 16 : 32);
    }
    if (dtype_of(r, index) == 8) {
        const uint8_t byte = p[(size_t)row * ((columns + 127) / 128) * 16 + column / 128 * 16 + column % 16];
        return byte >> (column % 128 / 16) & 1 ? 1 : -1;
    }
    int byte = p[(size_t)row * ((columns + 4) / 5) + column / 5];
    for (uint32_t k = 0; k < column % 5; k++)
        byte /= 3;
    return byte % 3 - 1;
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static int64_t clamp(int64_t v, int64_t low, int64_t high)
{
    return v < low ? low : v > high ? high : v;
}

static int64_t clamp16(int64_t v)
{
    return clamp(v, -32768, 32767);
}

static int64_t clamp8(int64_t v)
{
    return clamp(v, -127, 127);
}

static int64_t power_of_2(int64_t n)
{
    return (int64_t)1 << n;
}

static int64_t rounded(int64_t v, int64_t n)
{
    return floor_div(2 * v + power_of_2(n), power_of_2(n + 1));
}

/* A half as the integer that a product takes it for. */
static int64_t fixed_half(uint32_t bits, int64_t fraction)
{
    const double mantissa = bits >> 10 & 31 ? 1 + (bits & 1023) / 1024.0 : (bits & 1023) / 512.0;
    const double value = ldexp(mantissa, (int)(bits >> 10 & 31) - 15 + (int)fraction);
    const int64_t whole = value >= 32767 ? 32767 : (int64_t)floor(value + 0.5);
    return bits & 0x8000 ? -whole : whole;
}

static int64_t param(const uint8_t *op, int index)
{
    return signed_at(op + 28 + 4 * (size_t)index, 4);
}

static uint32_t input(const uint8_t *op, int index)
{
    return u16_at(op + 4 + 2 * (size_t)index);
}

static uint32_t output(const uint8_t *op, int index)
{
    return u16_at(op + 20 + 2 * (size_t)index);
}

static void rescale(const reader *r, const uint8_t *op, uint32_t x, uint32_t y)
{
    const uint8_t *scale = place(r, x) + (dim(r, x, 0) + 15) / 16 * 16;
    const int64_t mantissa = clamp(signed_at(scale, 4), 0, 32767), exponent = clamp(signed_at(scale + 4, 4), -64, 64);
    for (uint32_t i = 0; i < dim(r, y, 0); i++)
        set(r, y, i, clamp16(rounded(get(r, y, i) * mantissa, clamp(param(op, 3) - exponent, 0, 31))));
}

static void product(const reader *r, const uint8_t *op, uint32_t x, uint32_t y, uint32_t groups)
{
    const uint32_t w = input(op, 1), bias = input(op, 2), multiplier = input(op, 3);
    const int64_t s = param(op, 0), k = param(op, 1), group = param(op, 2);
    for (uint32_t row = 0; row < dim(r, w, 0); row++) {
        int64_t acc = bias == 65535 ? 0 : get(r, bias, row);
        for (uint32_t c = 0; c < dim(r, w, 1); c++) {
            const int64_t factor = groups == 65535 ? 1 : (int8_t)weight(r, groups, row, c / (uint32_t)group);
            const int64_t value =
                dtype_of(r, w) == 11
                    ? fixed_half(u16_at(place(r, w) + 2 * ((size_t)row * dim(r, w, 1) + c)), param(op, 4))
                    : weight(r, w, row, c);
            acc += factor * value * get(r, x, c);
        }
        const int64_t t = clamp16(s >= 0 ? floor_div(acc, power_of_2(s)) : acc * power_of_2(-s));
        const int64_t u = multiplier == 65535 ? t : floor_div(t * get(r, multiplier, row), 32768);
        if (dtype_of(r, y) == 2)
            set(r, y, row, clamp16(u * power_of_2(k)));
        else
            set(r, y, row, clamp8(floor_div(clamp16(u + power_of_2(k) / 2), power_of_2(k))));
    }
    if (dtype_of(r, x) == 12)
        rescale(r, op, x, y);
}

static int64_t table(int64_t i)
{
    static int64_t entries[129];
    if (!entries[i])
        entries[i] = (int64_t)floor(32768 / (1 + exp((double)-i / 16)) + 0.5);
    return entries[i];
}

static int64_t sigmoid(int64_t x)
{
    const int64_t m = clamp(x < 0 ? -x : x, 0, 8191);
    const int64_t y = table(m / 64) + floor_div((table(m / 64 + 1) - table(m / 64)) * (m % 64), 64);
    return x >= 0 ? y : 32768 - y;
}

static void embedding(const reader *r, const uint8_t *op)
{
    const uint32_t w = input(op, 1), multiplier = input(op, 2), x = output(op, 0), last = dim(r, w, 0) - 1;
    const uint32_t row =
        input(op, 0) == 65535 ? (r->position < last ? r->position : last) : u16_at(place(r, input(op, 0)));
    for (uint32_t c = 0; c < dim(r, w, 1); c++) {
        const int64_t v = weight(r, w, row, c) * (multiplier == 65535 ? 1 : get(r, multiplier, row));
        set(r, x, c, dtype_of(r, x) == 2 ? clamp16(rounded(v, param(op, 0))) : multiplier == 65535 ? v : clamp8(v));
    }
}

static void gru(const reader *r, const uint8_t *op)
{
    const uint32_t gx = u16_at(op + 4), h = u16_at(op + 12), h8 = u16_at(op + 14), gh = u16_at(op + 22);
    const uint32_t d = dim(r, h, 0);
    assert_int_equal(u16_at(op + 20), h8);
    product(r, op, h8, gh, input(op, 6));
    for (uint32_t i = 0; i < d; i++) {
        const int64_t reset = sigmoid(clamp16(get(r, gx, i) + get(r, gh, i)));
        const int64_t z = sigmoid(clamp16(get(r, gx, d + i) + get(r, gh, d + i)));
        const int64_t a = clamp16(get(r, gx, 2 * d + i) + floor_div(reset * get(r, gh, 2 * d + i), 32768));
        const int64_t n = sigmoid(2 * a) - 16384;
        const int64_t next = n + floor_div(z * (get(r, h, i) - n), 32768);
        set(r, h, i, next);
        set(r, h8, i, clamp(floor_div(next + 64, 128), -127, 127));
    }
}

static void add_or_mul(const reader *r, const uint8_t *op, bool add)
{
    const uint32_t y = output(op, 0);
    for (uint32_t i = 0; i < dim(r, y, 0); i++) {
        const int64_t a = get(r, input(op, 0), i), b = get(r, input(op, 1), i);
        if (!add)
            set(r, y, i, clamp16(rounded(a * b, param(op, 0))));
        else
            set(r, y, i, dtype_of(r, y) == 3 ? clamp8(a + b) : clamp16(a + b));
    }
}

static void quantise(const reader *r, const uint8_t *op)
{
    const uint32_t x = input(op, 0), y = output(op, 0), d = dim(r, x, 0);
    int64_t step = param(op, 0), shift = param(op, 1), largest = 1, e = 0;
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

/* The largest whole number whose square is at most v. */
static int64_t root_of(int64_t v)
{
    int64_t root = (int64_t)sqrt((double)v);
    while (root * root > v)
        root--;
    while ((root + 1) * (root + 1) <= v)
        root++;
    return root;
}

static void norm(const reader *r, const uint8_t *op, bool centred)
{
    const uint32_t x = input(op, 0), y = output(op, 0), d = dim(r, x, 0);
    int64_t sum = d / 2, n = param(op, 0) * d, a = 0;
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
        const int64_t form = clamp16(rounded(clamp16(get(r, x, i) - mean) * inverse, 30 - a - param(op, 1)));
        const int64_t bias = centred ? get(r, input(op, 2), i) : 0;
        set(r, y, i, clamp16(rounded(form * get(r, input(op, 1), i), param(op, 2)) + bias));
    }
}

static int64_t normal(int64_t a)
{
    const int64_t m = llabs(a);
    const int64_t low = (int64_t)floor(32768 * (0.5 + 0.5 * erf((double)(m / 32) / 32 / sqrt(2.0))) + 0.5);
    const int64_t high = (int64_t)floor(32768 * (0.5 + 0.5 * erf((double)(m / 32 + 1) / 32 / sqrt(2.0))) + 0.5);
    const int64_t y = low + floor_div((high - low) * (m % 32), 32);
    return a >= 0 ? y : 32768 - y;
}

static void curve(const reader *r, const uint8_t *op, int64_t (*factor)(int64_t), int64_t end)
{
    const int64_t k = param(op, 0);
    for (uint32_t i = 0; i < dim(r, output(op, 0), 0); i++) {
        const int64_t x = get(r, input(op, 0), i);
        const int64_t a = k < 10 ? clamp16(x * power_of_2(10 - k)) : floor_div(x, power_of_2(k - 10));
        const int64_t f = llabs(a) < end ? factor(a) : a > 0 ? 32768 : 0;
        set(r, output(op, 0), i, clamp16(rounded(x * f, 15)));
    }
}

static int64_t quarter(int64_t i)
{
    return clamp((int64_t)floor(32768 * sin(acos(-1.0) / 2 * (double)i / 128) + 0.5), 0, 32767);
}

static int64_t sine(int64_t phase)
{
    int64_t x = phase % power_of_2(30);
    if (phase / power_of_2(30) % 2)
        x = power_of_2(30) - x;
    const int64_t i = x / power_of_2(23), g = x / power_of_2(7) % power_of_2(16);
    const int64_t y = quarter(i) + rounded((quarter(i + 1) - quarter(i)) * g, 16);
    return phase / power_of_2(31) % 2 ? -y : y;
}

/* Vector `from`, every pair turned, into `to`. */
static void turn(const reader *r, uint32_t from, uint32_t turns, uint32_t width, int64_t *to)
{
    for (uint32_t i = 0; i < dim(r, from, 0); i++)
        to[i] = get(r, from, i);
    for (uint32_t i = 0; turns != 65535 && i < dim(r, from, 0); i += 2) {
        const int64_t angle = (int64_t)(uint32_t)get(r, turns, i % width / 2);
        const int64_t phase = (int64_t)((uint64_t)angle * r->position % (uint64_t)power_of_2(32));
        const int64_t s = sine(phase), c = sine((phase + power_of_2(30)) % power_of_2(32)), a = to[i], b = to[i + 1];
        to[i] = clamp16(rounded(a * c - b * s, 15));
        to[i + 1] = clamp16(rounded(a * s + b * c, 15));
    }
}

typedef struct head_scale {
    int64_t e, sixteenths;
} head_scale;

static head_scale scale_at(const reader *r, uint32_t scales, uint32_t index)
{
    if (scales == 65535)
        return (head_scale){0, 16};
    const int64_t c = clamp(place(r, scales)[index], 0, 0x81);
    return (head_scale){c / 16, 16 + c % 16};
}

static void store(const reader *r, uint32_t cache, uint32_t scales, uint32_t slot, uint32_t heads, const int64_t *x)
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
            set(r, cache, at, scales == 65535 ? x[i] : clamp8(rounded(x[i] * (power_of_2(19) / (16 + f)), 15 + e)));
        }
        if (scales != 65535)
            place(r, scales)[slot * heads + head] = (uint8_t)(16 * e + f);
    }
}

static int64_t softmax_weight(int64_t distance)
{
    const int64_t x = floor_div(distance * 47274, 256), i = x / 2048 % 32, g = x % 2048;
    if (x >= power_of_2(20))
        return 0;
    const int64_t low = (int64_t)floor(32768 * pow(2, -(double)i / 32) + 0.5);
    const int64_t high = (int64_t)floor(32768 * pow(2, -(double)(i + 1) / 32) + 0.5);
    return (2048 * low - (low - high) * g) / 2048 / power_of_2(x / 65536);
}

static void softmax(int64_t *scores, uint32_t count)
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

enum { KEYS = 4, KEY_SCALES, VALUES, VALUE_SCALES };

static void one_head(const reader *r, const uint8_t *op, const int64_t *q, uint32_t head, uint32_t width,
                     uint32_t count)
{
    const uint32_t heads = (uint32_t)param(op, 0), kv_heads = (uint32_t)param(op, 1), kv = head * kv_heads / heads;
    int64_t *scores = calloc(count, sizeof *scores);
    assert_non_null(scores);
    for (uint32_t t = 0; t < count; t++) {
        const head_scale s = scale_at(r, input(op, KEY_SCALES), t * kv_heads + kv);
        for (uint32_t i = 0; i < width; i++)
            scores[t] += q[i] * get(r, input(op, KEYS), (t * kv_heads + kv) * width + i);
        scores[t] = clamp16(floor_div(scores[t], power_of_2(param(op, 3) - s.e)));
        scores[t] = clamp16(floor_div(floor_div(scores[t] * s.sixteenths, 16) * param(op, 2), 32768));
    }
    softmax(scores, count);
    for (uint32_t i = 0; i < width; i++) {
        int64_t sum = 0;
        for (uint32_t t = 0; t < count; t++) {
            const head_scale s = scale_at(r, input(op, VALUE_SCALES), t * kv_heads + kv);
            sum += rounded(scores[t] * s.sixteenths * power_of_2(s.e), 4) *
                   get(r, input(op, VALUES), (t * kv_heads + kv) * width + i);
        }
        set(r, output(op, 0), head * width + i, clamp16(rounded(sum, 15)));
    }
    free(scores);
}

static void attention(const reader *r, const uint8_t *op)
{
    const uint32_t q = input(op, 0), k = input(op, 1), v = input(op, 2), turns = input(op, 3);
    const uint32_t heads = (uint32_t)param(op, 0), kv_heads = (uint32_t)param(op, 1), width = dim(r, q, 0) / heads;
    const uint32_t context = dim(r, input(op, KEYS), 0), slot = r->position % context;
    const uint32_t count = r->position + 1 < context ? r->position + 1 : context;
    int64_t *turned = calloc(dim(r, q, 0), sizeof *turned);
    assert_non_null(turned);
    turn(r, k, turns, width, turned);
    store(r, input(op, KEYS), input(op, KEY_SCALES), slot, kv_heads, turned);
    turn(r, v, 65535, width, turned);
    store(r, input(op, VALUES), input(op, VALUE_SCALES), slot, kv_heads, turned);
    turn(r, q, turns, width, turned);
    for (uint32_t head = 0; head < heads; head++)
        one_head(r, op, turned + head * width, head, width, count);
    free(turned);
}

static uint32_t crc32_of(uint32_t crc, const uint8_t *p, size_t size)
{
    crc = ~crc;
    for (size_t i = 0; i < 8 * size; i++) {
        const uint32_t bit = (crc ^ (uint32_t)p[i / 8] >> (i % 8)) & 1;
        crc = crc >> 1 ^ (bit ? 0xedb88320u : 0);
    }
    return ~crc;
}

static uint32_t only_tensor_with_role(const reader *r, uint8_t role)
{
    uint32_t found = 65535;
    for (uint32_t i = 0; i < u32_at(r->file + 20); i++)
        if (tensor(r, i)[5] == role) {
            assert_int_equal(found, 65535);
            found = i;
        }
    assert_int_not_equal(found, 65535);
    return found;
}

static void execute(const reader *r, const uint8_t *op)
{
    switch (u16_at(op)) {
    case 0:
        embedding(r, op);
        break;
    case 1:
        product(r, op, input(op, 0), output(op, 0), input(op, 4));
        break;
    case 2:
        gru(r, op);
        break;
    case 3:
    case 4:
        add_or_mul(r, op, u16_at(op) == 3);
        break;
    case 5:
        quantise(r, op);
        break;
    case 6:
    case 7:
        norm(r, op, u16_at(op) == 7);
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
    default:
        fail_msg("there is no operator %u", u16_at(op));
    }
}

static void step(reader *r, uint32_t ids, uint32_t token)
{
    set(r, ids, 0, token);
    for (uint32_t i = 0; i < u32_at(r->file + 28); i++)
        execute(r, r->file + u32_at(r->file + 32) + 64 * (size_t)i);
    r->position++;
}

#endif
