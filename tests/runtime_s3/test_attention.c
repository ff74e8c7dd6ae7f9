/* Tests that the parts of attention of the ESP32-S3, run in the emulator, give the bytes of the portable C code. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "runtime/attention.h"
#include "tests/runtime_s3/chip.h"

enum { MAX_WIDTH = 64, MAX_COUNT = 70, MAX_HEADS = 3, GUARD = 16 };

static uint32_t seed = 5;

static uint32_t random_below(uint32_t n)
{
    seed = seed * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)seed * n >> 32);
}

/* The data of one head, on the host and in the chip. */
typedef struct head {
    _Alignas(16) int16_t q[MAX_WIDTH], y[MAX_WIDTH + GUARD], scores[MAX_COUNT + GUARD];
    _Alignas(16) int8_t codes[MAX_COUNT * MAX_HEADS * MAX_WIDTH];
    uint8_t scales[MAX_COUNT * MAX_HEADS];
    mote_attention_head a;
    uint32_t record, on_chip_scores, on_chip_y;
} head;

static head h;

static int extreme(int kind, int low, int high)
{
    return kind == 0   ? low + (int)random_below((uint32_t)(high - low + 1))
           : kind == 1 ? low
           : kind == 2 ? high
                       : (random_below(2) ? low : high);
}

static void fill(uint32_t width, uint32_t heads, uint32_t count, int kind)
{
    for (uint32_t i = 0; i < width; i++)
        h.q[i] = (int16_t)extreme(kind, -32768, 32767);
    for (uint32_t i = 0; i < count * heads * width; i++)
        h.codes[i] = (int8_t)extreme(kind, -128, 127);
    for (uint32_t i = 0; i < count * heads; i++)
        h.scales[i] = (uint8_t)random_below(random_below(9) ? MOTE_MAX_CACHE_SCALE + 1 : 256);
    uint32_t sum = 40000;
    for (uint32_t t = 0; t < count; t++) {
        const uint32_t most = sum < 32767 ? sum : 32767, p = kind == 0 ? random_below(most + 1) : most;
        h.scores[t] = (int16_t)p;
        sum -= p;
    }
    const uint32_t which = random_below(heads);
    h.a = (mote_attention_head){.q = h.q,
                                .codes = h.codes + which * width,
                                .scales = h.scales + which,
                                .scores = h.scores,
                                .y = h.y,
                                .width = width,
                                .stride = heads * width,
                                .scale_stride = heads,
                                .count = count,
                                .shift = 8 + (int32_t)random_below(23),
                                .factor = 1 + (int32_t)random_below(32767)};
}

static void put(chip *c)
{
    const mote_attention_head *a = &h.a;
    uint32_t at = CHIP_DATA + 64;
    uint32_t fields[11];
    fields[0] = chip_put(c, &at, h.q, sizeof h.q);
    fields[1] = chip_put(c, &at, h.codes, sizeof h.codes) + (uint32_t)(a->codes - h.codes);
    fields[2] = chip_put(c, &at, h.scales, sizeof h.scales) + (uint32_t)(a->scales - h.scales);
    fields[3] = h.on_chip_scores = chip_put(c, &at, h.scores, sizeof h.scores);
    fields[4] = h.on_chip_y = chip_put(c, &at, h.y, sizeof h.y);
    memcpy(fields + 5, &a->width, 6 * sizeof *fields);
    mote_xt_write(c->machine, CHIP_DATA, fields, sizeof fields);
}

static const uint32_t counts[] = {1, 2, 7, 8, 9, 33, MAX_COUNT};

/* Runs `routine` in the chip and `portable` on the host, over shapes and extreme values, and then `compare`. */
static void over_shapes(const char *routine, const uint32_t *widths, size_t width_count,
                        void (*portable)(const mote_attention_head *), void (*compare)(chip *))
{
    for (int windowed = 0; windowed < 2; windowed++) {
        chip c = chip_with(routine, windowed);
        for (size_t w = 0; w < width_count; w++)
            for (uint32_t heads = 1; heads <= MAX_HEADS; heads++)
                for (size_t n = 0; n < sizeof counts / sizeof *counts; n++)
                    for (int kind = 0; kind < 4; kind++) {
                        fill(widths[w], heads, counts[n], kind);
                        put(&c);
                        chip_run(&c, (uint32_t[6]){CHIP_DATA});
                        portable(&h.a);
                        compare(&c);
                    }
        mote_xt_destroy(c.machine);
    }
}

static void compare_scores(chip *c)
{
    int16_t got[MAX_COUNT + GUARD];
    const uint32_t padded = (h.a.count + 7) & ~7u;
    mote_xt_read(c->machine, h.on_chip_scores, got, sizeof got);
    assert_memory_equal(got, h.scores, h.a.count * sizeof *got);
    assert_memory_equal(got + padded, h.scores + padded, GUARD / 2);
}

static void compare_y(chip *c)
{
    int16_t got[MAX_WIDTH + GUARD];
    mote_xt_read(c->machine, h.on_chip_y, got, sizeof got);
    assert_memory_equal(got, h.y, sizeof got); /* including the unchanged values after it */
}

static void scores(void **state)
{
    (void)state;
    static const uint32_t widths[] = {8, 16, 32, 48, 64};
    over_shapes("esp32s3/attention_scores.S", widths, 5, mote_attention_scores, compare_scores);
}

static void mix(void **state)
{
    (void)state;
    static const uint32_t widths[] = {8, 16, 24, 40, 64};
    over_shapes("esp32s3/attention_mix.S", widths, 5, mote_attention_mix, compare_y);
}

/* Compares the weights of all distances from the best score up to 6000 and of many larger ones, and their sum. */
static void every_weight(void **state)
{
    (void)state;
    enum { VECTORS = 1 << 10 };
    static int16_t in[8 * VECTORS], got[8 * VECTORS];
    static const int16_t bests[] = {32767, 0, -20000, -32768 + 5000};
    for (int windowed = 0; windowed < 2; windowed++) {
        chip c = chip_with("esp32s3/softmax_weights.S", windowed);
        for (size_t b = 0; b < sizeof bests / sizeof *bests; b++) {
            const int32_t best = bests[b];
            const int16_t constants[] = {12345, 5679, (int16_t)47274, 31, 2047, 2048, 1};
            for (int32_t i = 0; i < 8 * VECTORS; i++) {
                const int32_t apart = b == 0 && i > 6000 ? 65535 - (8 * VECTORS - 1 - i) * 20 : i;
                in[i] = (int16_t)(best - apart < -32768 ? -32768 : best - apart);
            }
            uint32_t at = CHIP_DATA, sum = 0;
            const uint32_t scores = chip_put(&c, &at, in, sizeof in);
            const uint32_t on_chip = chip_put(&c, &at, constants, sizeof constants);
            chip_run(&c, (uint32_t[6]){scores, VECTORS, on_chip});
            mote_xt_read(c.machine, scores, got, sizeof got);
            for (int32_t i = 0; i < 8 * VECTORS; i++) {
                const uint32_t want = mote_attention_weight(best, in[i]);
                assert_int_equal((uint16_t)got[i], want);
                sum += want;
            }
            assert_int_equal(mote_xt_get(c.machine, windowed ? "a10" : "a2"), sum);
        }
        mote_xt_destroy(c.machine);
    }
}

static void every_share(void **state)
{
    (void)state;
    enum { VECTORS = 4097 }; /* weights 0..32768, and some again */
    static uint16_t in[8 * VECTORS], got[8 * VECTORS];
    static const uint32_t inverses[] = {32769, 32768, 50000, 65535};
    for (int windowed = 0; windowed < 2; windowed++) {
        chip c = chip_with("esp32s3/softmax_share.S", windowed);
        for (uint32_t n = 0; n <= 15; n += 5)
            for (size_t k = 0; k < sizeof inverses / sizeof *inverses; k++) {
                const uint16_t factors[] = {(uint16_t)inverses[k], 1 << 15, (uint16_t)(1 << n)};
                for (uint32_t i = 0; i < 8 * VECTORS; i++)
                    in[i] = (uint16_t)(i % 32769);
                uint32_t at = CHIP_DATA;
                const uint32_t weights = chip_put(&c, &at, in, sizeof in);
                const uint32_t on_chip = chip_put(&c, &at, factors, sizeof factors);
                chip_run(&c, (uint32_t[6]){weights, VECTORS, on_chip, 16 + n});
                mote_xt_read(c.machine, weights, got, sizeof got);
                for (uint32_t i = 0; i < 8 * VECTORS; i++) {
                    const uint64_t p = ((uint64_t)in[i] * inverses[k] + (1u << (15 + n))) >> (16 + n);
                    assert_int_equal(got[i], p > 32767 ? 32767 : p);
                }
            }
        mote_xt_destroy(c.machine);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scores),
        cmocka_unit_test(mix),
        cmocka_unit_test(every_weight),
        cmocka_unit_test(every_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
