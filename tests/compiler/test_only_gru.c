/* Tests that a build for GRU models accepts them, and refuses by name what it leaves out: operators, types of weights,
 * factors of groups. This file compiles those parts of the runtime itself, so that the library's are not linked. */
#define MOTE_ONLY_OPERATORS
#define MOTE_WITH_EMBEDDING 1
#define MOTE_WITH_LINEAR    1
#define MOTE_WITH_GRU       1
#define MOTE_TYPES          (1 << MOTE_I8 | 1 << MOTE_TERNARY2)
#define MOTE_LAYOUTS        (1 << MOTE_ROWS)
#define MOTE_ONLY_PLAIN

#include "tests/compiler/random_graph.h"

#undef __x86_64__
#include "runtime/built_in.c"
#include "runtime/ops/ops.c"
#include "runtime/ops/product.c"
#include "runtime/ops/weight.c"

static void gru_models_run(void **state)
{
    (void)state;
    static const mote_scheme schemes[] = {MOTE_SCHEME_INT8, MOTE_SCHEME_TERNARY};
    const mote_tinylm_shape shape = {20, 16, 32, 1, false};
    for (int i = 0; i < 2; i++) {
        const mote_quantize_options options = {.weights = schemes[i],
                                               .head = MOTE_SCHEME_INT8,
                                               .embedding = MOTE_SCHEME_INT8,
                                               .granularity = MOTE_PER_ROW};
        mote_bytes file = packed_file(&shape, &options);
        opened o;
        assert_int_equal(mote_open(&o.model, file.data, file.size), MOTE_SUCCESS);
        start_exactly(&o);
        assert_int_equal(mote_selftest(&o.session), MOTE_SUCCESS);
        stop(&o);
        free(file.data);
    }
}

/* Packing runs the packed model, and fails where the runtime lacks a kernel. */
static void assert_left_out(const mote_quantize_options *options)
{
    mote_graph g, packed;
    mote_error error = {0};
    const mote_tinylm_shape shape = {20, 16, 32, 1, false};
    float_model(&g, &shape);
    assert_false(mote_graph_quantize(&g, options, &packed, &error));
    assert_non_null(strstr(error.text, mote_status_text(MOTE_NO_KERNEL)));
    mote_graph_free(&g);
}

static void other_types_are_refused(void **state)
{
    (void)state;
    assert_left_out(&(mote_quantize_options){.weights = MOTE_SCHEME_INT4,
                                             .head = MOTE_SCHEME_INT8,
                                             .embedding = MOTE_SCHEME_INT8,
                                             .granularity = MOTE_PER_ROW});
    assert_left_out(&(mote_quantize_options){.weights = MOTE_SCHEME_INT8,
                                             .head = MOTE_SCHEME_INT8,
                                             .embedding = MOTE_SCHEME_SIGN,
                                             .granularity = MOTE_PER_ROW});
}

static void other_operators_are_refused(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed < 60; seed++) {
        mote_bytes file = random_file(seed);
        mote_model m;
        assert_int_equal(mote_open(&m, file.data, file.size), MOTE_NO_KERNEL);
        free(file.data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gru_models_run),
        cmocka_unit_test(other_types_are_refused),
        cmocka_unit_test(other_operators_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
