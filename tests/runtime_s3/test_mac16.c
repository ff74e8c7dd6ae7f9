/* Tests the dot products of the ESP32, run in the emulator (the ESP32-S3 has the same MAC16), against sums in C. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "compiler/pack/layout.h"
#include "runtime/ops/blocks16.h"
#include "tests/runtime_s3/chip.h"

enum { ROWS = 7, COLUMNS = 512 };

static uint32_t seed = 3;

static int between(int low, int high)
{
    seed = seed * 1664525u + 1013904223u;
    return low + (int)(((uint64_t)seed * (uint32_t)(high - low + 1)) >> 32);
}

static void run(chip *c, const void *weights, size_t size, const int16_t *x, uint32_t columns, uint32_t count,
                const int32_t *want)
{
    int32_t got[ROWS + 1];
    uint32_t at = CHIP_DATA;
    const uint32_t w = chip_put(c, &at, weights, size), inputs = chip_put(c, &at, x, 2 * columns + 8);
    memset(got, 0x5a, sizeof got);
    const uint32_t dots = chip_put(c, &at, got, sizeof got);
    chip_run(c, (uint32_t[6]){w, inputs, dots, ROWS, count});
    mote_xt_read(c->machine, dots, got, sizeof got);
    assert_memory_equal(got, want, ROWS * sizeof *want);
    assert_int_equal(got[ROWS], 0x5a5a5a5a);
}

static void int8(void **state)
{
    (void)state;
    for (int windowed = 0; windowed < 2; windowed++) {
        chip c = chip_with("esp32/dots_int8.S", windowed);
        for (uint32_t columns = 8; columns <= COLUMNS; columns += 8)
            for (int extreme = 0; extreme < 4; extreme++) {
                int8_t weights[ROWS * COLUMNS];
                int16_t x[COLUMNS + 4];
                int32_t want[ROWS] = {0};
                for (uint32_t i = 0; i < columns + 4; i++)
                    x[i] = (int16_t)(extreme == 1 ? -128 : extreme == 2 ? 127 : between(-128, 127));
                for (uint32_t i = 0; i < ROWS * columns; i++) {
                    weights[i] = (int8_t)(extreme == 1 || extreme == 3 ? -128 : between(-128, 127));
                    want[i / columns] += weights[i] * x[i % columns];
                }
                run(&c, weights, ROWS * columns, x, columns, columns, want);
            }
        mote_xt_destroy(c.machine);
    }
}

/* Extreme values up to the largest sum: 511·32768·128 < 2^31. */
static void int16(void **state)
{
    (void)state;
    for (int windowed = 0; windowed < 2; windowed++) {
        chip c = chip_with("esp32/dots_int16.S", windowed);
        for (uint32_t columns = 4; columns < COLUMNS; columns += 4)
            for (int extreme = 0; extreme < 4; extreme++) {
                int16_t weights[ROWS * COLUMNS], x[COLUMNS + 4];
                int32_t want[ROWS] = {0};
                for (uint32_t i = 0; i < columns + 4; i++)
                    x[i] = (int16_t)(extreme == 1 ? -128 : extreme == 2 ? 127 : between(-128, 127));
                for (uint32_t i = 0; i < ROWS * columns; i++) {
                    weights[i] = (int16_t)(extreme == 1 || extreme == 3 ? -32768 : between(-32768, 32767));
                    want[i / columns] += weights[i] * x[i % columns];
                }
                run(&c, weights, 2 * ROWS * columns, x, columns, columns, want);
            }
        mote_xt_destroy(c.machine);
    }
}

/* The codes are in the order in which, by the routine's description, they are multiplied with the inputs. */
static void ternary2(void **state)
{
    (void)state;
    for (int windowed = 0; windowed < 2; windowed++) {
        chip c = chip_with("esp32/dots_ternary2.S", windowed);
        for (uint32_t words = 1; words <= COLUMNS / 16; words++)
            for (int extreme = 0; extreme < 3; extreme++) {
                uint8_t weights[ROWS * COLUMNS / 4] = {0};
                int16_t x[COLUMNS + 4] = {0};
                int32_t want[ROWS] = {0};
                int8_t input[COLUMNS];
                for (uint32_t i = 0; i < 16 * words; i++) {
                    input[i] = (int8_t)(extreme == 1 ? -128 : extreme == 2 ? 127 : between(-128, 127));
                    x[i] = (int16_t)(input[i] * (1 << (6 - 2 * (i % 8 / 2))));
                }
                for (uint32_t i = 0; i < ROWS * 16 * words; i++) {
                    const uint32_t place = i % 16, byte = place / 8 + place % 2 * 2, k = place % 8 / 2;
                    const int code = extreme ? 2 : between(0, 2);
                    weights[i / 16 * 4 + byte] |= (uint8_t)(code << (2 * k));
                    want[i / (16 * words)] += code * input[i % (16 * words)];
                }
                run(&c, weights, ROWS * 4 * words, x, 16 * words, words, want);
            }
        mote_xt_destroy(c.machine);
    }
}

/* Runs the routine on a matrix of blocks, of which none to all are empty, with inputs in the routine's format. */
static void run_blocks(chip *c, mote_dtype dtype, const int16_t *codes, uint32_t columns, const int16_t *x,
                       size_t x_size, const int32_t *want)
{
    int32_t got[ROWS + 1];
    uint8_t data[32 + (ROWS + 1) * (COLUMNS + 128)];
    const size_t size = mote_blocks16_needs(dtype, codes, ROWS, columns);
    assert_true(size <= sizeof data);
    mote_blocks16_pack(dtype, codes, ROWS, columns, data);
    uint32_t at = CHIP_DATA;
    const uint32_t w = chip_put(c, &at, data, size), inputs = chip_put(c, &at, x, x_size);
    memset(got, 0x5a, sizeof got);
    const uint32_t dots = chip_put(c, &at, got, sizeof got);
    chip_run(c, (uint32_t[6]){w + mote_index_bytes(data), inputs, dots, ROWS, w + 4});
    mote_xt_read(c->machine, dots, got, sizeof got);
    assert_memory_equal(got, want, ROWS * sizeof *want);
    assert_int_equal(got[ROWS], 0x5a5a5a5a);
    if (!c->windowed) /* returns the end of the index entries that it has read */
        assert_int_equal(mote_xt_get(c->machine, "a2"),
                         w + 4 + 2 * (mote_index_parts(data, ROWS) + 2 * (uint64_t)ROWS));
}

static void blocks(mote_dtype dtype, const char *file)
{
    for (int windowed = 0; windowed < 2; windowed++) {
        chip c = chip_with(file, windowed);
        for (uint32_t columns = 16; columns <= COLUMNS; columns += 16)
            for (int n = 0; n < 15; n++) {
                const int extreme = n % 3, gone = n / 3;
                int16_t codes[ROWS * COLUMNS], x[COLUMNS / 16 * 18 + 4] = {0};
                int32_t want[ROWS] = {0}, input[COLUMNS];
                for (uint32_t i = 0; i < columns; i++)
                    input[i] = extreme == 1 ? -128 : extreme == 2 ? 127 : between(-128, 127);
                for (uint32_t i = 0; i < ROWS * columns; i++) {
                    const int most = dtype == MOTE_I8 ? 127 : 1, least = dtype == MOTE_I8 ? -128 : -1;
                    const int w = extreme == 2 ? most : extreme == 1 ? least : between(least, most);
                    codes[i] = (int16_t)((i / columns * 3 + i % columns / 16) % 4 < (uint32_t)gone ? 0 : w);
                    want[i / columns] += codes[i] * input[i % columns];
                }
                for (uint32_t i = 0; i < columns; i++) {
                    const uint32_t block = 18 * (i / 16), k = i % 16 / 4;
                    if (dtype == MOTE_I8) {
                        x[i] = (int16_t)input[i];
                        continue;
                    }
                    x[block + i % 2 * 8 + 2 * k + i % 4 / 2] = (int16_t)(input[i] * (1 << (6 - 2 * k)));
                    x[block + 16] = (int16_t)(x[block + 16] + input[i]);
                }
                run_blocks(&c, dtype, codes, columns, x, sizeof x, want);
            }
        mote_xt_destroy(c.machine);
    }
}

static void blocks_int8(void **state)
{
    (void)state;
    blocks(MOTE_I8, "esp32/dots_blocks16_int8.S");
}

static void blocks_ternary2(void **state)
{
    (void)state;
    blocks(MOTE_TERNARY2, "esp32/dots_blocks16_ternary2.S");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(int8),        cmocka_unit_test(int16),           cmocka_unit_test(ternary2),
        cmocka_unit_test(blocks_int8), cmocka_unit_test(blocks_ternary2),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
