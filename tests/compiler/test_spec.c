/* A second reader of the format, written from docs/SPEC.md and nothing else: it takes bytes apart by hand, computes in
 * 64-bit integers and doubles, and must arrive at the golden output that the runtime wrote into the file. */
#include "tests/compiler/packed.h"

#include <math.h>

typedef struct reader {
    const uint8_t *file;
    uint8_t *arena, *state;
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
    return dtype == 3 ? 1 : dtype == 1 ? 4 : 2;
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

static void product(const reader *r, const uint8_t *op, uint32_t x, uint32_t w, uint32_t bias, uint32_t multiplier,
                    uint32_t y)
{
    const int64_t s = signed_at(op + 28, 4), k = signed_at(op + 32, 4);
    for (uint32_t row = 0; row < dim(r, w, 0); row++) {
        int64_t acc = bias == 65535 ? 0 : get(r, bias, row);
        for (uint32_t c = 0; c < dim(r, w, 1); c++)
            acc += weight(r, w, row, c) * get(r, x, c);
        const int64_t t = clamp16(s >= 0 ? floor_div(acc, (int64_t)1 << s) : acc * ((int64_t)1 << -s));
        const int64_t u = multiplier == 65535 ? t : floor_div(t * get(r, multiplier, row), 32768);
        assert_int_equal(dtype_of(r, y), 2);
        set(r, y, row, clamp16(u * ((int64_t)1 << k)));
    }
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
    const uint32_t token = u16_at(place(r, u16_at(op + 4))), weights = u16_at(op + 6), multiplier = u16_at(op + 8);
    for (uint32_t c = 0; c < dim(r, weights, 1); c++) {
        const int64_t w = weight(r, weights, token, c);
        set(r, u16_at(op + 20), c, multiplier == 65535 ? w : clamp(w * get(r, multiplier, token), -127, 127));
    }
}

static void gru(const reader *r, const uint8_t *op)
{
    const uint32_t gx = u16_at(op + 4), h = u16_at(op + 12), h8 = u16_at(op + 14), gh = u16_at(op + 22);
    const uint32_t d = dim(r, h, 0);
    assert_int_equal(u16_at(op + 20), h8);
    product(r, op, h8, u16_at(op + 6), u16_at(op + 8), u16_at(op + 10), gh);
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

static void step(const reader *r, uint32_t input, uint32_t token)
{
    set(r, input, 0, token);
    for (uint32_t i = 0; i < u32_at(r->file + 28); i++) {
        const uint8_t *op = r->file + u32_at(r->file + 32) + 64 * (size_t)i;
        switch (u16_at(op)) {
        case 0:
            embedding(r, op);
            break;
        case 1:
            product(r, op, u16_at(op + 4), u16_at(op + 6), u16_at(op + 8), u16_at(op + 10), u16_at(op + 20));
            break;
        case 2:
            gru(r, op);
            break;
        default:
            fail_msg("operator %u is not in these models", u16_at(op));
        }
    }
}

static const uint8_t *section(const uint8_t *file, const char *tag)
{
    for (uint32_t i = 0; i < u32_at(file + 36); i++) {
        const uint8_t *record = file + u32_at(file + 40) + 16 * (size_t)i;
        if (memcmp(record, tag, 4) == 0)
            return file + u32_at(record + 4);
    }
    return NULL;
}

static uint32_t best_of(const reader *r, uint32_t logits, uint32_t unknown)
{
    uint32_t best = unknown == 0 ? 1 : 0;
    for (uint32_t i = 0; i < dim(r, logits, 0); i++)
        if (i != unknown && get(r, logits, i) > get(r, logits, best))
            best = i;
    return best;
}

static void replay(const mote_bytes *bytes)
{
    const uint8_t *file = bytes->data;
    assert_memory_equal(file, "MOTE\x01\x00\x40\x00", 8);
    assert_int_equal(u32_at(file + 8), bytes->size);
    assert_int_equal(u32_at(file + 12), crc32_of(0, file + 16, bytes->size - 16));
    reader r = {file, calloc(1, u32_at(file + 52)), calloc(1, u32_at(file + 56))};
    assert_true(r.arena && r.state);
    const uint8_t *golden = section(file, "GOLD"), *tokenizer = section(file, "TOKN");
    assert_non_null(golden);
    const uint32_t unknown = tokenizer ? u16_at(tokenizer + 4) : 65535;
    const uint32_t input = only_tensor_with_role(&r, 1), logits = only_tensor_with_role(&r, 3);
    const uint32_t prompt = u32_at(golden), output = u32_at(golden + 4);
    uint32_t digest = 0;
    for (uint32_t i = 0; i < prompt + output; i++) {
        const uint32_t token = u16_at(golden + 16 + 2 * (size_t)i);
        if (i >= prompt)
            assert_int_equal(token, best_of(&r, logits, unknown));
        step(&r, input, token);
        digest = crc32_of(digest, place(&r, logits), 2 * (size_t)dim(&r, logits, 0));
    }
    assert_int_equal(digest, u32_at(golden + 8));
    free(r.arena), free(r.state);
}

static void every_kind_of_model(void **state)
{
    (void)state;
    static const mote_tinylm_shape shapes[] = {
        {26, 24, 20, 2, false}, {26, 16, 16, 1, true}, {300, 7, 33, 1, false}, {20, 70, 66, 1, false}};
    static const mote_scheme schemes[] = {MOTE_SCHEME_INT8, MOTE_SCHEME_TERNARY, MOTE_SCHEME_SIGN, MOTE_SCHEME_INT16,
                                          MOTE_SCHEME_INT4};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (size_t k = 0; k < 5; k++)
            for (int granularity = (int)(s + k) % 2; granularity < MOTE_GRANULARITY_COUNT; granularity += 2) {
                const mote_quantize_options options = {.weights = schemes[k],
                                                       .head = schemes[(k + s) % 5],
                                                       .embedding = schemes[(k + 1) % 5],
                                                       .granularity = (mote_granularity)granularity,
                                                       .five_trits = (granularity + (int)s) % 2 == 0};
                mote_bytes file = packed_file(&shapes[s], &options);
                replay(&file);
                free(file.data);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
