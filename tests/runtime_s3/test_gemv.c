/* The matrix-vector products of the ESP32-S3, run in the emulator, give the bytes of the portable C that works row by
 * row, touch nothing beyond their outputs' last 16 bytes, and keep their caller's registers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "compiler/pack/codes.h"
#include "compiler/pack/layout.h"
#include "runtime/kernels.h"
#include "runtime/ops/lanes16.h"
#include "tests/runtime_s3/chip.h"

enum fill { LOWEST, HIGHEST, MIXED, RANDOM, FILLS };

static uint32_t seed = 1;

static uint32_t random_below(uint32_t n)
{
    seed = seed * 1664525u + 1013904223u;
    return (uint32_t)(((uint64_t)seed * n) >> 32);
}

static int extreme(enum fill fill, int low, int high)
{
    switch (fill) {
    case LOWEST:
        return low;
    case HIGHEST:
        return high;
    case MIXED:
        return random_below(2) ? low : high;
    default:
        return low + (int)random_below((uint32_t)(high - low + 1));
    }
}

typedef struct problem {
    mote_dtype dtype;
    uint32_t rows, columns;
    int shift, gain;
    bool biased, scaled, narrow;
    enum fill weights, x;
} problem;

typedef struct operands {
    int8_t *codes, *x;
    int32_t *bias;
    int16_t *multiplier;
} operands;

static void *make(size_t size)
{
    void *p = aligned_alloc(16, (size + 15) & ~(size_t)15);
    assert_non_null(p);
    memset(p, 0x55, (size + 15) & ~(size_t)15);
    return p;
}

/* Weights and bias as large as the bound of the layout allows. */
static operands make_operands(const problem *p)
{
    operands o = {make(p->rows * (size_t)p->columns), make(p->columns), make(4 * p->rows), make(2 * p->rows)};
    for (uint32_t c = 0; c < p->columns; c++)
        o.x[c] = (int8_t)extreme(p->x, -128, 127);
    for (uint32_t r = 0; r < p->rows; r++) {
        int32_t room = (int32_t)MOTE_LANES_BOUND - 1;
        for (uint32_t c = 0; c < p->columns; c++) {
            int w = p->dtype == MOTE_I8 ? extreme(p->weights, -128, 127) : extreme(p->weights, -1, 1);
            const int most = (room - 128 * (int)(p->columns - c - 1) * 4) / 128;
            w = p->dtype != MOTE_I8 || abs(w) <= most ? w : w < 0 ? -most : most;
            if (128 * abs(w) > room)
                w = 0;
            room -= 128 * (p->dtype == MOTE_I8 ? abs(w) : 1);
            o.codes[r * p->columns + c] = (int8_t)w;
        }
        assert_true(room >= 0);
        o.bias[r] = p->biased ? extreme(p->weights == MIXED ? RANDOM : p->weights, -room, room) : 0;
        o.multiplier[r] = (int16_t)extreme(random_below(4) ? RANDOM : MIXED, 0, 32767);
    }
    return o;
}

static void check_lanes16(chip *c, const problem *p)
{
    const operands o = make_operands(p);
    const size_t y_size = p->rows * (p->narrow ? 1u : 2u), y_units = (y_size + 15) & ~(size_t)15;
    const size_t row_bytes = p->dtype == MOTE_I8 ? p->columns : (p->columns + 63) / 64 * 16;
    const size_t lanes_size = mote_lanes16_size(p->dtype, p->rows, p->columns);
    uint8_t *rows = make(p->rows * row_bytes), *lanes = make(lanes_size), *want = make(y_size), *other = make(y_size);
    uint8_t *got = malloc(y_units + 32);
    mote_codes_pack(p->dtype, o.codes, p->rows, p->columns, rows);
    mote_lanes16_pack(p->dtype, o.codes, o.bias, p->rows, p->columns, lanes);
    mote_gemv g = {.weights = rows,
                   .x = o.x,
                   .bias = o.bias,
                   .multiplier = p->scaled ? o.multiplier : NULL,
                   .y = want,
                   .rows = p->rows,
                   .columns = p->columns,
                   .shift = p->shift,
                   .gain = p->gain,
                   .narrow = p->narrow};
    mote_portable_kernels.gemv[MOTE_ROWS][p->dtype](&g);
    g.weights = lanes, g.bias = NULL, g.y = other;
    mote_portable_kernels.gemv[MOTE_LANES16][p->dtype](&g);
    assert_memory_equal(other, want, y_size);

    chip_gemv on_chip = {.weights = lanes,
                         .weights_size = lanes_size,
                         .x = o.x,
                         .x_size = (p->columns + 15) & ~15u,
                         .multiplier = g.multiplier,
                         .multiplier_size = 2 * p->rows,
                         .y_size = y_size,
                         .rows = p->rows,
                         .columns = p->columns,
                         .narrow = p->narrow,
                         .shift = p->shift,
                         .gain = p->gain};
    chip_run(c, (uint32_t[6]){chip_put_gemv(c, &on_chip)});
    mote_xt_read(c->machine, on_chip.y - 16, got, y_units + 32);
    if (memcmp(got + 16, want, y_size) != 0) {
        print_message("dtype %d, %u x %u, shift %d, gain %d, bias %d, multiplier %d, narrow %d, fill %d %d\n",
                      (int)p->dtype, p->rows, p->columns, p->shift, p->gain, p->biased, p->scaled, p->narrow,
                      (int)p->weights, (int)p->x);
        assert_memory_equal(got + 16, want, y_size);
    }
    for (int i = 0; i < 16; i++)
        assert_true(got[i] == 0xa5 && got[16 + y_units + (size_t)i] == 0xa5);
    free(o.codes), free(o.x), free(o.bias), free(o.multiplier);
    free(rows), free(lanes), free(want), free(other), free(got);
}

static const char *source_of(mote_dtype dtype)
{
    return dtype == MOTE_I8 ? "gemv_lanes16_int8.S" : "gemv_lanes16_ternary2.S";
}

static void lanes16(mote_dtype dtype, bool windowed, int repeats)
{
    static const uint32_t columns[] = {1, 3, 15, 16, 17, 31, 32, 33, 48, 63, 64, 65, 96, 128, 133, 256, 400, 752};
    static const int shifts[] = {-8, -1, 0, 0, 1, 3, 4, 8, 14, 24};
    chip c = chip_with(source_of(dtype), windowed);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        for (int k = 0; k < repeats; k++) {
            problem p = {.dtype = dtype, .columns = columns[i], .rows = 1 + random_below(50)};
            p.narrow = random_below(2);
            p.shift = shifts[random_below(10)];
            p.gain = (int)random_below(9) * (random_below(3) != 0);
            p.biased = random_below(4) != 0;
            p.scaled = random_below(2);
            p.weights = (enum fill)(k % FILLS);
            p.x = (enum fill)(k / FILLS % FILLS);
            check_lanes16(&c, &p);
        }
    mote_xt_destroy(c.machine);
}

static void int8_lanes(void **state)
{
    (void)state;
    lanes16(MOTE_I8, false, 48);
    lanes16(MOTE_I8, true, 4);
}

static void ternary2_lanes(void **state)
{
    (void)state;
    lanes16(MOTE_TERNARY2, false, 48);
    lanes16(MOTE_TERNARY2, true, 4);
}

/* Every shift and gain a file may have, narrow and wide, with and without multipliers. */
static void every_requantisation(void **state)
{
    (void)state;
    for (int d = 0; d < 2; d++) {
        const mote_dtype dtype = d ? MOTE_TERNARY2 : MOTE_I8;
        chip c = chip_with(source_of(dtype), false);
        for (int shift = -8; shift <= 24; shift++)
            for (int gain = 0; gain <= 8; gain++)
                for (unsigned flags = 0; flags < 4; flags++)
                    check_lanes16(&c,
                                  &(problem){dtype, 24, 32, shift, gain, true, flags & 1, flags & 2, RANDOM, RANDOM});
        mote_xt_destroy(c.machine);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(int8_lanes),
        cmocka_unit_test(ternary2_lanes),
        cmocka_unit_test(every_requantisation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
