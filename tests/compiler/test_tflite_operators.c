/* Files of one float operator: the import reads its options and constants as TensorFlow Lite defines them. The inputs
 * are start, start + 1, ...; the outputs were computed by hand. */
#include <math.h>

#include "compiler/graph/executor.h"
#include "compiler/import/tflite.h"
#include "import_files.h"
#include "tests/fuzz/tflite_cases.h"

static void run_one(const one *o)
{
    static seed_file f;
    const uint32_t outputs = outputs_of(o);
    float x[VALUES];
    mote_graph g;
    mote_executor e;
    mote_error error;
    write_one(&f, o);
    if (!mote_import_tflite_bytes(&g, o->name, f.data, f.size, &(mote_import_options){0}, &error))
        fail_msg("%s", error.text);
    if (!mote_executor_init(&e, &g, &(mote_executor_options){.steps = 1, .streams = 1, .workers = 1}, &error))
        fail_msg("%s: %s", o->name, error.text);
    for (int i = 0; i < VALUES; i++)
        x[i] = (float)(i + o->in[0].start);
    mote_executor_forward(&e, 0, (const void *const[]){x}, 1, 0);
    for (uint32_t k = 0; k < outputs; k++) {
        const float *y = mote_executor_output(&e, 0, (int)k);
        const uint32_t count = count_of(&o->out[k]);
        assert_int_equal(mote_executor_output_size(&e, (int)k), count);
        for (uint32_t i = 0; i < count; i++)
            if (!(fabsf(y[i] - o->out[k].values[i]) < 1e-6f))
                fail_msg("%s: value %u of output %u is %g and not %g", o->name, i, k, (double)y[i],
                         (double)o->out[k].values[i]);
    }
    mote_executor_free(&e);
    mote_graph_free(&g);
}

static void test_operators(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        run_one(&cases[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_operators)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
