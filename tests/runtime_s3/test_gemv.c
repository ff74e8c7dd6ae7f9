/* Tests that the matrix-vector products of the ESP32-S3, run in the emulator, give the bytes of the portable C code for
 * rows, write nothing beyond the last 16 bytes of their outputs, and preserve the caller's registers. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "compiler/pack/codes.h"
#include "compiler/pack/layout.h"
#include "runtime/kernels.h"
#include "runtime/model.h"
#include "runtime/ops/blocks16.h"
#include "runtime/ops/tiles16.h"
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
        return low + (int)random_below((uint32_t)high - (uint32_t)low + 1);
    }
}

typedef struct problem {
    mote_layout layout;
    mote_dtype dtype;
    uint32_t rows, columns;
    int shift, gain;
    bool biased, scaled, narrow;
    enum fill weights, x;
} problem;

typedef struct operands {
    int16_t *codes;
    int8_t *x;
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

static int weight(mote_dtype dtype, enum fill fill)
{
    switch (dtype) {
    case MOTE_I16:
        return extreme(fill, -32768, 32767);
    case MOTE_I8:
        return extreme(fill, -128, 127);
    case MOTE_I4:
        return extreme(fill, -8, 7);
    case MOTE_BINARY:
        return 2 * extreme(fill, 0, 1) - 1;
    default:
        return extreme(fill, -1, 1);
    }
}

static bool is_in_lanes(const problem *p)
{
    return p->layout == MOTE_LANES16 || p->layout == MOTE_TILES16;
}

/* True if the weight belongs to an empty tile or block. `gone` of four are empty, 0 to 4. */
static bool is_gone(const problem *p, uint32_t row, uint32_t column, uint32_t gone)
{
    return (p->layout == MOTE_TILES16 && (row / 16 * 7 + column / 16 * 3) % 4 < gone) ||
           (p->layout == MOTE_BLOCKS16 && (row * 7 + column / 16 * 3) % 4 < gone);
}

/* Makes inputs, bias and multipliers of any value, and weights of any value or up to the bound of the lanes. */
static operands make_operands(const problem *p)
{
    operands o = {make(2 * p->rows * (size_t)p->columns), make(p->columns), make(4 * p->rows), make(2 * p->rows)};
    const bool bounded = is_in_lanes(p);
    const int32_t spare = p->layout == MOTE_TILES16 && p->dtype == MOTE_TERNARY2 ? (int32_t)(128 * p->columns) : 0;
    const uint32_t gone = random_below(p->layout == MOTE_BLOCKS16 ? 5 : 4);
    for (uint32_t c = 0; c < p->columns; c++)
        o.x[c] = (int8_t)extreme(p->x, -128, 127);
    for (uint32_t r = 0; r < p->rows; r++) {
        int32_t room = bounded ? (int32_t)MOTE_LANES_BOUND - 1 - spare : (1 << 30) - 1;
        for (uint32_t c = 0; c < p->columns; c++) {
            int w = weight(p->dtype, p->weights);
            if (128 * abs(w) > room || is_gone(p, r, c, gone))
                w = 0;
            room -= 128 * (p->dtype == MOTE_TERNARY2 ? 1 : abs(w));
            o.codes[r * p->columns + c] = (int16_t)w;
        }
        assert_true(room >= 0);
        o.bias[r] = p->biased ? extreme(p->weights == MIXED ? RANDOM : p->weights, -room, room) : 0;
        o.multiplier[r] = (int16_t)extreme(random_below(4) ? RANDOM : MIXED, 0, 32767);
    }
    return o;
}

/* Computes the expected outputs with the portable C code for rows. */
static void expect(const problem *p, const operands *o, void *y)
{
    uint8_t *rows = make(p->rows * mote_row_size(p->dtype, p->columns));
    mote_codes_pack(p->dtype, o->codes, p->rows, p->columns, rows);
    mote_portable_kernels.gemv[MOTE_ROWS][p->dtype](&(mote_gemv){.weights = rows,
                                                                 .x = o->x,
                                                                 .out.bias = o->bias,
                                                                 .out.multiplier = p->scaled ? o->multiplier : NULL,
                                                                 .out.y = y,
                                                                 .rows = p->rows,
                                                                 .columns = p->columns,
                                                                 .out.shift = p->shift,
                                                                 .out.gain = p->gain,
                                                                 .out.narrow = p->narrow});
    free(rows);
}

static void check(chip *c, const problem *p)
{
    const operands o = make_operands(p);
    const bool lanes = is_in_lanes(p);
    const size_t y_size = p->rows * (p->narrow ? 1u : 2u), y_units = (y_size + 15) & ~(size_t)15;
    const size_t size = p->layout == MOTE_TILES16    ? mote_tiles16_needs(p->dtype, o.codes, p->rows, p->columns)
                        : p->layout == MOTE_BLOCKS16 ? mote_blocks16_needs(p->dtype, o.codes, p->rows, p->columns)
                        : p->layout == MOTE_LANES16  ? mote_lanes16_size(p->dtype, p->rows, p->columns)
                                                     : p->rows * mote_row_size(p->dtype, p->columns);
    uint8_t *weights = make(size), *want = make(y_size), *got = malloc(y_units + 32);
    if (p->layout == MOTE_TILES16)
        mote_tiles16_pack(p->dtype, o.codes, o.bias, p->rows, p->columns, weights);
    else if (p->layout == MOTE_BLOCKS16)
        mote_blocks16_pack(p->dtype, o.codes, p->rows, p->columns, weights);
    else if (lanes)
        mote_lanes16_pack(p->dtype, o.codes, o.bias, p->rows, p->columns, weights);
    else
        mote_codes_pack(p->dtype, o.codes, p->rows, p->columns, weights);
    expect(p, &o, want);
    chip_gemv on_chip = {.weights = weights,
                         .weights_size = size,
                         .x = o.x,
                         .x_size = (p->columns + 15) & ~15u,
                         .bias = lanes || !p->biased ? NULL : o.bias,
                         .bias_size = 4 * p->rows,
                         .multiplier = p->scaled ? o.multiplier : NULL,
                         .multiplier_size = 2 * p->rows,
                         .y_size = y_size,
                         .rows = p->rows,
                         .columns = p->columns,
                         .narrow = p->narrow,
                         .shift = p->shift,
                         .gain = p->gain};
    int8_t last[16] = {0}; /* for the kernel of unaligned rows */
    memcpy(last, o.x + p->columns / 16 * 16, p->columns % 16);
    const uint32_t g = chip_put_gemv(c, &on_chip);
    mote_xt_write(c->machine, CHIP_DATA + 48, last, sizeof last);
    chip_run(c, (uint32_t[6]){g, CHIP_DATA + 48});
    mote_xt_read(c->machine, on_chip.y - 16, got, y_units + 32);
    if (memcmp(got + 16, want, y_size) != 0) {
        print_message(
            "dtype %d, layout %d, %u x %u, shift %d, gain %d, bias %d, multiplier %d, narrow %d, fill %d %d\n",
            (int)p->dtype, (int)p->layout, p->rows, p->columns, p->shift, p->gain, p->biased, p->scaled, p->narrow,
            (int)p->weights, (int)p->x);
        assert_memory_equal(got + 16, want, y_size);
    }
    for (int i = 0; i < 16; i++)
        assert_true(got[i] == 0xa5 && got[16 + y_units + (size_t)i] == 0xa5);
    free(o.codes), free(o.x), free(o.bias), free(o.multiplier);
    free(weights), free(want), free(got);
}

typedef struct kernel {
    const char *file;
    mote_layout layout;
    mote_dtype dtype;
    uint32_t step, widest; /* step and maximum of the number of columns */
} kernel;

static const kernel kernels[] = {
    {"esp32s3/gemv_lanes16_int8.S", MOTE_LANES16, MOTE_I8, 1, 1500},
    {"esp32s3/gemv_lanes16_ternary2.S", MOTE_LANES16, MOTE_TERNARY2, 1, 752},
    {"esp32s3/gemv_tiles16_int8.S", MOTE_TILES16, MOTE_I8, 1, 1500},
    {"esp32s3/gemv_tiles16_ternary2.S", MOTE_TILES16, MOTE_TERNARY2, 1, 752},
    {"esp32s3/gemv_blocks16_int8.S", MOTE_BLOCKS16, MOTE_I8, 1, 4096},
    {"esp32s3/gemv_blocks16_ternary2.S", MOTE_BLOCKS16, MOTE_TERNARY2, 1, 4096},
    {"esp32s3/gemv_rows_int8.S", MOTE_ROWS, MOTE_I8, 16, 4096},
    {"esp32s3/gemv_unaligned_int8.S", MOTE_ROWS, MOTE_I8, 1, 4096},
    {"esp32s3/gemv_rows_int16.S", MOTE_ROWS, MOTE_I16, 16, 4096},
    {"esp32s3/gemv_rows_int4.S", MOTE_ROWS, MOTE_I4, 16, 4096},
    {"esp32s3/gemv_rows_ternary2.S", MOTE_ROWS, MOTE_TERNARY2, 16, 4096},
    {"esp32s3/gemv_rows_binary.S", MOTE_ROWS, MOTE_BINARY, 16, 4096},
};
enum { KERNELS = sizeof kernels / sizeof *kernels };

static void sizes_and_extremes(const kernel *k, bool windowed, int repeats)
{
    static const uint32_t columns[] = {1,  3,  15, 16,  17,  31,  32,  33,  48,  63,   64,
                                       65, 80, 96, 112, 128, 133, 256, 400, 752, 1500, 4096};
    static const int shifts[] = {-8, -1, 0, 0, 1, 3, 4, 8, 14, 24};
    chip c = chip_with(k->file, windowed);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        for (int n = 0; n < repeats && columns[i] % k->step == 0 && columns[i] <= k->widest; n++) {
            problem p = {.layout = k->layout, .dtype = k->dtype, .columns = columns[i]};
            p.rows = 1 + random_below(columns[i] > 500 ? 20 : 50);
            p.narrow = random_below(2);
            p.shift = shifts[random_below(10)];
            p.gain = (int)random_below(9) * (random_below(3) != 0);
            p.biased = random_below(4) != 0;
            p.scaled = random_below(2);
            p.weights = (enum fill)(n % FILLS);
            p.x = (enum fill)(n / FILLS % FILLS);
            check(&c, &p);
        }
    mote_xt_destroy(c.machine);
}

static void over_sizes_and_extremes(void **state)
{
    (void)state;
    for (int k = 0; k < KERNELS; k++) {
        sizes_and_extremes(&kernels[k], false, 48);
        sizes_and_extremes(&kernels[k], true, 4);
    }
}

/* Every shift and gain that a file may have, with int8 and int16 outputs, with and without multipliers. */
static void every_requantization(void **state)
{
    (void)state;
    for (int k = 0; k < KERNELS; k++) {
        chip c = chip_with(kernels[k].file, false);
        for (int shift = -8; shift <= 24; shift++)
            for (int gain = 0; gain <= 8; gain++)
                for (unsigned flags = 0; flags < 4; flags++)
                    check(&c, &(problem){kernels[k].layout, kernels[k].dtype, 32, 32, shift, gain, true, flags & 1,
                                         flags & 2, RANDOM, RANDOM});
        mote_xt_destroy(c.machine);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(over_sizes_and_extremes),
        cmocka_unit_test(every_requantization),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
