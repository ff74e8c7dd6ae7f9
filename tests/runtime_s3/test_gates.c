/* Tests that the GRU gates of the ESP32-S3, run in the emulator, give the bytes of the portable C code. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "runtime/kernels.h"
#include "runtime/ops/sigmoid.h"
#include "tests/runtime_s3/chip.h"

#define MAX_UNITS 136

static uint32_t seed = 7;

static int16_t between(int low, int high)
{
    seed = seed * 1664525u + 1013904223u;
    return (int16_t)(low + (int)(((uint64_t)seed * (uint32_t)(high - low + 1)) >> 32));
}

typedef struct units {
    int16_t gx[3 * MAX_UNITS], gh[3 * MAX_UNITS], h[MAX_UNITS];
    int8_t h8[MAX_UNITS];
} units;

static void check(chip *c, units *u, uint32_t d)
{
    uint32_t at = CHIP_DATA;
    const uint32_t gx = chip_put(c, &at, u->gx, 6 * d), gh = chip_put(c, &at, u->gh, 6 * d);
    const uint32_t h = chip_put(c, &at, u->h, 2 * d), h8 = chip_put(c, &at, u->h8, d);
    const uint32_t table = chip_put(c, &at, mote_sigmoid_table, sizeof mote_sigmoid_table);
    int16_t got_h[MAX_UNITS];
    int8_t got_h8[MAX_UNITS];
    chip_run(c, (uint32_t[6]){gx, gh, h, h8, d, table});
    mote_xt_read(c->machine, h, got_h, 2 * d);
    mote_xt_read(c->machine, h8, got_h8, d);
    mote_gru_gates(u->gx, u->gh, u->h, u->h8, d);
    assert_memory_equal(got_h, u->h, 2 * d);
    assert_memory_equal(got_h8, u->h8, d);
}

/* Ranges of the inputs from small values to the limits of the type. */
static void over_sizes_and_ranges(void **state)
{
    (void)state;
    static const int ranges[] = {100, 3000, 9000, 20000, 32767};
    for (int windowed = 0; windowed < 2; windowed++) {
        chip c = chip_with("esp32s3/gru_gates.S", windowed);
        for (uint32_t d = 8; d <= MAX_UNITS; d += 8)
            for (size_t range = 0; range < sizeof ranges / sizeof *ranges; range++) {
                units u = {0};
                for (uint32_t i = 0; i < 3 * d; i++) {
                    u.gx[i] = between(-ranges[range] - 1, ranges[range]);
                    u.gh[i] = between(-ranges[range] - 1, ranges[range]);
                }
                for (uint32_t i = 0; i < d; i++)
                    u.h[i] = between(-16373, 16373);
                check(&c, &u, d);
            }
        mote_xt_destroy(c.machine);
    }
}

/* Every argument of the sigmoid, through the update gate and through the new state. */
static void every_argument(void **state)
{
    (void)state;
    chip c = chip_with("esp32s3/gru_gates.S", false);
    for (int32_t x = -32768; x < 32768; x += 64) {
        units u = {0};
        for (uint32_t i = 0; i < 64; i++) {
            u.gx[i] = u.gx[64 + i] = u.gx[128 + i] = (int16_t)(x + (int32_t)i);
            u.gh[128 + i] = (int16_t)(x % 3 ? 0 : 5000);
            u.h[i] = (int16_t)(i % 2 ? 16373 : -16373);
        }
        check(&c, &u, 64);
    }
    mote_xt_destroy(c.machine);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(over_sizes_and_ranges),
        cmocka_unit_test(every_argument),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
