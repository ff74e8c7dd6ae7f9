/* Tests every kernel, scalar or vector, against 64-bit arithmetic written from docs/SPEC.md, over sizes and
 * extreme values. Operands end exactly where the contract allows, so that AddressSanitizer detects a kernel that
 * reads further. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/crc32.h"
#include "runtime/kernels.h"
#include "runtime/scalar/scalar.h"

static uint32_t rng = 1;

static uint32_t random_below(uint32_t n)
{
    rng = rng * 1664525u + 1013904223u;
    return (rng >> 8) % n;
}

enum fill { RANDOM, LOWEST, HIGHEST, MIXED, FILLS };

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

static size_t row_size(mote_dtype dtype, uint32_t columns)
{
    return dtype == MOTE_TERNARY2   ? (columns + 63) / 64 * 16
           : dtype == MOTE_TERNARY5 ? (columns + 4) / 5
           : dtype == MOTE_I16      ? 2 * columns
           : dtype == MOTE_I4       ? (columns + 31) / 32 * 16
           : dtype == MOTE_BINARY   ? (columns + 127) / 128 * 16
                                    : columns;
}

/* Writes the codes of a row as docs/SPEC.md lays them out; padding has the code of zero. */
static void put_row(mote_dtype dtype, uint8_t *row, const int *w, uint32_t columns)
{
    static const uint8_t power[5] = {1, 3, 9, 27, 81};
    if (dtype == MOTE_I16) {
        for (uint32_t c = 0; c < columns; c++)
            row[2 * c] = (uint8_t)w[c], row[2 * c + 1] = (uint8_t)((unsigned)w[c] >> 8);
        return;
    }
    if (dtype == MOTE_I8) {
        for (uint32_t c = 0; c < columns; c++)
            row[c] = (uint8_t)w[c];
        return;
    }
    memset(row, 0, row_size(dtype, columns));
    if (dtype == MOTE_I4) {
        for (uint32_t c = 0; c < (columns + 31) / 32 * 32; c++)
            row[c / 32 * 16 + c % 16] |= (uint8_t)((c < columns ? w[c] + 8 : 8) * (c % 32 < 16 ? 1 : 16));
        return;
    }
    if (dtype == MOTE_BINARY) {
        for (uint32_t c = 0; c < columns; c++)
            row[c / 128 * 16 + c % 16] |= (uint8_t)((w[c] > 0) << (c % 128 / 16));
        return;
    }
    uint32_t padded = (uint32_t)row_size(dtype, columns) * (dtype == MOTE_TERNARY2 ? 4 : 5);
    for (uint32_t c = 0; c < padded; c++) {
        unsigned code = c < columns ? (unsigned)(w[c] + 1) : 1;
        if (dtype == MOTE_TERNARY2)
            row[c / 64 * 16 + c % 16] |= (uint8_t)(code << (c % 64 / 16 * 2));
        else
            row[c / 5] = (uint8_t)(row[c / 5] + code * power[c % 5]);
    }
}

static int64_t limit(int64_t v, int64_t low, int64_t high)
{
    return v < low ? low : v > high ? high : v;
}

static int64_t floor_shift(int64_t v, int shift)
{
    int64_t unit = (int64_t)1 << shift;
    return v >= 0 ? v / unit : -((-v + unit - 1) / unit);
}

static int64_t expected(int64_t acc, int shift, int gain, bool scaled, int64_t multiplier, bool narrow)
{
    int64_t t = shift >= 0 ? floor_shift(acc, shift) : acc * ((int64_t)1 << -shift);
    int64_t u = limit(t, -32768, 32767);
    if (scaled)
        u = floor_shift(u * multiplier, 15);
    if (!narrow)
        return limit(u * ((int64_t)1 << gain), -32768, 32767);
    u = limit(u + (gain ? (int64_t)1 << (gain - 1) : 0), -32768, 32767);
    return limit(floor_shift(u, gain), -127, 127);
}

typedef struct problem {
    mote_dtype dtype;
    uint32_t rows, columns;
    int shift, gain;
    bool biased, scaled, narrow;
    enum fill fill;
} problem;

static void *exact(size_t size)
{
    void *p = aligned_alloc(16, (size + 15) & ~(size_t)15);
    assert_non_null(p);
    return p;
}

/* Returns any weight of the type. An int16 weight is limited so that a row of such weights cannot overflow the
 * accumulator. */
static int any_weight(const problem *p)
{
    const int largest = (INT32_MAX - 100000) / 128 / (int)p->columns;
    switch (p->dtype) {
    case MOTE_I16:
        return largest < 32768 ? extreme(p->fill, -largest, largest) : extreme(p->fill, -32768, 32767);
    case MOTE_I8:
        return extreme(p->fill, -128, 127);
    case MOTE_I4:
        return extreme(p->fill, -8, 7);
    case MOTE_BINARY:
        return extreme(p->fill, 0, 1) ? 1 : -1;
    default:
        return extreme(p->fill, -1, 1);
    }
}

static void check_gemv(const mote_kernels *kernels, const problem *p)
{
    const size_t stride = row_size(p->dtype, p->columns);
    uint8_t *weights = malloc(p->rows * stride);
    int8_t *x = exact(p->columns);
    int32_t *bias = malloc(p->rows * sizeof *bias);
    int16_t *multiplier = malloc(p->rows * sizeof *multiplier);
    int64_t *want = malloc(p->rows * sizeof *want);
    int *w = malloc(p->columns * sizeof *w);
    void *y = malloc(p->rows * (p->narrow ? 1 : 2));
    assert_true(weights && bias && multiplier && want && w && y);
    memset(x, 0x55, (p->columns + 15) & ~15u);
    for (uint32_t c = 0; c < p->columns; c++)
        x[c] = (int8_t)extreme(p->fill, -128, 127);
    for (uint32_t r = 0; r < p->rows; r++) {
        int64_t acc = bias[r] = p->biased ? extreme(p->fill, -100000, 100000) : 0;
        multiplier[r] = (int16_t)extreme(p->fill, 0, 32767);
        for (uint32_t c = 0; c < p->columns; c++) {
            w[c] = any_weight(p);
            acc += (int64_t)w[c] * x[c];
        }
        put_row(p->dtype, weights + r * stride, w, p->columns);
        want[r] = expected(acc, p->shift, p->gain, p->scaled, multiplier[r], p->narrow);
    }
    const mote_gemv g = {.weights = weights,
                         .x = x,
                         .out.bias = p->biased ? bias : NULL,
                         .out.multiplier = p->scaled ? multiplier : NULL,
                         .out.y = y,
                         .rows = p->rows,
                         .columns = p->columns,
                         .out.shift = p->shift,
                         .out.gain = p->gain,
                         .out.narrow = p->narrow,
                         .dtype = p->dtype};
    kernels->gemv[MOTE_ROWS][p->dtype](&g);
    for (uint32_t r = 0; r < p->rows; r++)
        assert_int_equal(p->narrow ? ((int8_t *)y)[r] : ((int16_t *)y)[r], want[r]);
    free(weights), free(x), free(bias), free(multiplier), free(want), free(w), free(y);
}

/* Returns a set of kernels: the scalar ones, a variant with four rows at a time, then those that this processor
 * runs. */
static const mote_kernels *kernels_at(uint32_t index)
{
    static mote_kernels rows4;
    rows4 = mote_scalar_kernels;
    rows4.gemv[MOTE_ROWS][MOTE_I8] = mote_scalar_gemv_rows4_int8;
    return index == 0 ? &mote_scalar_kernels : index == 1 ? &rows4 : mote_kernels_at(index - 2);
}

/* Every set has at least the kernels of the portable set. */
static void sets_are_complete(void **state)
{
    (void)state;
    enum { FIRST = offsetof(mote_kernels, gemv), COUNT = (sizeof(mote_kernels) - FIRST) / sizeof(void *) };
    const mote_kernels *kernels;
    for (uint32_t k = 0; (kernels = kernels_at(k)) != NULL; k++)
        for (size_t i = 0; i < COUNT; i++) {
            static const char none[sizeof(void *)];
            const size_t at = FIRST + i * sizeof(void *);
            if (memcmp((const char *)&mote_portable_kernels + at, none, sizeof none) != 0)
                assert_memory_not_equal((const char *)kernels + at, none, sizeof none);
        }
}

static void gemv_over_sizes_and_extremes(void **state)
{
    (void)state;
    static const uint32_t columns[] = {1,  2,  5,  15,  16,  17,  31,  48,  60,  63,  64,
                                       65, 80, 96, 128, 133, 144, 320, 508, 512, 1285};
    static const mote_dtype dtypes[] = {MOTE_I16, MOTE_I8, MOTE_I4, MOTE_TERNARY2, MOTE_TERNARY5, MOTE_BINARY};
    static const int shifts[] = {-8, -1, 0, 3, 24};
    const mote_kernels *kernels;
    for (uint32_t k = 0; (kernels = kernels_at(k)) != NULL; k++)
        for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
            for (size_t d = 0; d < sizeof dtypes / sizeof *dtypes; d++)
                for (int i = 0; i < 60; i++) {
                    problem p = {.dtype = dtypes[d], .columns = columns[c], .rows = 1 + random_below(20)};
                    p.shift = shifts[random_below(5)];
                    p.narrow = random_below(3) == 0;
                    p.gain = (int)random_below(9);
                    p.biased = random_below(4) != 0;
                    p.scaled = random_below(2) != 0;
                    p.fill = (enum fill)(i % FILLS);
                    check_gemv(kernels, &p);
                }
}

/* Products at the accumulator limit that opening a file allows. */
static void gemv_at_the_widest(void **state)
{
    (void)state;
    const mote_kernels *kernels;
    for (uint32_t k = 0; (kernels = kernels_at(k)) != NULL; k++)
        for (int fill = LOWEST; fill <= MIXED; fill++) {
            check_gemv(kernels, &(problem){MOTE_I16, 9, 511, 16, 0, true, false, false, (enum fill)fill});
            check_gemv(kernels, &(problem){MOTE_I16, 9, 65535, 16, 0, true, false, false, (enum fill)fill});
            check_gemv(kernels, &(problem){MOTE_I8, 9, 65535, 15, 0, true, false, false, (enum fill)fill});
            check_gemv(kernels, &(problem){MOTE_TERNARY2, 9, 65535, 8, 0, true, false, false, (enum fill)fill});
            check_gemv(kernels, &(problem){MOTE_I4, 9, 65535, 11, 0, true, false, false, (enum fill)fill});
            check_gemv(kernels, &(problem){MOTE_BINARY, 9, 65535, 8, 0, true, false, false, (enum fill)fill});
            check_gemv(kernels, &(problem){MOTE_TERNARY5, 9, 65535, 8, 0, true, false, false, (enum fill)fill});
        }
}

static int64_t sigmoid(int64_t x)
{
    int64_t a = limit(x < 0 ? -x : x, 0, 8191), i = a / 64;
    int64_t low = llround(32768 / (1 + exp(-(double)i / 16))), high = llround(32768 / (1 + exp(-(double)(i + 1) / 16)));
    int64_t y = low + (high - low) * (a % 64) / 64;
    return x < 0 ? 32768 - y : y;
}

static int64_t sum16(int64_t a, int64_t b)
{
    return limit(a + b, -32768, 32767);
}

static void gates_of_one_unit(const mote_kernels *kernels, uint32_t d, enum fill fill)
{
    int16_t *gx = malloc(6 * d), *gh = malloc(6 * d), *h = malloc(2 * d);
    int64_t *want = malloc(d * sizeof *want);
    int8_t *h8 = malloc(d);
    assert_true(gx && gh && h && want && h8);
    for (uint32_t i = 0; i < 3 * d; i++) {
        gx[i] = (int16_t)extreme(fill, -32768, 32767);
        gh[i] = (int16_t)extreme(fill, -32768, 32767);
    }
    for (uint32_t i = 0; i < d; i++) {
        h[i] = (int16_t)extreme(fill, -16384, 16384);
        int64_t r = sigmoid(sum16(gx[i], gh[i])), z = sigmoid(sum16(gx[d + i], gh[d + i]));
        int64_t a = sum16(gx[2 * d + i], floor_shift(r * gh[2 * d + i], 15));
        int64_t n = sigmoid(limit(2 * a, -32768, 32767)) - 16384;
        want[i] = n + floor_shift(z * (h[i] - n), 15);
    }
    kernels->gru_gates(gx, gh, h, h8, d);
    for (uint32_t i = 0; i < d; i++) {
        assert_int_equal(h[i], want[i]);
        assert_int_equal(h8[i], limit(floor_shift(want[i] + 64, 7), -127, 127));
        assert_in_range(h[i] + 16384, 0, 32768);
    }
    free(gx), free(gh), free(h), free(want), free(h8);
}

static void gates_over_sizes_and_extremes(void **state)
{
    (void)state;
    const mote_kernels *kernels;
    for (uint32_t k = 0; (kernels = kernels_at(k)) != NULL; k++)
        for (uint32_t d = 1; d < 70; d++)
            for (int fill = 0; fill < FILLS; fill++)
                gates_of_one_unit(kernels, d, (enum fill)fill);
}

/* The fixed-point gates approximate the real functions: a unit with random gates stays close to a float GRU. */
static void gates_follow_the_float_gru(void **state)
{
    (void)state;
    int16_t gx[3], gh[3], h = 0;
    int8_t h8 = 0;
    double real = 0, worst = 0;
    for (int step = 0; step < 20000; step++) {
        for (int i = 0; i < 3; i++) {
            gx[i] = (int16_t)extreme(RANDOM, -4000, 4000);
            gh[i] = (int16_t)extreme(RANDOM, -4000, 4000);
        }
        double r = 1 / (1 + exp(-(gx[0] + gh[0]) / 1024.0)), z = 1 / (1 + exp(-(gx[1] + gh[1]) / 1024.0));
        double n = tanh((gx[2] + r * gh[2]) / 1024.0);
        real = (1 - z) * n + z * real;
        mote_gru_gates(gx, gh, &h, &h8, 1);
        worst = fmax(worst, fabs(h / 16384.0 - real));
    }
    assert_true(worst < 0.002);
}

static void add_of_every_table(void **state)
{
    (void)state;
    const mote_kernels *kernels;
    _Alignas(16) int16_t a[80], b[80], y[80];
    _Alignas(16) int8_t narrow_a[80], narrow_b[80], narrow_y[80];
    for (uint32_t k = 0; (kernels = kernels_at(k)) != NULL; k++)
        for (uint32_t count = 1; count <= 80; count++) {
            for (uint32_t i = 0; i < count; i++) {
                a[i] = (int16_t)extreme(RANDOM, -32768, 32767), b[i] = (int16_t)extreme(RANDOM, -32768, 32767);
                narrow_a[i] = (int8_t)extreme(RANDOM, -128, 127), narrow_b[i] = (int8_t)extreme(RANDOM, -128, 127);
            }
            kernels->add(a, b, y, count, 0);
            kernels->add(narrow_a, narrow_b, narrow_y, count, 1);
            for (uint32_t i = 0; i < count; i++) {
                assert_int_equal(y[i], limit(a[i] + b[i], -32768, 32767));
                assert_int_equal(narrow_y[i], limit(narrow_a[i] + narrow_b[i], -127, 127));
            }
        }
}

/* The result has the highest score of all tokens that are not excluded, and the lowest index among equal scores. */
static void argmax_of_every_table(void **state)
{
    (void)state;
    const mote_kernels *kernels;
    _Alignas(16) int16_t scores[60];
    for (uint32_t k = 0; (kernels = kernels_at(k)) != NULL; k++)
        for (uint32_t count = 1; count <= 60; count++)
            for (uint32_t excluded = 0; excluded <= count; excluded++) {
                for (uint32_t i = 0; i < count; i++)
                    scores[i] = (int16_t)extreme(RANDOM, 0, count % 2 ? 3 : 1000);
                const uint32_t best = kernels->argmax(scores, count, excluded);
                assert_true(best < count && (best != excluded || count == 1));
                for (uint32_t i = 0; i < count; i++)
                    assert_true(i == excluded || (i < best ? scores[i] < scores[best] : scores[i] <= scores[best]));
            }
}

static void crc_is_zlibs(void **state)
{
    (void)state;
    assert_int_equal(mote_crc32(0, "123456789", 9), 0xcbf43926u); /* the check value of CRC-32 */
    assert_int_equal(mote_crc32(mote_crc32(0, "1234", 4), "56789", 5), 0xcbf43926u);
}

int main(void)
{
    if (mote_kernels_at(2) == NULL)
        print_message("SKIPPED: some vector kernels, this processor does not run them\n");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sets_are_complete),          cmocka_unit_test(gemv_over_sizes_and_extremes),
        cmocka_unit_test(gemv_at_the_widest),         cmocka_unit_test(gates_over_sizes_and_extremes),
        cmocka_unit_test(gates_follow_the_float_gru), cmocka_unit_test(add_of_every_table),
        cmocka_unit_test(argmax_of_every_table),      cmocka_unit_test(crc_is_zlibs),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
