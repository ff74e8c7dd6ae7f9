/* Tests that add and argmax of the ESP32-S3, run in the emulator, give the bytes of the portable C code. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "runtime/kernels.h"
#include "tests/runtime_s3/chip.h"

enum { MAX_VECTORS = 33, MAX_SCORES = 300, GUARD = 16 };

static uint32_t seed = 11;

static uint32_t random_below(uint32_t n)
{
    seed = seed * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)seed * n >> 32);
}

static void check_add(chip *c, const uint8_t *a, const uint8_t *b, uint32_t vectors, uint32_t narrow)
{
    const uint32_t size = 16 * vectors;
    uint32_t at = CHIP_DATA;
    uint8_t got[16 * MAX_VECTORS + GUARD];
    _Alignas(16) uint8_t want[sizeof got];
    memset(want, 0xa5, sizeof want);
    const uint32_t on_chip[2] = {chip_put(c, &at, a, size), chip_put(c, &at, b, size)};
    const uint32_t y = chip_put(c, &at, want, size + GUARD);
    chip_run(c, (uint32_t[6]){on_chip[0], on_chip[1], y, vectors, narrow});
    mote_xt_read(c->machine, y, got, size + GUARD);
    mote_saturating_add(a, b, want, narrow ? size : size / 2, narrow);
    assert_memory_equal(got, want, size + GUARD);
}

static void add_over_sizes(void **state)
{
    (void)state;
    _Alignas(16) uint8_t a[16 * MAX_VECTORS], b[16 * MAX_VECTORS];
    for (int windowed = 0; windowed < 2; windowed++) {
        chip c = chip_with("esp32s3/add.S", windowed);
        for (uint32_t vectors = 0; vectors <= MAX_VECTORS; vectors++)
            for (uint32_t narrow = 0; narrow < 2; narrow++) {
                for (uint32_t i = 0; i < sizeof a; i++)
                    a[i] = (uint8_t)random_below(256), b[i] = (uint8_t)random_below(256);
                check_add(&c, a, b, vectors, narrow);
            }
        mote_xt_destroy(c.machine);
    }
}

/* Adds every pair of int8 values, and every pair of int16 values at the limits. */
static void add_over_values(void **state)
{
    (void)state;
    static const int16_t edges[] = {-32768, -32767, -16385, -16384, -1, 0, 1, 16383, 16384, 32766, 32767};
    enum { EDGES = sizeof edges / sizeof *edges };
    _Alignas(16) int8_t a[256], b[256];
    _Alignas(16) int16_t wide_a[128] = {0}, wide_b[128] = {0};
    chip c = chip_with("esp32s3/add.S", false);
    for (int value = 0; value < 256; value++) {
        for (int i = 0; i < 256; i++)
            a[i] = (int8_t)value, b[i] = (int8_t)i;
        check_add(&c, (const uint8_t *)a, (const uint8_t *)b, 16, 1);
    }
    for (int i = 0; i < EDGES * EDGES; i++)
        wide_a[i] = edges[i / EDGES], wide_b[i] = edges[i % EDGES];
    check_add(&c, (const uint8_t *)wide_a, (const uint8_t *)wide_b, 16, 0);
    mote_xt_destroy(c.machine);
}

/* The values after the scores are higher than all scores. */
static void check_argmax(chip *c, const int16_t *scores, uint32_t count)
{
    int16_t padded[MAX_SCORES + 16];
    for (uint32_t i = 0; i < count + 16; i++)
        padded[i] = i < count ? scores[i] : 32767;
    uint32_t at = CHIP_DATA;
    const uint32_t address = chip_put(c, &at, padded, 2 * (count + 16));
    chip_run(c, (uint32_t[6]){address, count});
    assert_int_equal(mote_xt_get(c->machine, c->windowed ? "a10" : "a2"), mote_argmax(scores, count, MOTE_NO_INDEX));
}

/* Scores from all equal to almost all different. */
static void argmax_over_sizes(void **state)
{
    (void)state;
    static const uint32_t ranges[] = {1, 2, 9, 65536};
    for (int windowed = 0; windowed < 2; windowed++) {
        chip c = chip_with("esp32s3/argmax.S", windowed);
        for (uint32_t count = 8; count <= MAX_SCORES; count += count < 40 ? 1 : 13)
            for (size_t range = 0; range < sizeof ranges / sizeof *ranges; range++) {
                int16_t scores[MAX_SCORES];
                for (uint32_t i = 0; i < count; i++)
                    scores[i] = (int16_t)((int)random_below(ranges[range]) - 32768);
                check_argmax(&c, scores, count);
            }
        mote_xt_destroy(c.machine);
    }
}

/* The highest score at every position, once and again later. */
static void argmax_at_every_place(void **state)
{
    (void)state;
    enum { COUNT = 45 };
    chip c = chip_with("esp32s3/argmax.S", false);
    for (uint32_t first = 0; first < COUNT; first++)
        for (uint32_t second = first; second < COUNT; second += 7) {
            int16_t scores[COUNT];
            for (uint32_t i = 0; i < COUNT; i++)
                scores[i] = i == first || i == second ? 3 : (int16_t)(-1 - (int)i);
            check_argmax(&c, scores, COUNT);
            assert_int_equal(mote_xt_get(c.machine, "a2"), first);
        }
    mote_xt_destroy(c.machine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(add_over_sizes),
        cmocka_unit_test(add_over_values),
        cmocka_unit_test(argmax_over_sizes),
        cmocka_unit_test(argmax_at_every_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
