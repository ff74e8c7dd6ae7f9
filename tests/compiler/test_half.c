/* Half precision against the compiler's own _Float16, and every half there and back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "compiler/pack/half.h"

static float float_of(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void every_half_comes_back(void **state)
{
    (void)state;
    for (uint32_t half = 0; half < 65536; half++) {
        const float value = mote_half_value((uint16_t)half);
        if ((half & 0x7c00) == 0x7c00 && (half & 0x3ff))
            assert_true(isnan(value) && isnan(mote_half_value(mote_half_of(value))));
        else
            assert_int_equal(mote_half_of(value), half);
    }
}

/* The half nearest to a float lies between two neighbours; halfway it is the even one. */
static void rounds_to_nearest_even(void **state)
{
    (void)state;
    for (uint16_t half = 0; half < 0x7bff; half++) {
        const double low = (double)mote_half_value(half), high = (double)mote_half_value(half + 1);
        const float middle = (float)((low + high) / 2); /* exact: one bit more */
        assert_int_equal(mote_half_of(middle), half + (half & 1));
        assert_int_equal(mote_half_of(nextafterf(middle, 0)), half);
        assert_int_equal(mote_half_of(nextafterf(middle, INFINITY)), half + 1);
        assert_int_equal(mote_half_of(-middle), 0x8000 | (half + (half & 1)));
    }
    assert_int_equal(mote_half_of(65519.996f), 0x7bff);
    assert_int_equal(mote_half_of(65520), 0x7c00);
    assert_int_equal(mote_half_of(-INFINITY), 0xfc00);
    assert_int_equal(mote_half_of(-0.0f), 0x8000);
    assert_int_equal(mote_half_of(0x1p-25f), 0);
    assert_int_equal(mote_half_of(nextafterf(0x1p-25f, 1)), 1);
}

static void agrees_with_the_compiler(void **state)
{
    (void)state;
#ifdef __FLT16_MAX__
    uint32_t seed = 1;
    for (int i = 0; i < 1000000; i++) {
        seed = seed * 1664525u + 1013904223u;
        const float value = float_of(seed);
        const _Float16 want = (_Float16)value;
        uint16_t bits;
        memcpy(&bits, &want, sizeof bits);
        if (!isnan(value))
            assert_int_equal(mote_half_of(value), bits);
    }
#else
    print_message("SKIPPED: this compiler has no _Float16; value %g\n", (double)float_of(0));
    skip();
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_half_comes_back),
        cmocka_unit_test(rounds_to_nearest_even),
        cmocka_unit_test(agrees_with_the_compiler),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
