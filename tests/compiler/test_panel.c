/* Tests the packed product against the definition, for shapes that do not fill a tile. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "compiler/graph/panel.h"
#include "compiler/graph/random.h"

static void check(uint32_t rows, uint32_t inner, uint32_t columns)
{
    float *a = malloc(rows * inner * sizeof *a), *b = malloc(inner * columns * sizeof *b);
    float *c = malloc(rows * columns * sizeof *c);
    float *panels = aligned_alloc(64, (mote_panel_size(inner, columns) * sizeof *panels + 63) / 64 * 64);
    assert_true(a && b && c && panels);
    mote_random random = {rows * 10000 + inner * 100 + columns};
    for (uint32_t i = 0; i < rows * inner; i++)
        a[i] = mote_random_unit(&random) - 0.5f;
    for (uint32_t i = 0; i < inner * columns; i++)
        b[i] = mote_random_unit(&random) - 0.5f;
    for (uint32_t i = 0; i < rows * columns; i++)
        c[i] = 1;
    mote_panel_pack(panels, b, columns, 1, inner, columns);
    mote_panel_multiply(c, a, panels, rows, inner, columns, true);
    for (uint32_t i = 0; i < rows; i++)
        for (uint32_t j = 0; j < columns; j++) {
            double sum = 1;
            for (uint32_t k = 0; k < inner; k++)
                sum += (double)a[i * inner + k] * (double)b[k * columns + j];
            assert_true(fabs((double)c[i * columns + j] - sum) < 1e-5);
        }
    mote_panel_multiply(c, a, panels, rows, inner, columns, false);
    for (uint32_t i = 0; i < rows; i++)
        for (uint32_t j = 0; j < columns; j++) {
            double sum = 0;
            for (uint32_t k = 0; k < inner; k++)
                sum += (double)a[i * inner + k] * (double)b[k * columns + j];
            assert_true(fabs((double)c[i * columns + j] - sum) < 1e-5);
        }
    free(a);
    free(b);
    free(c);
    free(panels);
}

static void check_gradient(uint32_t rows, uint32_t m, uint32_t n)
{
    float *a = malloc(rows * m * sizeof *a), *b = malloc(rows * n * sizeof *b), *c = malloc(m * n * sizeof *c);
    assert_true(a && b && c);
    mote_random random = {rows * 10000 + m * 100 + n};
    for (uint32_t i = 0; i < rows * m; i++)
        a[i] = mote_random_unit(&random) - 0.5f;
    for (uint32_t i = 0; i < rows * n; i++)
        b[i] = mote_random_unit(&random) - 0.5f;
    for (uint32_t i = 0; i < m * n; i++)
        c[i] = 1;
    mote_panel_gradient(c, a, b, rows, m, n);
    for (uint32_t i = 0; i < m; i++)
        for (uint32_t j = 0; j < n; j++) {
            double sum = 1;
            for (uint32_t k = 0; k < rows; k++)
                sum += (double)a[k * m + i] * (double)b[k * n + j];
            assert_true(fabs((double)c[i * n + j] - sum) < 1e-5);
        }
    free(a);
    free(b);
    free(c);
}

static void test_gradients(void **state)
{
    (void)state;
    for (uint32_t m = 1; m <= 35; m += 2)
        for (uint32_t n = 1; n <= 70; n += 3)
            check_gradient(1 + (m * n) % 150, m, n);
}

static void test_every_shape(void **state)
{
    (void)state;
    for (uint32_t rows = 1; rows <= 130; rows += rows < 18 ? 1 : 37)
        for (uint32_t columns = 1; columns <= 97; columns += 8)
            check(rows, 1 + rows % 5 * 13, columns);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_every_shape), cmocka_unit_test(test_gradients)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
