/* Tests of ranges from a histogram against the sorted values, and against the errors of quantizers tried one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/graph/random.h"
#include "compiler/quantize/observer.h"

enum { COUNT = 40000 };

/* Fills in normal values, the first ones small and a few ten times as large. */
static void fill(float *values, float size)
{
    mote_random random = {9};
    for (int i = 0; i < COUNT; i++) {
        values[i] = size * mote_random_normal(&random) * (i % 5000 == 4999 ? 10 : 1);
        values[i] *= i < 100 ? 0.001f : 1;
    }
}

static void see(mote_observer *o, const float *values)
{
    memset(o, 0, sizeof *o);
    for (size_t i = 0, n = 1; i < COUNT; i += n, n = n * 2 < COUNT - i ? n * 2 : COUNT - i)
        assert_true(mote_observer_see(o, values + i, n));
}

static int by_size(const void *a, const void *b)
{
    const float x = fabsf(*(const float *)a), y = fabsf(*(const float *)b);
    return (x > y) - (x < y);
}

static double error_of(const float *values, double range)
{
    double error = 0;
    for (int i = 0; i < COUNT; i++) {
        const double code = fmax(-127, fmin(127, rint((double)values[i] * 127 / range)));
        error += pow(code * range / 127 - (double)values[i], 2);
    }
    return error;
}

static void ranges_are_those_of_the_values(void **state)
{
    (void)state;
    static float values[COUNT];
    static mote_observer o;
    static const float sizes[] = {1, 1e-6f, 3e7f};
    for (int k = 0; k < 3; k++) {
        fill(values, sizes[k]);
        see(&o, values);
        double best = INFINITY;
        const float min = o.min, max = o.max;
        for (int i = 1; i <= 500; i++)
            best = fmin(best, error_of(values, (double)mote_observer_most(&o) * i / 500));
        const double chosen = error_of(values, (double)mote_observer_range(&o, MOTE_OBSERVE_MSE, 127));
        assert_true(chosen < 1.02 * best);
        qsort(values, COUNT, sizeof *values, by_size);
        const float most = fabsf(values[COUNT - 1]), covered = fabsf(values[COUNT - 4]); /* 0.9999 of 40000: 39996 */
        assert_true(fmaxf(-min, max) == most && mote_observer_range(&o, MOTE_OBSERVE_MINMAX, 127) == most);
        const float percentile = mote_observer_range(&o, MOTE_OBSERVE_PERCENTILE, 127);
        assert_true(percentile >= fabsf(values[COUNT - 5]) && percentile <= covered + 2 * o.width);
        assert_true(o.width <= most / (MOTE_OBSERVER_BINS / 2.0f));
        assert_int_equal(lrintf(mote_observer_beyond(&o, percentile) * COUNT), 4);
    }
}

static void the_order_of_values_changes_nothing(void **state)
{
    (void)state;
    static float values[COUNT], turned[COUNT];
    static mote_observer a, b;
    fill(values, 1);
    for (int i = 0; i < COUNT; i++)
        turned[i] = values[COUNT - 1 - i];
    see(&a, values);
    see(&b, turned);
    assert_memory_equal(a.bins, b.bins, sizeof a.bins);
    assert_true(a.width == b.width);
}

static void zeros_and_nothing_have_no_range(void **state)
{
    (void)state;
    static mote_observer o;
    const float zeros[10] = {0}, one[1] = {-2};
    memset(&o, 0, sizeof o);
    for (int kind = 0; kind < 3; kind++)
        assert_true(mote_observer_range(&o, (mote_observer_kind)kind, 127) == 0);
    assert_true(mote_observer_see(&o, zeros, 10));
    for (int kind = 0; kind < 3; kind++)
        assert_true(mote_observer_range(&o, (mote_observer_kind)kind, 127) == 0);
    assert_true(mote_observer_see(&o, one, 1));
    assert_int_equal(o.count, 11);
    assert_true(o.min == -2 && o.max == 0);
    assert_true(mote_observer_range(&o, MOTE_OBSERVE_MINMAX, 127) == 2);
    assert_true(mote_observer_range(&o, MOTE_OBSERVE_MSE, 127) == 2);
}

static void values_that_are_not_finite_are_refused(void **state)
{
    (void)state;
    static mote_observer o;
    const float bad[][2] = {{1, NAN}, {1, INFINITY}, {-INFINITY, 1}};
    memset(&o, 0, sizeof o);
    for (int i = 0; i < 3; i++)
        assert_false(mote_observer_see(&o, bad[i], 2));
    assert_int_equal(o.count, 0);
    assert_true(mote_observer_see(&o, &(const float){1e-42f}, 1)); /* a subnormal has a bin as well */
    assert_true(mote_observer_see(&o, &(const float){1e20f}, 1));
    assert_int_equal(o.count, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ranges_are_those_of_the_values),
        cmocka_unit_test(the_order_of_values_changes_nothing),
        cmocka_unit_test(zeros_and_nothing_have_no_range),
        cmocka_unit_test(values_that_are_not_finite_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
