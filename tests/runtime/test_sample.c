/* Tests the sampler against a float softmax with the usual top_k and top_p, and against fixed draws that are the same
 * on every target. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <mote.h>
#include <stdbool.h>
#include <stdlib.h>

#include "runtime/format.h"
#include "runtime/sample.h"

enum { MAX_TOKENS = 300, DRAWS = 15000 };

static uint32_t rng = 4;

static uint32_t random_below(uint32_t n)
{
    rng = rng * 1664525u + 1013904223u;
    return (rng >> 8) % n;
}

static const int16_t *ordered_scores;

static int better_first(const void *a, const void *b)
{
    const uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    if (ordered_scores[x] != ordered_scores[y])
        return ordered_scores[x] > ordered_scores[y] ? -1 : 1;
    return x < y ? -1 : 1;
}

/* Computes the expected probability of each token. */
static void reference(const int16_t *scores, uint32_t count, uint32_t excluded, const mote_sampler *s, double *p)
{
    uint32_t order[MAX_TOKENS], kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        p[i] = 0;
        if (i != excluded)
            order[kept++] = i;
    }
    ordered_scores = scores;
    qsort(order, kept, sizeof *order, better_first);
    if (s->top_k && s->top_k < kept)
        kept = s->top_k;
    double total = 0, reached = 0, used = 0;
    for (uint32_t i = 0; i < kept; i++) {
        p[order[i]] = exp((scores[order[i]] - scores[order[0]]) / 1024.0 / (s->temperature / 65536.0));
        total += p[order[i]];
    }
    for (uint32_t i = 0; i < kept; i++) {
        const bool in = i == 0 || s->top_p == 65536 || reached < total * s->top_p / 65536.0;
        reached += p[order[i]];
        if (!in)
            p[order[i]] = 0;
        used += p[order[i]];
    }
    for (uint32_t i = 0; i < count; i++)
        p[i] /= used;
}

static void check_draws(const int16_t *scores, uint32_t count, uint32_t excluded, mote_sampler s)
{
    static double p[MAX_TOKENS];
    static uint32_t seen[MAX_TOKENS];
    reference(scores, count, excluded, &s, p);
    for (uint32_t i = 0; i < count; i++)
        seen[i] = 0;
    for (int i = 0; i < DRAWS; i++) {
        const uint32_t token = mote_sample_scores(&mote_portable_kernels, scores, count, excluded, &s);
        assert_true(token < count && token != excluded);
        seen[token]++;
    }
    double chi = 0;
    uint32_t kinds = 0, rare_seen = 0;
    double rare = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (p[i] == 0)
            assert_int_equal(seen[i], 0);
        if (p[i] * DRAWS < 8) {
            rare += p[i] * DRAWS;
            rare_seen += seen[i];
            continue;
        }
        chi += pow(seen[i] - p[i] * DRAWS, 2) / (p[i] * DRAWS);
        kinds++;
    }
    assert_true(chi < kinds + 6 * sqrt(2.0 * kinds) + 10);
    assert_true(fabs(rare_seen - rare) < 6 * sqrt(rare) + 6);
}

static void draws_follow_the_softmax(void **state)
{
    (void)state;
    static const double temperatures[] = {1, 0.7, 0.2, 2.5}, limits[] = {1, 0.9, 0.5, 0.05};
    int16_t scores[MAX_TOKENS];
    for (uint32_t trial = 0; trial < 24; trial++) {
        const uint32_t count = trial % 3 == 0 ? 5 : trial % 3 == 1 ? 65 : 257;
        for (uint32_t i = 0; i < count; i++)
            scores[i] = (int16_t)(trial % 2 ? (int)random_below(9000) - 4000 : -(int)random_below(4) * 900);
        mote_sampler s = mote_sampler_init(trial);
        s.temperature = (uint32_t)(temperatures[trial % 4] * 65536);
        s.top_p = (uint32_t)(limits[trial / 4 % 4] * 65536);
        s.top_k = trial % 5 == 1 ? 3 : 0;
        if (trial % 2 == 0) /* equal scores: the last bit of a float must not decide what top_p keeps */
            s.top_p = 65536;
        check_draws(scores, count, trial % 2 ? 2 : MOTE_NO_INDEX, s);
    }
}

static void greedy_takes_the_first_best(void **state)
{
    (void)state;
    const int16_t scores[] = {5, 900, 32767, 900, 32767, -32768};
    mote_sampler s = mote_sampler_init(1);
    s.temperature = 0;
    const uint64_t before = s.rng;
    assert_int_equal(mote_sample_scores(&mote_portable_kernels, scores, 6, MOTE_NO_INDEX, &s), 2);
    assert_int_equal(mote_sample_scores(&mote_portable_kernels, scores, 6, 2, &s), 4);
    assert_int_equal(mote_sample_scores(&mote_portable_kernels, scores, 2, 1, &s), 0);
    assert_int_equal(mote_sample_scores(&mote_portable_kernels, scores, 1, 0, &s), 0);
    assert_true(s.rng == before);
}

static void ties_are_cut_in_token_order(void **state)
{
    (void)state;
    int16_t scores[MAX_TOKENS];
    bool seen[MAX_TOKENS] = {false};
    for (uint32_t i = 0; i < 100; i++)
        scores[i] = i == 50 ? 10 : 0;
    mote_sampler s = mote_sampler_init(3);
    s.top_k = 4; /* 50, then 0, 1, 2 */
    for (int i = 0; i < 2000; i++)
        seen[mote_sample_scores(&mote_portable_kernels, scores, 100, MOTE_NO_INDEX, &s)] = true;
    for (uint32_t i = 0; i < 100; i++)
        assert_int_equal(seen[i], i == 50 || i < 3);
}

/* With extremes of every argument, the sum of weights fits in 32 bits and the drawn token is valid. */
static void extremes(void **state)
{
    (void)state;
    static int16_t scores[65534];
    const uint32_t temperatures[] = {1, 2, 1000, 65536, 0x7fffffff, 0xffffffffu}, limits[] = {0, 1, 65535, 65536};
    for (uint32_t i = 0; i < 65534; i++)
        scores[i] = (int16_t)(i & 1 ? 32767 : -32768);
    for (size_t t = 0; t < 6; t++)
        for (size_t p = 0; p < 4; p++) {
            mote_sampler s = mote_sampler_init(t + p);
            s.temperature = temperatures[t];
            s.top_p = limits[p];
            const uint32_t token = mote_sample_scores(&mote_portable_kernels, scores, 65534, 1, &s);
            assert_true(token < 65534 && token != 1);
            if (temperatures[t] < 65536)
                assert_int_equal(token & 1, 1);
            if (limits[p] == 0)
                assert_int_equal(token, 3);
        }
}

/* The expected draws were computed by other code, from the steps in docs/SPEC.md. */
static void draws_are_fixed(void **state)
{
    (void)state;
    int16_t scores[40];
    for (int i = 0; i < 40; i++)
        scores[i] = (int16_t)(i * 37 % 41 * 60);
    static const uint8_t expected[16] = {
#include "tests/runtime/sample_draws.h"
    };
    mote_sampler s = mote_sampler_init(2024);
    s.temperature = 52429;
    s.top_k = 30;
    s.top_p = 60000;
    for (int i = 0; i < 16; i++)
        assert_int_equal(mote_sample_scores(&mote_portable_kernels, scores, 40, 7, &s), expected[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(draws_follow_the_softmax),
        cmocka_unit_test(greedy_takes_the_first_best),
        cmocka_unit_test(ties_are_cut_in_token_order),
        cmocka_unit_test(extremes),
        cmocka_unit_test(draws_are_fixed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
