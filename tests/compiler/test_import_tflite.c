/* Runs imported TensorFlow Lite models on the given inputs and compares with the results of TensorFlow Lite Micro:
 * outputs and inner tensors of integer models byte for byte, outputs of float models within 1e-4 of the largest. Needs
 * ../shared. */
#include <dirent.h>
#include <math.h>
#include <mote.h>

#include "compiler/graph/executor.h"
#include "compiler/import/tflite.h"
#include "compiler/pack/container.h"
#include "import_files.h"
#include "packed_reference.h"

#define DATA MOTE_SHARED_DIR "/data/networks/tflite"

enum { INPUTS = 10, MOST_LINES = 512, LINE = 4096 };

typedef struct example {
    const char *folder;
    uint32_t arena; /* bytes of TensorFlow Lite Micro with 32-bit pointers; 0: float */
    int hidden;     /* inner tensors of the file that are no tensors of the graph */
} example;

static const example examples[] = {
    {"person_detect", 82300, 0},
    {"hello_world", 716, 0},
    {"ad01", 2380, 0},
    {"kws", 22780, 0},
    {"micro_speech", 6812, 0},
    {"esphome_meter_v3", 16316, 0},
    {"mcunet_vww", 219800, 5},
    {"tinymaix_cifar10", 13388, 0},
    {"tinymaix_mbnet96", 109340, 0},
    {"tinymaix_mnist_arduino", 2204, 0},
    {"tinymaix_mnist_dw", 4076, 0},
    {"tinymaix_mnist_rect", 2908, 0},
    {"tinymaix_mnist_resnet", 5788, 0},
    {"tinymaix_mnist_valid", 2812, 0},
    {"tinymaix_vww96", 100636, 0},
    {"ad01_float", 0, 0},
    {"hello_world_float", 0, 0},
    {"kws_float", 0, 0},
    {"tinymaix_cifar10_float", 0, 0},
    {"tinymaix_mbnet96_float", 0, 0},
    {"tinymaix_mnist_dw_float", 0, 0},
    {"tinymaix_mnist_resnet_float", 0, 0},
    {"tinymaix_mnist_valid_float", 0, 0},
    {"tinymaix_vww96_float", 0, 0},
};
enum { EXAMPLES = sizeof examples / sizeof *examples };

static bool present(void)
{
    if (access(DATA, R_OK) == 0)
        return true;
    print_message("no ../shared: skipped\n");
    return false;
}

/* Finds the one .tflite file of a folder. */
static void path_of(const char *folder, char *path, size_t size)
{
    char name[1024];
    snprintf(name, sizeof name, DATA "/%s", folder);
    DIR *d = opendir(name);
    assert_non_null(d);
    path[0] = 0;
    for (struct dirent *e = readdir(d); e; e = readdir(d))
        if (strlen(e->d_name) > 7 && strcmp(e->d_name + strlen(e->d_name) - 7, ".tflite") == 0)
            snprintf(path, size, DATA "/%s/%s", folder, e->d_name);
    closedir(d);
    assert_true(path[0] != 0);
}

static mote_bytes read_or_nothing(const char *folder, const char *what, int k)
{
    char path[1024];
    mote_bytes b = {0};
    mote_error error;
    snprintf(path, sizeof path, DATA "/%s/%s_%d.bin", folder, what, k);
    if (access(path, R_OK) == 0 && !mote_file_read(path, 1 << 24, &b, &error))
        fail_msg("%s", error.text);
    return b;
}

static uint64_t hash(const void *data, size_t size)
{
    uint64_t h = 0xcbf29ce484222325;
    for (size_t i = 0; i < size; i++)
        h = (h ^ ((const uint8_t *)data)[i]) * 0x100000001b3;
    return h;
}
/* The lines of layers.txt that describe tensors of int8, uint8 or int16 that are no constants. */
typedef struct layer {
    char name[LINE];
    uint64_t hashes[INPUTS];
    int runs;
} layer;

typedef struct layers {
    layer of[MOST_LINES];
    int count;
} layers;

static void read_layer(layers *l, char *line)
{
    char *field[INPUTS + 8] = {0}, *rest = line;
    int fields = 0;
    line[strcspn(line, "\n")] = 0;
    for (char *f = strsep(&rest, "\t"); f && fields < INPUTS + 8; f = strsep(&rest, "\t"))
        field[fields++] = f;
    if (fields < 7 || strncmp(field[0], "0.", 2) != 0 || strcmp(field[5], "const") == 0 ||
        (strcmp(field[1], "INT8") != 0 && strcmp(field[1], "UINT8") != 0 && strcmp(field[1], "INT16") != 0))
        return;
    assert_true(l->count < MOST_LINES);
    layer *to = &l->of[l->count++];
    *to = (layer){.runs = fields - 6};
    snprintf(to->name, sizeof to->name, "%s", field[fields - 1]);
    for (int i = 0; i < to->runs; i++)
        to->hashes[i] = strtoull(field[5 + i], NULL, 16);
}

static layers *read_layers(const char *folder)
{
    static layers l;
    char path[1024], line[LINE];
    snprintf(path, sizeof path, DATA "/%s/layers.txt", folder);
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    l.count = 0;
    while (fgets(line, sizeof line, f))
        if (line[0] != '#')
            read_layer(&l, line);
    fclose(f);
    return &l;
}

/* The bytes of a tensor as TensorFlow Lite has them; the caller frees them. */
static mote_bytes bytes_of(const reference *r, int tensor)
{
    const mote_tensor *t = &r->g->tensors[tensor];
    mote_bytes b = {.size = mote_tensor_size(t)};
    b.data = malloc(b.size);
    assert_non_null(b.data);
    for (size_t i = 0; i < mote_tensor_elements(t); i++)
        store_at(t, b.data, i, r->values[tensor][i]);
    return b;
}

/* Converts a float input as TensorFlow Lite Micro's QUANTIZE does. */
static int32_t quantized(const mote_tensor *t, float x)
{
    const float v = roundf(x / t->quantization.scale) + (float)t->quantization.zero_point;
    return (int32_t)(v < -128 ? -128 : v > 127 ? 127 : v);
}

static void give(const reference *r, int tensor, const mote_bytes *from)
{
    const mote_tensor *t = &r->g->tensors[tensor];
    const size_t count = mote_tensor_elements(t);
    const bool is_float = from->size == count * sizeof(float) && mote_tensor_size(t) == count;
    assert_int_equal(from->size, is_float ? count * sizeof(float) : mote_tensor_size(t));
    for (size_t i = 0; i < count; i++) {
        float x;
        if (is_float)
            memcpy(&x, from->data + sizeof x * i, sizeof x);
        r->values[tensor][i] = is_float ? quantized(t, x) : stored_at(t, from->data, i);
    }
}

static void same(const reference *r, int tensor, const mote_bytes *wanted, const char *folder, int k)
{
    const mote_tensor *t = &r->g->tensors[tensor];
    const size_t count = mote_tensor_elements(t);
    const bool is_float = wanted->size == count * sizeof(float) && mote_tensor_size(t) == count;
    assert_int_equal(wanted->size, is_float ? count * sizeof(float) : mote_tensor_size(t));
    for (size_t i = 0; i < count; i++) {
        const int32_t v = r->values[tensor][i];
        float x;
        if (is_float)
            memcpy(&x, wanted->data + sizeof x * i, sizeof x);
        if (is_float ? x != t->quantization.scale * (float)(v - t->quantization.zero_point)
                     : v != stored_at(t, wanted->data, i))
            fail_msg("%s, input %d: value %zu of the output is %d", folder, k, i, v);
    }
}

static void check_layers(const example *e, const reference *r, const layers *l, int run)
{
    int hidden = 0;
    for (int i = 0; i < l->count; i++) {
        const layer *at = &l->of[i];
        const int tensor = mote_graph_find(r->g, at->name);
        hidden += run < at->runs && tensor < 0;
        if (tensor < 0 && run == 0)
            print_message("%s: no tensor %s\n", e->folder, at->name);
        if (run >= at->runs || tensor < 0)
            continue;
        mote_bytes b = bytes_of(r, tensor);
        if (hash(b.data, b.size) != at->hashes[run])
            fail_msg("%s, input %d: tensor %s differs", e->folder, run, at->name);
        free(b.data);
    }
    if (hidden != e->hidden)
        fail_msg("%s: %d tensors are hidden, %d expected", e->folder, hidden, e->hidden);
}

/* Gives every tensor memory of its own, so that all can be read after a run. */
static void spread(mote_graph *g)
{
    g->arena_size = 0;
    for (int i = 0; i < g->tensor_count; i++) {
        mote_tensor *t = &g->tensors[i];
        if (t->role == MOTE_CONSTANT || t->role == MOTE_STATE)
            continue;
        t->offset = g->arena_size;
        g->arena_size += ((uint32_t)mote_tensor_size(t) + 15) & ~15u;
    }
}

/* A packed model as a device runs it. */
typedef struct device {
    mote_bytes file;
    mote_model model;
    mote_session session;
    void *arena;
} device;

static void device_begin(device *d, const mote_graph *g, const char *folder)
{
    mote_error error;
    *d = (device){0};
    if (!mote_graph_encode(g, &d->file, &error))
        fail_msg("%s", error.text);
    const mote_status status = mote_open(&d->model, d->file.data, d->file.size);
    if (status != MOTE_SUCCESS)
        fail_msg("%s: %s", folder, mote_status_text(status));
    const size_t size = mote_arena_size(&d->model);
    d->arena = aligned_alloc(16, size);
    assert_non_null(d->arena);
    assert_int_equal(mote_start(&d->session, &d->model, d->arena, size, NULL, 0), MOTE_SUCCESS);
}

/* Compares every tensor of a spread graph with that of the reference. */
static void device_check(const device *d, const reference *r, const char *folder, int k)
{
    for (int i = 0; i < r->g->tensor_count; i++) {
        const mote_tensor *t = &r->g->tensors[i];
        if (t->role == MOTE_CONSTANT)
            continue;
        mote_bytes wanted = bytes_of(r, i);
        if (memcmp((uint8_t *)d->arena + t->offset, wanted.data, wanted.size) != 0)
            fail_msg("%s, input %d: the runtime gives another %s", folder, k, t->name);
        free(wanted.data);
    }
}

/* Gives the device the input of the reference and compares the output. */
static void device_run(device *d, const reference *r, int x, int y, const char *folder, int k)
{
    const mote_value in = mote_input(&d->session, 0), out = mote_output(&d->session, 0);
    mote_bytes given = bytes_of(r, x), wanted = bytes_of(r, y);
    assert_int_equal(in.size, given.size);
    assert_int_equal(out.size, wanted.size);
    memcpy(in.data, given.data, given.size);
    mote_run(&d->session);
    if (memcmp(out.data, wanted.data, wanted.size) != 0)
        fail_msg("%s, input %d: the runtime gives another output", folder, k);
    free(given.data);
    free(wanted.data);
}

static void device_end(device *d)
{
    free(d->file.data);
    free(d->arena);
}

static void run_packed(const example *e, const mote_graph *g)
{
    reference r;
    mote_graph apart;
    device d, inner;
    mote_error error;
    assert_true(mote_graph_copy(&apart, g, &error));
    spread(&apart);
    device_begin(&d, g, e->folder);
    device_begin(&inner, &apart, e->folder);
    const layers *l = read_layers(e->folder);
    const int x = mote_graph_of_role(g, MOTE_INPUT, 0), y = mote_graph_of_role(g, MOTE_OUTPUT, 0);
    reference_begin(&r, &apart);
    for (int k = 0; k < INPUTS; k++) {
        mote_bytes in = read_or_nothing(e->folder, "in", k), wanted = read_or_nothing(e->folder, "out", k);
        if (in.data) {
            give(&r, x, &in);
            reference_run(&r);
            check_layers(e, &r, l, k);
            same(&r, y, &wanted, e->folder, k);
            device_run(&d, &r, x, y, e->folder, k);
            device_run(&inner, &r, x, y, e->folder, k);
            device_check(&inner, &r, e->folder, k);
        }
        free(in.data);
        free(wanted.data);
    }
    reference_end(&r);
    device_end(&d);
    device_end(&inner);
    mote_graph_free(&apart);
    print_message("%s: equal; arena %u, TensorFlow Lite Micro %u\n", e->folder, g->arena_size, e->arena);
}

static void run_float(const example *e, const mote_graph *g)
{
    mote_executor x;
    mote_error error;
    float worst = 0;
    bool compared = false;
    if (!mote_executor_init(&x, g, &(mote_executor_options){.steps = 1, .streams = 1, .workers = 1}, &error))
        fail_msg("%s: %s", e->folder, error.text);
    for (int k = 0; k < INPUTS; k++) {
        mote_bytes in = read_or_nothing(e->folder, "in", k), wanted = read_or_nothing(e->folder, "out", k);
        const size_t each = mote_tensor_size(&g->tensors[x.inputs[0]]);
        const size_t count = mote_executor_output_size(&x, 0);
        for (size_t f = 0; in.data && f < in.size / each; f++) {
            float most = 0, difference = 0;
            mote_executor_forward(&x, 0, (const void *const[]){in.data + f * each}, 1, 0);
            const float *y = mote_executor_output(&x, 0, 0), *z = (const float *)(void *)wanted.data + f * count;
            if (!wanted.data)
                break;
            assert_true((f + 1) * count * sizeof *y <= wanted.size);
            for (size_t i = 0; i < count; i++) {
                most = fmaxf(most, fabsf(z[i]));
                difference = fmaxf(difference, fabsf(y[i] - z[i]));
            }
            worst = fmaxf(worst, difference / most);
            compared = true;
        }
        free(in.data);
        free(wanted.data);
    }
    print_message("%s: largest difference %.2g%s\n", e->folder, (double)worst,
                  compared ? "" : "; runs, and no outputs are given");
    mote_executor_free(&x);
    if (!(worst < 1e-4f))
        fail_msg("%s: outputs differ by %g of the largest", e->folder, (double)worst);
}

static void test_examples(void **state)
{
    (void)state;
    for (int i = 0; i < EXAMPLES && present(); i++) {
        char path[1024];
        mote_graph g;
        path_of(examples[i].folder, path, sizeof path);
        must_import(&g, path, (mote_import_options){0});
        assert_int_equal(g.packed, examples[i].arena != 0);
        if (!g.packed)
            run_float(&examples[i], &g);
        else
            run_packed(&examples[i], &g);
        mote_graph_free(&g);
    }
}

/* Reads numbers with commas and newlines between them. */
static void read_csv(const char *path, int32_t *to, size_t count)
{
    FILE *f = fopen(path, "r");
    if (!f)
        fail_msg("%s is missing", path);
    for (size_t i = 0; i < count; i++) {
        long value;
        if (fscanf(f, i ? " , %ld" : "%ld", &value) != 1 && fscanf(f, " %ld", &value) != 1)
            fail_msg("%s: %zu of %zu numbers", path, i, count);
        to[i] = (int32_t)value;
    }
    fclose(f);
}

/* Runs a model of one operator with int16 activations. The first input of a transposed convolution is its shape. */
static void run_one(const char *folder, const char *name)
{
    char path[1024];
    mote_graph g;
    reference r;
    device d;
    snprintf(path, sizeof path, DATA "/seanet/%s/%s.tflite", folder, name);
    must_import(&g, path, (mote_import_options){0});
    assert_true(g.packed);
    reference_begin(&r, &g);
    device_begin(&d, &g, name);
    const int skipped = strcmp(folder, "transpose_conv") == 0, y = mote_graph_of_role(&g, MOTE_OUTPUT, 0);
    for (int i = 0, x; (x = mote_graph_of_role(&g, MOTE_INPUT, i)) >= 0; i++) {
        snprintf(path, sizeof path, DATA "/seanet/%s/%s_input%d_%s.csv", folder, name, i + skipped,
                 g.tensors[x].dtype == MOTE_I32 ? "int32" : "int16");
        read_csv(path, r.values[x], mote_tensor_elements(&g.tensors[x]));
        mote_bytes given = bytes_of(&r, x);
        const mote_value in = mote_input(&d.session, (uint32_t)i);
        assert_int_equal(in.size, given.size);
        memcpy(in.data, given.data, given.size);
        free(given.data);
    }
    reference_run(&r);
    mote_run(&d.session);
    const size_t count = mote_tensor_elements(&g.tensors[y]);
    int32_t *wanted = malloc(count * sizeof *wanted);
    assert_non_null(wanted);
    snprintf(path, sizeof path, DATA "/seanet/%s/%s_tflm_int16.csv", folder, name);
    if (access(path, R_OK) != 0)
        snprintf(path, sizeof path, DATA "/seanet/%s/%s_golden_int16.csv", folder, name);
    read_csv(path, wanted, count);
    for (size_t i = 0; i < count; i++)
        if (wanted[i] != r.values[y][i])
            fail_msg("%s: value %zu is %d and not %d", name, i, r.values[y][i], wanted[i]);
    const mote_value out = mote_output(&d.session, 0);
    for (size_t i = 0; i < count; i++)
        if (wanted[i] != stored_at(&g.tensors[y], out.data, i))
            fail_msg("%s: value %zu is %d in the runtime and not %d", name, i, stored_at(&g.tensors[y], out.data, i),
                     wanted[i]);
    device_end(&d);
    free(wanted);
    reference_end(&r);
    mote_graph_free(&g);
}

static void test_16x8(void **state)
{
    static const char *const folders[] = {"add",      "conv",          "leaky_relu", "pad",
                                          "quantize", "strided_slice", "sub",        "transpose_conv"};
    int models = 0;
    (void)state;
    for (size_t k = 0; k < sizeof folders / sizeof *folders && present(); k++) {
        char name[1024];
        snprintf(name, sizeof name, DATA "/seanet/%s", folders[k]);
        DIR *d = opendir(name);
        assert_non_null(d);
        for (struct dirent *e = readdir(d); e; e = readdir(d)) {
            char *end = strstr(e->d_name, ".tflite");
            if (!end)
                continue;
            *end = 0;
            run_one(folders[k], e->d_name);
            models++;
        }
        closedir(d);
    }
    print_message("%d models of one operator are equal\n", models);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_examples),
        cmocka_unit_test(test_16x8),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
