/* Tests that SiLU and GELU of the ESP32-S3, run in the emulator, give the bytes of the portable C code. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "runtime/kernels.h"
#include "runtime/ops/normal.h"
#include "runtime/ops/sigmoid.h"
#include "tests/runtime_s3/chip.h"

enum { COUNT = 8192, GUARD = 16 };

static void check(chip *c, const int16_t *x, uint32_t count, const mote_segment *curve, uint32_t up, uint32_t down)
{
    const int16_t constants[] = {1, (int16_t)(8192 >> up), (int16_t)(1 << up), 63, 16384};
    int16_t got[COUNT + GUARD], want[COUNT + GUARD];
    memset(want, 0xa5, sizeof want);
    uint32_t at = CHIP_DATA;
    const uint32_t from = chip_put(c, &at, x, 2 * count), to = chip_put(c, &at, want, 2 * (count + GUARD));
    const uint32_t table = chip_put(c, &at, curve, 129 * sizeof *curve);
    chip_run(c, (uint32_t[6]){from, to, count / 8, table, down, chip_put(c, &at, constants, sizeof constants)});
    mote_xt_read(c->machine, to, got, 2 * (count + GUARD));
    mote_activate(x, want, count, curve, up, down);
    assert_memory_equal(got, want, 2 * (count + GUARD));
}

static void every_value_in_every_unit(void **state)
{
    (void)state;
    chip c = chip_with("esp32s3/activate.S", false);
    int16_t x[COUNT];
    for (int32_t from = -32768; from < 32768; from += COUNT) {
        for (int32_t i = 0; i < COUNT; i++)
            x[i] = (int16_t)(from + i);
        for (uint32_t unit = 4; unit <= 14; unit++) {
            const uint32_t up = unit < 10 ? 10 - unit : 0, down = unit < 10 ? 0 : unit - 10;
            check(&c, x, COUNT, mote_sigmoid_table, up, down);
            check(&c, x, COUNT, mote_normal_table, up + 1, down);
        }
    }
    mote_xt_destroy(c.machine);
}

static void every_size(void **state)
{
    (void)state;
    int16_t x[8 * 33];
    for (uint32_t i = 0; i < sizeof x / sizeof *x; i++)
        x[i] = (int16_t)(i * 40503u);
    for (int windowed = 0; windowed < 2; windowed++) {
        chip c = chip_with("esp32s3/activate.S", windowed);
        for (uint32_t count = 0; count <= sizeof x / sizeof *x; count += 8)
            check(&c, x, count, mote_sigmoid_table, 0, 2);
        mote_xt_destroy(c.machine);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_value_in_every_unit), cmocka_unit_test(every_size)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
