/* Passes over a whole graph, on a small convolutional network: files, manifests, training on arrays, pruning. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "compiler/graph/check.h"
#include "compiler/graph/executor.h"
#include "compiler/manifest/manifest.h"
#include "compiler/manifest/npy.h"
#include "compiler/manifest/zip.h"
#include "compiler/pack/container.h"
#include "compiler/prune/prune.h"
#include "compiler/quantize/statistics.h"
#include "compiler/task/arrays.h"
#include "compiler/train/train.h"
#include "tests/compiler/small_network.h"

enum { SIZE = SMALL_NETWORK_SIZE, CLASSES = SMALL_NETWORK_CLASSES, SAMPLES = 600 };

static mote_graph network(void)
{
    mote_graph g;
    mote_error error = {0};
    if (!small_network(&g, &error) || !mote_graph_check(&g, &error))
        fail_msg("%s", error.text);
    return g;
}

/* Draws a horizontal bar, a vertical bar or a diagonal at a random place, with noise. */
static void draw(float image[SIZE][SIZE], int class, mote_random *random)
{
    const int row = (int)(mote_random_bits(random) % 5), column = (int)(mote_random_bits(random) % 5);
    for (int i = 0; i < SIZE * SIZE; i++)
        image[i / SIZE][i % SIZE] = 0.3f * mote_random_unit(random);
    for (int i = 0; i < 4; i++)
        image[row + (class == 0 ? 0 : i)][column + (class == 1 ? 0 : i)] += 1;
}

typedef struct archive {
    char *data;
    size_t size;
} archive;

static void add(mote_zip_writer *writer, const char *name, char kind, uint32_t size, int rank, const uint32_t *dims,
                const void *data)
{
    mote_array array = {.kind = kind, .size = size, .rank = rank, .dims = {1, 1, 1, 1, 1, 1}};
    uint8_t header[MOTE_NPY_HEADER];
    size_t bytes = size;
    for (int i = 0; i < rank; i++)
        bytes *= array.dims[i] = dims[i];
    mote_npy_header(&array, header);
    assert_true(mote_zip_add(writer, name, header, sizeof header, data, bytes));
}

static archive samples(void)
{
    static float images[SAMPLES][SIZE][SIZE];
    static int32_t classes[SAMPLES];
    mote_random random = {9};
    archive a = {0};
    FILE *stream = open_memstream(&a.data, &a.size);
    mote_zip_writer writer = {.stream = stream};
    assert_non_null(stream);
    for (int i = 0; i < SAMPLES; i++)
        draw(images[i], classes[i] = i % CLASSES, &random);
    add(&writer, "image.npy", 'f', 4, 4, (uint32_t[]){SAMPLES, SIZE, SIZE, 1}, images);
    add(&writer, "targets.npy", 'i', 4, 1, (uint32_t[]){SAMPLES}, classes);
    assert_true(mote_zip_finish(&writer));
    fclose(stream);
    return a;
}

static void write_file(const char *path, const archive *a)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(a->data, 1, a->size, f), a->size);
    fclose(f);
}

static void same_graph(const mote_graph *a, const mote_graph *b)
{
    assert_int_equal(a->op_count, b->op_count);
    assert_int_equal(a->tensor_count, b->tensor_count);
    for (int i = 0; i < a->op_count; i++) {
        assert_string_equal(a->ops[i].name, b->ops[i].name);
        assert_memory_equal(a->ops[i].params, b->ops[i].params, (size_t)a->ops[i].param_count * sizeof(int32_t));
    }
    for (int i = 0; i < a->tensor_count; i++) {
        const mote_tensor *t = &a->tensors[i], *u = &b->tensors[mote_graph_find(b, t->name)];
        assert_memory_equal(t->dims, u->dims, sizeof t->dims);
        if (t->data)
            assert_memory_equal(t->data, u->data, mote_tensor_size(t));
    }
}

static void files_keep_the_network(void **state)
{
    (void)state;
    mote_graph g = network(), loaded, read;
    mote_error error = {0};
    if (!mote_graph_save(&g, "passes.mote", &error) || !mote_graph_load(&loaded, "passes.mote", &error))
        fail_msg("%s", error.text);
    same_graph(&g, &loaded);
    if (!mote_manifest_save(&loaded, MOTE_MANIFEST_JSON, "passes.json", &error) ||
        !mote_manifest_load(&read, "passes.json", &error))
        fail_msg("%s", error.text);
    same_graph(&g, &read);
    mote_graph_free(&g), mote_graph_free(&loaded), mote_graph_free(&read);
}

/* Returns the part of the samples that the model in a file classifies correctly. */
static double accuracy(const char *path, const archive *a)
{
    mote_graph g;
    mote_arrays arrays;
    mote_executor x;
    mote_error error = {0};
    int right = 0;
    if (!mote_graph_load(&g, path, &error) || !mote_arrays_read(&arrays, a->data, a->size, "data.npz", &g, &error) ||
        !mote_executor_init(&x, &g, &(mote_executor_options){.steps = 1, .streams = 1, .workers = 1}, &error))
        fail_msg("%s", error.text);
    for (size_t i = 0; i < SAMPLES; i++) {
        mote_executor_forward(&x, 0, &(const void *){arrays.inputs[0] + i * arrays.input_size[0]}, 1, 0);
        const float *y = mote_executor_output(&x, 0, 0);
        const int best = y[1] > y[0] ? (y[2] > y[1] ? 2 : 1) : (y[2] > y[0] ? 2 : 0);
        right += best == (int)(i % CLASSES);
    }
    mote_executor_free(&x);
    mote_arrays_free(&arrays);
    mote_graph_free(&g);
    return (double)right / SAMPLES;
}

static void a_convolutional_network_learns(void **state)
{
    (void)state;
    mote_graph g = network();
    archive a = samples();
    mote_error error = {0};
    mote_train_options o = mote_train_defaults();
    mote_train_result result;
    write_file("passes.npz", &a);
    assert_true(mote_graph_save(&g, "passes-init.mote", &error));
    o.data = "passes.npz", o.init = "passes-init.mote", o.out = "passes-out.mote";
    o.batch = 20, o.steps = 300, o.threads = 2, o.valid_fraction = 0.2, o.rate = 0.01;
    if (!mote_train(&o, NULL, &result, &error))
        fail_msg("%s", error.text);
    const double before = accuracy("passes-init.mote", &a), after = accuracy("passes-out.mote", &a);
    if (before > 0.6 || after < 0.95)
        fail_msg("%g of the samples are right before training, %g after it", before, after);
    free(a.data);
    mote_graph_free(&g);
}

static void pruning_takes_magnitudes(void **state)
{
    (void)state;
    mote_graph g = network(), pruned;
    mote_prune_report report = {0};
    mote_error error = {0};
    mote_prune_options o = {.granularity = MOTE_PRUNED_WEIGHTS, .sparsity = 0.5, .multiple = 1};
    if (!mote_prune(&g, &o, &pruned, &report, &error))
        fail_msg("%s", error.text);
    assert_int_equal(report.layer_count, 4);
    assert_int_equal(report.removed, report.total / 2);
    assert_true(mote_graph_check(&pruned, &error));
    mote_prune_report_free(&report);
    mote_graph_free(&pruned);

    o.units = true;
    assert_false(mote_prune(&g, &o, &pruned, &report, &error));
    assert_int_equal(error.code, MOTE_E_UNSUPPORTED);
    mote_graph_free(&g);
}

/* Statistics of the inputs of a product are refused, by the name of the operator. */
static void statistics_are_refused(void **state)
{
    (void)state;
    mote_graph g = network(), pruned;
    archive a = samples();
    mote_arrays arrays;
    mote_error error = {0};
    mote_prune_report report = {0};
    assert_true(mote_arrays_read(&arrays, a.data, a.size, "data.npz", &g, &error));
    const mote_source source = mote_arrays_source(&arrays);
    const mote_prune_options o = {.method = MOTE_PRUNE_ACTIVATION,
                                  .granularity = MOTE_PRUNED_WEIGHTS,
                                  .sparsity = 0.5,
                                  .multiple = 1,
                                  .source = &source};
    assert_false(mote_prune(&g, &o, &pruned, &report, &error));
    assert_int_equal(error.code, MOTE_E_UNSUPPORTED);
    assert_non_null(strstr(error.text, "first (conv)"));
    mote_arrays_free(&arrays);
    free(a.data);
    mote_graph_free(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_keep_the_network),
        cmocka_unit_test(a_convolutional_network_learns),
        cmocka_unit_test(pruning_takes_magnitudes),
        cmocka_unit_test(statistics_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
