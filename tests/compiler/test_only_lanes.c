/* Tests that a build without tiles accepts files with rows and with lanes, and refuses a file with tiles by name. This
 * file compiles those parts of the runtime itself, so that the library's are not linked. */
#define MOTE_LAYOUTS (1 << MOTE_ROWS | 1 << MOTE_LANES16)

#include "tests/compiler/packed.h"

#include <stdlib.h>

#include "compiler/pack/lay_out.h"

#undef __x86_64__
#include "runtime/built_in.c"
#include "runtime/container.c"
#include "runtime/ops/product.c"

static void packed_model(mote_graph *packed)
{
    mote_graph g;
    mote_error error = {0};
    const mote_tinylm_shape shape = {20, 16, 32, 1, false};
    const mote_quantize_options options = {.weights = MOTE_SCHEME_TERNARY, .granularity = MOTE_PER_ROW};
    float_model(&g, &shape);
    assert_true(mote_graph_quantize(&g, &options, packed, &error));
    mote_graph_free(&g);
}

static void assert_runs(const mote_graph *g)
{
    running r;
    open_packed(&r, g);
    assert_int_equal(mote_selftest(&r.session), MOTE_SUCCESS);
    close_packed(&r);
}

static void rows_and_lanes_run(void **state)
{
    (void)state;
    mote_graph g;
    mote_error error = {0};
    packed_model(&g);
    assert_runs(&g);
    assert_true(mote_graph_lay_out_as(&g, MOTE_LANES16, &error));
    assert_runs(&g);
    mote_graph_free(&g);
}

/* A matrix in a layout that is left out is refused without a check of its contents. */
static void others_are_refused_by_name(void **state)
{
    (void)state;
    mote_graph g;
    mote_error error = {0};
    mote_model m;
    packed_model(&g);
    assert_true(mote_graph_lay_out_as(&g, MOTE_LANES16, &error));
    for (uint8_t layout = MOTE_TILES16; layout < MOTE_LAYOUT_COUNT; layout++) {
        mote_bytes file = encoded(&g);
        assert_int_equal(mote_open(&m, file.data, file.size), MOTE_SUCCESS);
        for (uint32_t i = 0; i < mote_header_of(&m)->tensor_count; i++) {
            mote_tensor_record *t = (mote_tensor_record *)m.tensors + i;
            t->layout = t->layout == MOTE_LANES16 ? layout : t->layout;
        }
        seal(file.data, file.size);
        assert_int_equal(mote_open(&m, file.data, file.size), MOTE_NO_KERNEL);
        free(file.data);
    }
    mote_graph_free(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_and_lanes_run),
        cmocka_unit_test(others_are_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
