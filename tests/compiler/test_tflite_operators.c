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

/* A convolution of 3 x 3 with dilation 2 as older converters write it, with one row and one column cropped. */
static void write_dilated(seed_file *f)
{
    static const int codes[] = {MOTE_TFLITE_OP_SPACE_TO_BATCH_ND, MOTE_TFLITE_OP_CONV_2D,
                                MOTE_TFLITE_OP_BATCH_TO_SPACE_ND};
    static const int32_t inputs[3][3] = {{0, 1, 2}, {3, 4, 4}, {5, 1, 6}}, outputs[] = {3, 5, 7}, x = 0, y = 7;
    static const one_tensor tensors[] = {
        X(1, 4, 4, 1),
        INTS(2, 2, 2),
        PADS(2, 2, 2, 2, 2),
        X(4, 4, 4, 1),
        {.rank = 4, .dims = {1, 3, 3, 1}, .is_constant = true, .values = {1, 2, 3, 4, 5, 6, 7, 8, 9}},
        X(4, 2, 2, 1),
        PADS(2, 1, 0, 0, 1),
        X(1, 3, 3, 1)};
    enum { TENSORS = sizeof tensors / sizeof *tensors };
    *f = (seed_file){.size = 8};
    memcpy(f->data + 4, "TFL3", 4);
    const uint32_t model = seed_table(f, 0x17), code_list = seed_vector(f, NULL, 3, 4);
    const uint32_t graphs = seed_vector(f, NULL, 1, 4), graph = seed_table(f, 0xf);
    seed_put(f, 0, model);
    seed_put(f, seed_field(f, model, 0), 3);
    seed_link(f, seed_field(f, model, 1), code_list);
    seed_link(f, seed_field(f, model, 2), graphs);
    seed_link(f, graphs + 4, graph);
    seed_ints(f, graph, 1, &x, 1);
    seed_ints(f, graph, 2, &y, 1);
    const uint32_t list = seed_vector(f, NULL, TENSORS, 4), operators = seed_vector(f, NULL, 3, 4);
    const uint32_t buffers = seed_vector(f, NULL, TENSORS + 1, 4);
    seed_link(f, seed_field(f, graph, 0), list);
    seed_link(f, seed_field(f, graph, 3), operators);
    seed_link(f, seed_field(f, model, 4), buffers);
    for (uint32_t i = 0; i < TENSORS; i++)
        seed_link(f, list + 4 + 4 * i, add_tensor(f, &tensors[i], i + 1));
    for (uint32_t i = 0; i <= TENSORS; i++)
        seed_link(f, buffers + 4 + 4 * i, add_buffer(f, i ? &tensors[i - 1] : NULL));
    for (uint32_t i = 0; i < 3; i++) {
        const uint32_t at = seed_table(f, 0x17), code = seed_table(f, 8), options = seed_table(f, 7);
        seed_link(f, operators + 4 + 4 * i, at);
        seed_link(f, code_list + 4 + 4 * i, code);
        seed_put(f, seed_field(f, code, 3), (uint32_t)codes[i]);
        seed_put(f, seed_field(f, at, 0), i);
        seed_ints(f, at, 1, inputs[i], i == 1 ? 2 : 3);
        seed_ints(f, at, 2, &outputs[i], 1);
        seed_link(f, seed_field(f, at, 4), options);
        for (uint32_t k = 0; k < 3; k++) /* valid padding, stride 1 */
            seed_put(f, seed_field(f, options, k), 1);
    }
}

static void test_dilated(void **state)
{
    static seed_file f;
    float x[16], wanted[9] = {0};
    mote_graph g;
    mote_executor e;
    mote_error error;
    (void)state;
    for (int i = 0; i < 16; i++)
        x[i] = (float)(i * i % 7);
    for (int at = 0; at < 9 * 9; at++) { /* rows 1 to 3 and columns 0 to 2 of the whole result */
        const int row = at / 27 + 1 + 2 * (at / 3 % 3) - 2, column = at / 9 % 3 + 2 * (at % 3) - 2;
        if (row >= 0 && row < 4 && column >= 0 && column < 4)
            wanted[at / 9] += (float)(at % 9 + 1) * x[row * 4 + column];
    }
    write_dilated(&f);
    if (!mote_import_tflite_bytes(&g, "dilated", f.data, f.size, &(mote_import_options){0}, &error))
        fail_msg("%s", error.text);
    assert_int_equal(g.op_count, 1);
    if (!mote_executor_init(&e, &g, &(mote_executor_options){.steps = 1, .streams = 1, .workers = 1}, &error))
        fail_msg("%s", error.text);
    mote_executor_forward(&e, 0, (const void *const[]){x}, 1, 0);
    for (int i = 0; i < 9; i++)
        assert_true(fabsf(mote_executor_output(&e, 0, 0)[i] - wanted[i]) < 1e-4f);
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_operators), cmocka_unit_test(test_dilated)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
