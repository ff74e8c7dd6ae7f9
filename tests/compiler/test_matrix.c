/* Tests of quantized matrices, by every scheme, granularity and method: codes and scales within the ranges of the
 * types, errors against brute force. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/graph/random.h"
#include "compiler/pack/codes.h"
#include "compiler/quantize/clip.h"
#include "compiler/quantize/gptq.h"
#include "compiler/quantize/method.h"

enum { ROWS = 12, COLUMNS = 40, INPUTS = 200 };

static float normal(mote_random *random)
{
    float sum = 0;
    for (int i = 0; i < 6; i++)
        sum += mote_random_unit(random) - 0.5f;
    return sum * 1.414f;
}

/* Draws weights with rows and column ranges of different size, and some large ones. */
static void draw(float *w, uint32_t rows, uint32_t columns, uint64_t seed)
{
    mote_random random = {seed};
    for (uint32_t r = 0; r < rows; r++)
        for (uint32_t c = 0; c < columns; c++) {
            const float outlier = mote_random_unit(&random) < 0.03f ? 4 : 1;
            w[r * columns + c] = normal(&random) * outlier * (1 + (float)(r % 3)) * (c / 16 % 2 ? 0.2f : 1) * 0.1f;
        }
}

/* Adds correlated inputs: x is a mix of a few sources. */
static void see_inputs(mote_hessian *h, uint32_t columns, uint64_t seed)
{
    mote_random random = {seed};
    mote_error error = {0};
    float x[COLUMNS], mix[COLUMNS][6];
    assert_true(mote_hessian_init(h, columns, &error));
    for (uint32_t c = 0; c < columns; c++)
        for (int k = 0; k < 6; k++)
            mix[c][k] = normal(&random);
    for (int i = 0; i < INPUTS; i++) {
        float source[6];
        for (int k = 0; k < 6; k++)
            source[k] = normal(&random);
        for (uint32_t c = 0; c < columns; c++) {
            x[c] = 0.3f * normal(&random);
            for (int k = 0; k < 6; k++)
                x[c] += mix[c][k] * source[k];
        }
        mote_hessian_add(h, x, 1);
    }
}

static mote_tensor tensor_of(float *w, uint32_t rows, uint32_t columns)
{
    return (mote_tensor){
        .name = "w", .dtype = MOTE_F32, .role = MOTE_CONSTANT, .rank = 2, .dims = {rows, columns, 1, 1}, .data = w};
}

static double error_of(const mote_matrix *m, const float *w, const mote_hessian *h)
{
    double total = 0;
    float d[COLUMNS];
    for (uint32_t r = 0; r < m->rows; r++) {
        for (uint32_t c = 0; c < m->columns; c++)
            d[c] = w[r * m->columns + c] - (float)m->codes[r * m->columns + c] * mote_matrix_step(m, r, c);
        total += mote_hessian_error(h, 0, d);
    }
    return total;
}

static bool is_pow2(float value)
{
    int exponent;
    return frexpf(value, &exponent) == 0.5f;
}

static void check_form(const mote_matrix *m, const mote_recipe *recipe)
{
    const int top = mote_scheme_top(recipe->scheme);
    for (uint32_t i = 0; i < m->rows * m->columns; i++) {
        assert_in_range(abs(m->codes[i]), 0, top);
        if (recipe->scheme == MOTE_SCHEME_SIGN)
            assert_int_equal(abs(m->codes[i]), 1);
    }
    for (uint32_t r = 0; r < m->rows; r++) {
        assert_true(m->scales[r] > 0);
        assert_true(!mote_granularity_is_pow2(recipe->granularity) || is_pow2(m->scales[r]));
        assert_true(mote_granularity_is_row(recipe->granularity) || m->scales[r] == m->scales[0]);
        assert_true(mote_matrix_magnitude(m, r) <= (recipe->room ? recipe->room : 1u << 23));
    }
    for (uint32_t i = 0; i < m->rows * mote_matrix_groups(m); i++)
        assert_in_range(m->groups[i], 1, 127);
}

static const mote_scheme schemes[] = {MOTE_SCHEME_INT8, MOTE_SCHEME_INT6, MOTE_SCHEME_INT5,
                                      MOTE_SCHEME_INT4, MOTE_SCHEME_SIGN, MOTE_SCHEME_TERNARY};
enum { SCHEMES = sizeof schemes / sizeof *schemes };

/* GPTQ has a smaller error of the product than the other methods. */
static void methods_make_errors_smaller(void **state)
{
    (void)state;
    float w[ROWS * COLUMNS];
    mote_hessian h;
    mote_error error = {0};
    see_inputs(&h, COLUMNS, 5);
    draw(w, ROWS, COLUMNS, 3);
    const mote_tensor t = tensor_of(w, ROWS, COLUMNS);
    for (int s = 0; s < SCHEMES; s++)
        for (int g = 0; g < MOTE_GRANULARITY_COUNT; g++)
            for (uint32_t group = 0; group <= 32; group += 16) {
                double errors[3];
                for (int method = 0; method < 3; method++) {
                    const mote_recipe recipe = {.scheme = schemes[s],
                                                .granularity = (mote_granularity)g,
                                                .group = group,
                                                .method = (mote_method)method};
                    mote_matrix m;
                    assert_true(mote_matrix_init(&m, &t, &recipe, &h, &error));
                    check_form(&m, &recipe);
                    errors[method] = error_of(&m, w, &h);
                    mote_matrix_free(&m);
                }
                assert_true(errors[MOTE_METHOD_GPTQ] < errors[MOTE_METHOD_MSE] * 0.8);
                assert_true(errors[MOTE_METHOD_GPTQ] < errors[MOTE_METHOD_RTN]);
            }
    mote_hessian_free(&h);
}

/* Groups fit ranges of small weights better than one scale per row. */
static void groups_fit_better(void **state)
{
    (void)state;
    float w[ROWS * COLUMNS];
    mote_error error = {0};
    draw(w, ROWS, COLUMNS, 9);
    const mote_tensor t = tensor_of(w, ROWS, COLUMNS);
    double squares[3];
    for (uint32_t group = 0; group <= 32; group += 16) {
        const mote_recipe recipe = {
            .scheme = MOTE_SCHEME_INT4, .granularity = MOTE_PER_ROW, .group = group, .method = MOTE_METHOD_MSE};
        mote_matrix m;
        assert_true(mote_matrix_init(&m, &t, &recipe, NULL, &error));
        assert_int_equal(mote_matrix_groups(&m), group ? (COLUMNS + group - 1) / group : 0);
        float seen[ROWS * COLUMNS];
        mote_matrix_floats(&m, seen);
        squares[group / 16] = 0;
        for (int i = 0; i < ROWS * COLUMNS; i++)
            squares[group / 16] += (double)(w[i] - seen[i]) * (double)(w[i] - seen[i]);
        mote_matrix_free(&m);
    }
    assert_true(squares[1] < squares[0] * 0.7 && squares[1] < squares[2]);
}

/* A small room limits the factors, and with them the sums. */
static void room_is_kept(void **state)
{
    (void)state;
    float w[ROWS * COLUMNS];
    mote_error error = {0};
    draw(w, ROWS, COLUMNS, 4);
    const mote_tensor t = tensor_of(w, ROWS, COLUMNS);
    const mote_recipe recipes[] = {
        {.scheme = MOTE_SCHEME_INT8, .granularity = MOTE_PER_ROW, .group = 16, .room = 1 << 15},
        {.scheme = MOTE_SCHEME_INT16, .granularity = MOTE_PER_ROW, .room = 1 << 15},
    };
    for (int i = 0; i < 2; i++) {
        mote_matrix m;
        assert_true(mote_matrix_init(&m, &t, &recipes[i], NULL, &error));
        check_form(&m, &recipes[i]);
        mote_matrix_free(&m);
    }
}

/* Rows whose sums exceed the lanes get the nearest codes for a scale that is hardly larger than necessary. Other rows
 * do not change, nor does any row when one would become too coarse. */
static void lanes_are_kept(void **state)
{
    (void)state;
    float w[ROWS * COLUMNS];
    draw(w, ROWS, COLUMNS, 8);
    const mote_tensor t = tensor_of(w, ROWS, COLUMNS);
    mote_recipe recipe = {.scheme = MOTE_SCHEME_INT8, .granularity = MOTE_PER_ROW};
    mote_matrix plain, lanes;
    mote_error error = {0};
    assert_true(mote_matrix_init(&plain, &t, &recipe, NULL, &error));
    uint32_t most = 0, raised = 0;
    for (uint32_t r = 0; r < ROWS; r++)
        most = mote_matrix_magnitude(&plain, r) > most ? mote_matrix_magnitude(&plain, r) : most;
    recipe.lanes = most * 5 / 8, recipe.coarser = 2;
    assert_true(mote_matrix_init(&lanes, &t, &recipe, NULL, &error));
    for (uint32_t r = 0; r < ROWS; r++) {
        const bool beyond = mote_matrix_magnitude(&plain, r) > recipe.lanes;
        const float ratio = (float)mote_matrix_magnitude(&plain, r) / (float)recipe.lanes;
        raised += beyond;
        assert_true(mote_matrix_magnitude(&lanes, r) <= recipe.lanes);
        assert_true(beyond ? lanes.scales[r] < plain.scales[r] * ratio * 1.03f : lanes.scales[r] == plain.scales[r]);
        for (uint32_t c = 0; c < COLUMNS; c++)
            assert_true(fabsf(w[r * COLUMNS + c] / lanes.scales[r] - lanes.codes[r * COLUMNS + c]) <= 0.5001f);
    }
    assert_in_range(raised, 1, ROWS - 1);
    mote_matrix_free(&lanes);
    recipe.lanes = most * 3 / 8;
    assert_true(mote_matrix_init(&lanes, &t, &recipe, NULL, &error));
    assert_memory_equal(lanes.codes, plain.codes, sizeof *plain.codes * ROWS * COLUMNS);
    assert_memory_equal(lanes.scales, plain.scales, sizeof *plain.scales * ROWS);
    mote_matrix_free(&lanes);
    mote_matrix_free(&plain);
}

/* The steps of a fine grid are hardly better than the step that the search finds. With many codes, some step of the
 * grid may match many of the few weights by chance; the search need not find it, so that the tolerance is larger. */
static void step_is_near_the_best(void **state)
{
    (void)state;
    float w[64], importance[64];
    mote_random random = {11};
    for (int s = 0; s < SCHEMES; s++) {
        for (int i = 0; i < 64; i++) {
            w[i] = normal(&random);
            importance[i] = 0.1f + mote_random_unit(&random);
        }
        const mote_block b = {w, importance, 1, 64, 64};
        const double found = mote_block_error(&b, schemes[s], mote_block_step(&b, schemes[s], false, false));
        double best = INFINITY;
        for (int i = 1; i <= 4000; i++)
            best = fmin(best, mote_block_error(&b, schemes[s], (float)i * 0.001f));
        assert_true(found <= best * (mote_scheme_top(schemes[s]) <= 7 ? 1.05 : 1.5));
        double sum = 0; /* the error by its definition */
        const float step = mote_block_step(&b, schemes[s], true, false);
        assert_true(is_pow2(step));
        for (int i = 0; i < 64; i++) {
            double least = INFINITY;
            const int top = mote_scheme_top(schemes[s]);
            for (int code = -top; code <= top; code += schemes[s] == MOTE_SCHEME_SIGN ? 2 : 1)
                least = fmin(least, fabs((double)w[i] - (double)step * code));
            sum += (double)importance[i] * least * least;
        }
        assert_true(fabs(mote_block_error(&b, schemes[s], step) - sum) <= 1e-4 * sum + 1e-6);
    }
}

/* Two columns, rounding only: the second weight moves by -e·H01/H11, where e is the error of the first. The column with
 * the larger diagonal element is first. */
static void two_columns_by_hand(void **state)
{
    (void)state;
    float sum[4] = {4, 0, 1.5f, 1}, w[2] = {0.34f, 0.28f};
    const mote_hessian h = {.columns = 2, .rows = 1, .sum = sum};
    const mote_recipe recipe = {.scheme = MOTE_SCHEME_INT4, .granularity = MOTE_PER_TENSOR};
    int16_t codes[2];
    float scale = 0.1f;
    mote_matrix m = {.dtype = MOTE_I4, .rows = 1, .columns = 2, .codes = codes, .scales = &scale};
    mote_error error = {0};
    assert_true(mote_gptq(&m, w, &recipe, &h, 1e-6f, &error));
    const float e = w[0] - 0.3f, second = w[1] + e * 1.5f / 1;
    assert_int_equal(codes[0], 3);
    assert_int_equal(codes[1], lrintf(second / scale));
}

/* Tries all codes of three columns: GPTQ is never worse than rounding, and mostly the best. */
static void close_to_exhaustive(void **state)
{
    (void)state;
    int best_found = 0;
    for (uint64_t seed = 1; seed <= 40; seed++) {
        float w[3], scale = 0.2f, d[3];
        int16_t codes[3];
        mote_hessian h;
        mote_error error = {0};
        see_inputs(&h, 3, seed);
        mote_random random = {seed + 100};
        for (int i = 0; i < 3; i++)
            w[i] = normal(&random) * 0.4f;
        mote_matrix m = {.dtype = MOTE_I4, .rows = 1, .columns = 3, .codes = codes, .scales = &scale};
        const mote_recipe recipe = {.scheme = MOTE_SCHEME_INT4, .granularity = MOTE_PER_TENSOR};
        assert_true(mote_gptq(&m, w, &recipe, &h, 1e-6f, &error));
        const double found = error_of(&m, w, &h);
        double best = INFINITY;
        for (int a = -7; a <= 7; a++)
            for (int b = -7; b <= 7; b++)
                for (int c = -7; c <= 7; c++) {
                    const int all[3] = {a, b, c};
                    for (int i = 0; i < 3; i++)
                        d[i] = w[i] - scale * (float)all[i];
                    best = fmin(best, mote_hessian_error(&h, 0, d));
                }
        for (int i = 0; i < 3; i++)
            d[i] = w[i] - scale * (float)mote_nearest_code(MOTE_SCHEME_INT4, w[i] / scale);
        assert_true(found <= mote_hessian_error(&h, 0, d) * 1.0001 + 1e-6);
        best_found += found <= best * 1.001 + 1e-6;
        mote_hessian_free(&h);
    }
    assert_true(best_found >= 30);
}

static void halves_and_their_integers(void **state)
{
    (void)state;
    float w[ROWS * COLUMNS];
    mote_error error = {0};
    draw(w, ROWS, COLUMNS, 6);
    w[7] = 1e-7f;
    w[8] = 0;
    const mote_tensor t = tensor_of(w, ROWS, COLUMNS);
    const mote_recipe recipe = {.scheme = MOTE_SCHEME_FP16, .granularity = MOTE_PER_ROW};
    mote_matrix m;
    assert_true(mote_matrix_init(&m, &t, &recipe, NULL, &error));
    assert_int_equal(m.dtype, MOTE_F16);
    for (int i = 0; i < ROWS * COLUMNS; i++) {
        const double half = (double)mote_half_value(m.halves[i]);
        assert_true(fabs(half - (double)w[i]) <= fabs((double)w[i]) * 0x1p-11 + 0x1p-25);
        assert_true(fabs(ldexp(half, m.fraction) - m.codes[i]) <= 0.5);
    }
    mote_matrix_free(&m);
    w[0] = 70000;
    assert_false(mote_matrix_init(&m, &t, &recipe, NULL, &error));
    assert_int_equal(error.code, MOTE_E_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(methods_make_errors_smaller),
        cmocka_unit_test(groups_fit_better),
        cmocka_unit_test(room_is_kept),
        cmocka_unit_test(lanes_are_kept),
        cmocka_unit_test(step_is_near_the_best),
        cmocka_unit_test(two_columns_by_hand),
        cmocka_unit_test(close_to_exhaustive),
        cmocka_unit_test(halves_and_their_integers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
