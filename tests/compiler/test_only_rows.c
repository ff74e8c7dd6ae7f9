/* Tests that a build without the kernels of other layouts refuses a file that needs them, and accepts one that does
 * not. This file compiles the table of kernels itself, so that the library's is not linked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <mote.h>
#include <stdlib.h>

#include "compiler/graph/tinylm.h"
#include "compiler/pack/container.h"
#include "compiler/pack/lay_out.h"
#include "compiler/quantize/quantize.h"

#undef __x86_64__
#define MOTE_LAYOUTS (1 << MOTE_ROWS)
#include "runtime/built_in.c"

static mote_status opened(const mote_graph *g)
{
    mote_error error = {0};
    mote_bytes file;
    mote_model model;
    assert_true(mote_graph_encode(g, &file, &error));
    const mote_status status = mote_open(&model, file.data, file.size);
    free(file.data);
    return status;
}

static void lanes_are_refused_by_name(void **state)
{
    (void)state;
    static const mote_tinylm_shape shape = {30, 16, 32, 1, false};
    const mote_quantize_options options = {.weights = MOTE_SCHEME_TERNARY, .granularity = MOTE_PER_ROW};
    mote_graph g, packed;
    mote_error error = {0};
    assert_true(mote_tinylm_build(&g, &shape, 3, &error));
    assert_true(mote_graph_quantize(&g, &options, &packed, &error));
    assert_int_equal(opened(&packed), MOTE_SUCCESS);
    assert_true(mote_graph_lay_out_as(&packed, MOTE_LANES16, &error));
    assert_int_equal(opened(&packed), MOTE_NO_KERNEL);
    mote_graph_free(&g), mote_graph_free(&packed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(lanes_are_refused_by_name)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
