/* Tests of half precision: every half converted to float and back, and rounding against a search for the nearest
 * half. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/pack/codes.h"
#include "runtime/ops/half.h"

/* Returns the value of a half by the definition of binary16. Infinity counts as 2^16, for rounding. */
static double value_of(uint32_t bits)
{
    const int exponent = (int)(bits >> 10 & 31);
    const double size = exponent ? ldexp(1024 + (bits & 1023), exponent - 25) : ldexp(bits & 1023, -24);
    return bits & 0x8000 ? -size : size;
}

/* Returns the nearest positive half, found by bisection; ties go to the even one. */
static uint32_t nearest(double size)
{
    uint32_t low = 0, high = 0x7c00;
    if (size >= value_of(high))
        return high;
    while (high - low > 1) {
        const uint32_t middle = (low + high) / 2;
        if (value_of(middle) <= size)
            low = middle;
        else
            high = middle;
    }
    const double below = size - value_of(low), above = value_of(high) - size;
    return below < above || (below == above && low % 2 == 0) ? low : high;
}

static void expect(float value)
{
    const uint32_t want = nearest(fabs((double)value)) | (signbit(value) ? 0x8000 : 0);
    assert_int_equal(mote_half_of(value), want);
}

static void every_half(void **state)
{
    (void)state;
    for (uint32_t bits = 0; bits < 65536; bits++) {
        const float value = mote_half_value((uint16_t)bits);
        assert_int_equal(mote_half_is_finite((uint16_t)bits), isfinite(value) != 0);
        if ((bits & 0x7c00) != 0x7c00) {
            assert_true((double)value == value_of(bits) && !signbit(value) == !(bits & 0x8000));
        } else {
            assert_true(bits & 1023 ? isnan(value) : isinf(value));
        }
        if (isnan(value))
            assert_true((mote_half_of(value) & 0x7e00) == 0x7e00);
        else
            assert_int_equal(mote_half_of(value), bits);
    }
}

/* Rounds the tie between every two adjacent halves, and the floats next to it. */
static void ties(void **state)
{
    (void)state;
    for (uint32_t bits = 0; bits < 0x7c00; bits++) {
        const float tie = (float)((value_of(bits) + value_of(bits + 1)) / 2);
        const float around[3] = {tie, nextafterf(tie, 0), nextafterf(tie, INFINITY)};
        for (int i = 0; i < 3; i++) {
            expect(around[i]);
            expect(-around[i]);
        }
    }
}

static void floats(void **state)
{
    (void)state;
    uint32_t rng = 1;
    for (int i = 0; i < 2000000; i++) {
        float value;
        rng = rng * 1664525u + 1013904223u;
        const uint32_t bits = rng ^ rng >> 15;
        memcpy(&value, &bits, sizeof value);
        if (!isnan(value))
            expect(value);
        expect(ldexpf((float)(int32_t)bits, -8 - (int)(rng >> 20 & 63)));
    }
    expect(INFINITY);
    expect(-INFINITY);
    expect(65519.996f);
    expect(65520);
    expect(0x1p-149f);
}

/* Converts halves to the integers that a product uses. */
static void fixed_point(void **state)
{
    (void)state;
    for (uint32_t fraction = 0; fraction <= 24; fraction++)
        for (uint32_t bits = 0; bits < 65536; bits++) {
            if (!mote_half_is_finite((uint16_t)bits))
                continue;
            const double size = floor(ldexp(fabs(value_of(bits)), (int)fraction) + 0.5);
            const int32_t whole = size > 32767 ? 32767 : (int32_t)size;
            assert_int_equal(mote_half_fixed((uint16_t)bits, fraction), bits & 0x8000 ? -whole : whole);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_half),
        cmocka_unit_test(ties),
        cmocka_unit_test(floats),
        cmocka_unit_test(fixed_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
