/* Runs imported ONNX models on the given inputs and compares with the outputs of ONNX Runtime, within 1e-4 of the
 * largest. Needs ../shared. Damaged files are refused. */
#include <math.h>

#include "compiler/graph/executor.h"
#include "compiler/manifest/npy.h"
#include "import_files.h"

#define DATA MOTE_SHARED_DIR "/data/networks/onnx/"

enum { MOST_OUTPUTS = 12 };

typedef struct example {
    const char *model, *in; /* below DATA */
    float shift, scale;     /* the input is (x − shift)/scale */
    const char *outs[MOST_OUTPUTS];
} example;

static const example examples[] = {
    {"cnn2d_bn/model.onnx", "cnn2d_bn/in.npy", 0, 1, {"cnn2d_bn/out.npy"}},
    {"rl_mlp_td3/act_net_QuaidSIM-v4_TD3_+225.827_750000.onnx", "rl_mlp_td3/in.npy", 0, 1, {"rl_mlp_td3/out.npy"}},
    {"rl_gru_unrolled_td3_439/aug_act_net_QuaidSIM-v4_RA-TD3_+439.031_450000.onnx",
     "rl_gru_unrolled_td3_439/in.npy",
     0,
     1,
     {"rl_gru_unrolled_td3_439/action.npy", "rl_gru_unrolled_td3_439/h.npy"}},
    {"rl_gru_unrolled_td3_614/aug_act_net_QuaidSIM-v4_RA-TD3_+614.464_500000.onnx",
     "rl_gru_unrolled_td3_614/in.npy",
     0,
     1,
     {"rl_gru_unrolled_td3_614/action.npy", "rl_gru_unrolled_td3_614/h.npy"}},
    {"patch_transformer/model.onnx", "patch_transformer/in.npy", 0, 1, {"patch_transformer/out.npy"}},
    {"patch_transformer/model_opset17.onnx", "patch_transformer/in.npy", 0, 1, {"patch_transformer/out.npy"}},
    {"ultraface_slim_320/version-slim-320_simplified.onnx",
     "ultraface_slim_320/in/1.u8.npy",
     127,
     128,
     {"ultraface_slim_320/raw/1_scores.npy", "ultraface_slim_320/raw/1_boxes.npy"}},
    {"yunet_s_320/yunet_s_320_320.onnx",
     "yunet_s_320/in/1.u8.npy",
     0,
     1,
     {"yunet_s_320/raw/1_cls_8.npy", "yunet_s_320/raw/1_cls_16.npy", "yunet_s_320/raw/1_cls_32.npy",
      "yunet_s_320/raw/1_obj_8.npy", "yunet_s_320/raw/1_obj_16.npy", "yunet_s_320/raw/1_obj_32.npy",
      "yunet_s_320/raw/1_bbox_8.npy", "yunet_s_320/raw/1_bbox_16.npy", "yunet_s_320/raw/1_bbox_32.npy",
      "yunet_s_320/raw/1_kps_8.npy", "yunet_s_320/raw/1_kps_16.npy", "yunet_s_320/raw/1_kps_32.npy"}},
};

static bool present(void)
{
    if (access(DATA, R_OK) == 0)
        return true;
    print_message("no ../shared: skipped\n");
    return false;
}

/* Reads the numbers of an array; the caller frees them. */
static float *read_array(const char *name, mote_array *a, size_t *count)
{
    char path[1024];
    mote_bytes file;
    mote_error error;
    size_t begin;
    snprintf(path, sizeof path, DATA "%s", name);
    if (!mote_file_read(path, 1 << 28, &file, &error) || !mote_npy_form(a, &begin, file.data, file.size, path, &error))
        fail_msg("%s", error.text);
    *count = 1;
    for (int i = 0; i < a->rank; i++)
        *count *= a->dims[i];
    float *values = malloc(*count * sizeof *values);
    assert_non_null(values);
    for (size_t i = 0; i < *count; i++)
        if (a->kind == 'f')
            memcpy(&values[i], file.data + begin + 4 * i, 4);
        else
            values[i] = file.data[begin + i];
    free(file.data);
    return values;
}

/* Puts the channels of a frame [c, h, w] last. */
static void turn(const float *from, const mote_tensor *t, float *to)
{
    const size_t c = t->dims[2], area = (size_t)t->dims[0] * t->dims[1];
    for (size_t i = 0; i < area; i++)
        for (size_t k = 0; k < c; k++)
            to[i * c + k] = from[k * area + i];
}

static float run(const example *e, const mote_graph *g)
{
    mote_executor x;
    mote_error error;
    mote_array form;
    size_t count;
    float worst = 0, *in = read_array(e->in, &form, &count);
    const mote_tensor *t = &g->tensors[mote_graph_of_role(g, MOTE_INPUT, 0)];
    const size_t each = mote_tensor_elements(t);
    const int second = mote_graph_of_role(g, MOTE_INPUT, 1); /* output 1 of the step before, zero at first */
    const size_t state_size = second < 0 ? 1 : mote_tensor_elements(&g->tensors[second]);
    float *frame = malloc(each * sizeof *frame), *memory = calloc(state_size, sizeof *memory);
    assert_non_null(frame);
    assert_non_null(memory);
    assert_int_equal(count % each, 0);
    if (!mote_executor_init(&x, g, &(mote_executor_options){.steps = 1, .streams = 1, .workers = 1}, &error))
        fail_msg("%s: %s", e->model, error.text);
    for (size_t i = 0; i < count; i++)
        in[i] = (in[i] - e->shift) / e->scale;
    for (size_t f = 0; f < count / each; f++) {
        if (t->rank == 3 && form.rank >= 4)
            turn(in + f * each, t, frame);
        else
            memcpy(frame, in + f * each, each * sizeof *frame);
        mote_executor_forward(&x, 0, (const void *const[]){frame, memory}, 1, 0);
        if (second >= 0)
            memcpy(memory, mote_executor_output(&x, 0, 1), state_size * sizeof *memory);
        for (int k = 0; k < MOST_OUTPUTS && e->outs[k]; k++) {
            mote_array unused;
            size_t all;
            float most = 0, difference = 0, *wanted = read_array(e->outs[k], &unused, &all);
            const size_t size = mote_executor_output_size(&x, k);
            const float *y = mote_executor_output(&x, 0, k);
            assert_int_equal(all, size * (count / each));
            for (size_t i = 0; i < size; i++) {
                most = fmaxf(most, fabsf(wanted[f * size + i]));
                difference = fmaxf(difference, fabsf(y[i] - wanted[f * size + i]));
            }
            worst = difference / most <= worst ? worst : difference / most;
            free(wanted);
        }
    }
    mote_executor_free(&x);
    free(frame);
    free(memory);
    free(in);
    return worst;
}

static void test_examples(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples && present(); i++) {
        char path[1024];
        mote_graph g;
        snprintf(path, sizeof path, DATA "%s", examples[i].model);
        must_import(&g, path, (mote_import_options){0});
        const float worst = run(&examples[i], &g);
        print_message("%s: largest difference %.2g\n", examples[i].model, (double)worst);
        if (!(worst < 1e-4f))
            fail_msg("%s: outputs differ by %g of the largest", examples[i].model, (double)worst);
        mote_graph_free(&g);
    }
}

/* A file of a convolution [2, 1, 3, 3] with a bias, and a relu, written by hand. Lengths are below 128 but for the
 * graph's. */
static void put_field(bytes *b, int number, const bytes *content)
{
    const uint8_t head[] = {(uint8_t)(number * 8 + 2),
                            (uint8_t)((content->size & 127) | (content->size > 127 ? 128 : 0)),
                            (uint8_t)(content->size >> 7)};
    put(b, head, content->size > 127 ? 3u : 2u);
    put(b, content->data, content->size);
}

static void put_text(bytes *b, int number, const char *text)
{
    static bytes t;
    t.size = 0;
    put(&t, text, strlen(text));
    put_field(b, number, &t);
}

static void put_number(bytes *b, int number, uint8_t value)
{
    put(b, (const uint8_t[]){(uint8_t)(number << 3), value}, 2);
}

static void put_node(bytes *graph, const char *name, const char *const *inputs, const char *output)
{
    static bytes n;
    n.size = 0;
    for (; *inputs; inputs++)
        put_text(&n, 1, *inputs);
    put_text(&n, 2, output);
    put_text(&n, 4, name);
    put_field(graph, 1, &n);
}

static void put_constant(bytes *graph, const char *name, const uint8_t *dims, int rank, float first)
{
    static bytes t, raw;
    int count = 1;
    t.size = raw.size = 0;
    for (int i = 0; i < rank; i++) {
        put_number(&t, 1, dims[i]);
        count *= dims[i];
    }
    put_number(&t, 2, 1);
    put_text(&t, 8, name);
    for (int i = 0; i < count; i++)
        put_f32(&raw, i ? 0.5f : first);
    put_field(&t, 9, &raw);
    put_field(graph, 5, &t);
}

static void put_value(bytes *graph, int number, const char *name, const uint8_t *dims, int rank)
{
    static bytes v, type, tensor, shape, dim;
    v.size = type.size = tensor.size = shape.size = 0;
    for (int i = 0; i < rank; i++) {
        dim.size = 0;
        put_number(&dim, 1, dims[i]);
        put_field(&shape, 1, &dim);
    }
    put_number(&tensor, 1, 1);
    put_field(&tensor, 2, &shape);
    put_field(&type, 1, &tensor);
    put_text(&v, 1, name);
    put_field(&v, 2, &type);
    put_field(graph, number, &v);
}

typedef struct variant {
    const char *first, *relu_reads; /* operator; input of the second */
    float weight;
    uint8_t opset, height;
} variant;
static const variant sound = {"Conv", "c", 0.25f, 13, 5};

static void write_model(bytes *file, const variant *v)
{
    static bytes graph, set;
    graph.size = set.size = file->size = 0;
    put_node(&graph, v->first, (const char *const[]){"x", "w", "b", NULL}, "c");
    put_node(&graph, "Relu", (const char *const[]){v->relu_reads, NULL}, "y\n\"");
    put_constant(&graph, "w", (const uint8_t[]){2, 1, 3, 3}, 4, v->weight);
    put_constant(&graph, "b", (const uint8_t[]){2}, 1, 1);
    put_value(&graph, 11, "x", (const uint8_t[]){1, 1, v->height, 4}, 4);
    put_value(&graph, 12, "y\n\"", NULL, 0);
    put_field(file, 7, &graph);
    put_number(&set, 2, v->opset);
    put_field(file, 8, &set);
}

static void test_small(void **state)
{
    static bytes file;
    (void)state;
    mote_graph g;
    size_t count;
    write_model(&file, &sound);
    must_import(&g, write_import("small.onnx", file.data, file.size), (mote_import_options){0});
    assert_int_equal(g.op_count, 3); /* conv, relu, the transpose of the output */
    const mote_tensor *y = &g.tensors[mote_graph_of_role(&g, MOTE_OUTPUT, 0)];
    assert_int_equal(y->rank, 3);
    assert_int_equal(y->dims[0], 2);
    assert_int_equal(y->dims[1], 3);
    assert_true(values_of(&g, "c.constant", &count)[0] == 0.25f);
    assert_int_equal(count, 18);
    mote_graph_free(&g);
}

static void refused(variant v, mote_code code, const char *part)
{
    static bytes file;
    write_model(&file, &v);
    must_refuse(write_import("bad.onnx", file.data, file.size), (mote_import_options){0}, code, part);
}

static void test_refused(void **state)
{
    (void)state;
    variant v = sound;
    v.first = "Loop";
    refused(v, MOTE_E_UNSUPPORTED, "node 0 (Loop)");
    v = sound, v.relu_reads = "y\n\"";
    refused(v, MOTE_E_FORMAT, "node 1 (Relu) reads a value that no node before it makes");
    v = sound, v.weight = NAN;
    refused(v, MOTE_E_FORMAT, "not finite");
    v = sound, v.opset = 6;
    refused(v, MOTE_E_UNSUPPORTED, "opsets 7 to 21");
    v = sound, v.height = 0;
    refused(v, MOTE_E_UNSUPPORTED, "dimension 2 of the input");
    v = sound, v.height = 2;
    refused(v, MOTE_E_FORMAT, "conv");
}

/* Imports a damaged file: it becomes a valid graph, or is refused. */
static void try_damaged(const uint8_t *data, size_t size)
{
    mote_graph g;
    mote_error error = {0};
    if (!mote_import(&g, write_import("damaged.onnx", data, size), &(mote_import_options){0}, &error)) {
        assert_true(error.code >= MOTE_E_INPUT);
        assert_int_equal(strncmp(error.text, import_folder(), strlen(import_folder())), 0);
        return;
    }
    assert_true(mote_graph_check(&g, &error));
    mote_graph_free(&g);
}

static void test_damaged(void **state)
{
    static bytes file;
    (void)state;
    write_model(&file, &sound);
    for (size_t size = 0; size < file.size; size++)
        try_damaged(file.data, size);
    for (size_t bit = 0; bit < 8 * file.size; bit++) {
        file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        try_damaged(file.data, file.size);
        file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

/* A graph of a million nodes without names is refused at once. */
static void test_many(void **state)
{
    enum { NODES = 1000000 };
    static uint8_t data[4 + 2 * NODES + 6];
    const size_t graph = 2 * NODES + 2;
    (void)state;
    memcpy(data, (const uint8_t[]){7 << 3 | 2, (uint8_t)(graph | 128), (uint8_t)(graph >> 7 | 128), graph >> 14}, 4);
    for (size_t i = 0; i < NODES; i++)
        data[4 + 2 * i] = 1 << 3 | 2;
    memcpy(data + 4 + 2 * NODES, (const uint8_t[]){12 << 3 | 2, 0, 8 << 3 | 2, 2, 2 << 3, 13}, 6);
    must_refuse(write_import("many.onnx", data, sizeof data), (mote_import_options){0}, MOTE_E_UNSUPPORTED,
                "1000000 nodes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples), cmocka_unit_test(test_small), cmocka_unit_test(test_refused),
        cmocka_unit_test(test_damaged),  cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests(tests, NULL, remove_import_folder);
}
