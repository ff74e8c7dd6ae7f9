/* Tests products, factors and the peak of int16 vectors of the ESP32-S3, run in the emulator, against 64-bit
 * arithmetic. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/runtime_s3/chip.h"

enum { MAX_VECTORS = 9, MAX_COUNT = 8 * MAX_VECTORS, GUARD = 16 };

static const int16_t edges[] = {-32768, -32767, -16384, -128, -127, -1, 0, 1, 127, 16384, 32766, 32767};
enum { EDGES = sizeof edges / sizeof *edges };

static uint32_t seed = 11;

static uint32_t random_below(uint32_t n)
{
    seed = seed * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)seed * n >> 32);
}

static int16_t random_value(void)
{
    return random_below(3) ? (int16_t)((int)random_below(65536) - 32768) : edges[random_below(EDGES)];
}

/* Returns ⌊a·b / 2^shift + 1/2⌋, clamped. */
static int64_t expected(int64_t a, int64_t b, uint32_t shift, int64_t low, int64_t high)
{
    const int64_t half = shift ? (int64_t)1 << (shift - 1) : 0, y = (a * b + half) >> shift;
    return y < low ? low : y > high ? high : y;
}

/* Sets two factors whose product is half of 2^shift. */
static void halves(uint32_t shift, int16_t half[2])
{
    const uint32_t low = shift > 16 ? 15 : shift ? shift - 1 : 0;
    half[0] = (int16_t)(shift ? -(1 << low) : 0);
    half[1] = (int16_t)(shift ? -(1 << (shift - 1 - low)) : 0);
}

static void check_guard(const uint8_t *at)
{
    for (int i = 0; i < GUARD; i++)
        assert_int_equal(at[i], 0xa5);
}

static void check_mul(chip *c, uint32_t vectors, uint32_t shift, bool in_place)
{
    int16_t a[MAX_COUNT] = {0}, b[MAX_COUNT] = {0}, half[2], got[MAX_COUNT + GUARD / 2];
    const uint32_t count = 8 * vectors, size = 2 * count;
    uint8_t poison[2 * MAX_COUNT + GUARD];
    memset(poison, 0xa5, sizeof poison);
    halves(shift, half);
    for (uint32_t i = 0; i < count; i++)
        a[i] = random_value(), b[i] = random_value();
    uint32_t at = CHIP_DATA;
    const uint32_t on_chip[2] = {chip_put(c, &at, a, size), chip_put(c, &at, b, size)};
    const uint32_t y = in_place ? on_chip[1] : chip_put(c, &at, poison, size + GUARD);
    const uint32_t constants = chip_put(c, &at, half, sizeof half);
    chip_run(c, (uint32_t[6]){on_chip[0], on_chip[1], y, vectors, shift, constants});
    mote_xt_read(c->machine, y, got, size + GUARD);
    for (uint32_t i = 0; i < count; i++)
        assert_int_equal(got[i], expected(a[i], b[i], shift, -32768, 32767));
    if (!in_place)
        check_guard((const uint8_t *)(got + count));
}

static void products(void **state)
{
    (void)state;
    for (int windowed = 0; windowed < 2; windowed++) {
        chip c = chip_with("esp32s3/mul.S", windowed);
        for (uint32_t vectors = 0; vectors <= MAX_VECTORS; vectors++)
            for (uint32_t shift = 0; shift <= 31; shift++)
                check_mul(&c, vectors, shift, vectors && shift % 3 == 0);
        mote_xt_destroy(c.machine);
    }
}

static void check_scale(chip *c, uint32_t count, int16_t factor, uint32_t shift, uint32_t narrow)
{
    int16_t x[MAX_COUNT] = {0}, constants[3] = {factor};
    uint8_t got[2 * MAX_COUNT + GUARD], poison[sizeof got];
    const uint32_t size = narrow ? count : 2 * count;
    memset(poison, 0xa5, sizeof poison);
    halves(shift, constants + 1);
    for (uint32_t i = 0; i < count; i++)
        x[i] = random_value();
    uint32_t at = CHIP_DATA;
    const uint32_t from = chip_put(c, &at, x, 2 * count);
    const uint32_t y = narrow || shift % 2 ? chip_put(c, &at, poison, size + GUARD) : from;
    const uint32_t on_chip = chip_put(c, &at, constants, sizeof constants);
    chip_run(c, (uint32_t[6]){from, y, count, on_chip, shift, narrow});
    mote_xt_read(c->machine, y, got, size + GUARD);
    for (uint32_t i = 0; i < count; i++)
        if (narrow)
            assert_int_equal((int8_t)got[i], expected(x[i], factor, shift, -127, 127));
        else
            assert_int_equal(((int16_t *)(void *)got)[i], expected(x[i], factor, shift, -32768, 32767));
    if (y != from)
        check_guard(got + size);
}

static void factors(void **state)
{
    (void)state;
    static const int16_t values[] = {0, 1, 2, 127, 16256, 16384, 32512, 32767};
    for (int windowed = 0; windowed < 2; windowed++) {
        chip c = chip_with("esp32s3/scale.S", windowed);
        for (uint32_t count = 0; count <= MAX_COUNT; count += 16)
            for (uint32_t shift = 0; shift <= 31; shift++)
                for (size_t v = 0; v < sizeof values / sizeof *values; v++) {
                    check_scale(&c, count, values[v], shift, 1);
                    check_scale(&c, count ? count - 8 : 0, values[v], shift, 0);
                }
        mote_xt_destroy(c.machine);
    }
}

static void check_peak(chip *c, const int16_t *x, uint32_t vectors, uint32_t want)
{
    uint32_t at = CHIP_DATA;
    int16_t padded[MAX_COUNT + 8]; /* the values after the end have the largest magnitude */
    for (uint32_t i = 0; i < 8 * vectors + 8; i++)
        padded[i] = i < 8 * vectors ? x[i] : INT16_MIN;
    const uint32_t address = chip_put(c, &at, padded, 16 * (vectors + 1));
    chip_run(c, (uint32_t[6]){address, vectors});
    assert_int_equal(mote_xt_get(c->machine, c->windowed ? "a10" : "a2"), want);
}

/* The value of the largest magnitude at every position. */
static void peaks(void **state)
{
    (void)state;
    static const int16_t peaks[] = {-32768, 32767, -32767, -5, 5, 1, 0};
    for (int windowed = 0; windowed < 2; windowed++) {
        chip c = chip_with("esp32s3/peak.S", windowed);
        for (uint32_t vectors = 1; vectors <= MAX_VECTORS; vectors++)
            for (uint32_t place = 0; place<8 * vectors; place += vectors> 2 ? 3 : 1)
                for (size_t p = 0; p < sizeof peaks / sizeof *peaks; p++) {
                    int16_t x[MAX_COUNT];
                    const int32_t size = peaks[p] < 0 ? -peaks[p] : peaks[p];
                    for (uint32_t i = 0; i < 8 * vectors; i++)
                        x[i] = (int16_t)(size ? (int32_t)random_below((uint32_t)(2 * size - 1)) - size + 1 : 0);
                    x[place] = peaks[p];
                    check_peak(&c, x, vectors, (uint32_t)size);
                }
        mote_xt_destroy(c.machine);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(products), cmocka_unit_test(factors), cmocka_unit_test(peaks)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
