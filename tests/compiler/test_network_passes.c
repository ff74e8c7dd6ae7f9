/* Passes over a whole graph, on a small convolutional network: files, manifests, training on arrays, pruning. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "compiler/graph/builder.h"
#include "compiler/graph/check.h"
#include "compiler/graph/executor.h"
#include "compiler/graph/functions.h"
#include "compiler/graph/operator.h"
#include "compiler/manifest/manifest.h"
#include "compiler/manifest/npy.h"
#include "compiler/manifest/zip.h"
#include "compiler/pack/container.h"
#include "compiler/prune/prune.h"
#include "compiler/quantize/statistics.h"
#include "compiler/task/arrays.h"
#include "compiler/train/train.h"

enum { SIZE = 8, CLASSES = 3, SAMPLES = 600 };

static int convolution(mote_builder *b, const char *name, int x, uint32_t out, int kernel, int stride, uint32_t parts)
{
    char weights[32], bias[32];
    int32_t params[MOTE_CONV_PARAMS] = {0};
    const uint32_t columns = (uint32_t)(kernel * kernel) * b->g->tensors[x].dims[2] / parts;
    for (int axis = 0; axis < 2; axis++) {
        params[MOTE_CONV_KERNEL_HEIGHT + axis] = kernel;
        params[MOTE_CONV_STRIDE_HEIGHT + axis] = stride;
        params[MOTE_CONV_DILATION_HEIGHT + axis] = 1;
        params[MOTE_CONV_TOP + axis] = params[MOTE_CONV_BOTTOM + axis] = kernel / 2;
    }
    params[MOTE_CONV_PARTS] = (int32_t)parts;
    snprintf(weights, sizeof weights, "%s.weight", name);
    snprintf(bias, sizeof bias, "%s.bias", name);
    const int inputs[] = {x, mote_build_normal(b, weights, out, columns, 0.4f), mote_build_filled(b, bias, out, 0.01f)};
    return mote_build_op(b, name, MOTE_OP_CONV, 3, inputs, params);
}

/* Image -> conv, relu, pool, depthwise, pointwise, relu, mean over the image, linear. */
static mote_graph network(void)
{
    mote_graph g;
    mote_error error = {0};
    mote_graph_init(&g);
    mote_builder b = {.g = &g, .random = {3}};
    const int32_t pool[MOTE_MAX_POOL_PARAMS] = {2, 2, 2, 2, 1, 1};
    const int32_t mean[MOTE_REDUCE_PARAMS] = {[MOTE_REDUCE_AXES] = 3};
    const int image = mote_graph_tensor(&g, "image", MOTE_F32, MOTE_INPUT, 3, (uint32_t[]){SIZE, SIZE, 1});
    int x = convolution(&b, "first", image, 8, 3, 1, 1);
    x = mote_build_op(&b, "relu", MOTE_OP_MAP, 1, &x, (int32_t[MOTE_MAP_PARAMS]){MOTE_FUNCTION_RELU});
    x = mote_build_op(&b, "pool", MOTE_OP_MAX_POOL, 1, &x, pool);
    x = convolution(&b, "deep", x, 8, 3, 1, 8);
    x = convolution(&b, "point", x, 12, 1, 1, 1);
    x = mote_build_op(&b, "relu2", MOTE_OP_MAP, 1, &x, (int32_t[MOTE_MAP_PARAMS]){MOTE_FUNCTION_HARD_SWISH});
    x = mote_build_op(&b, "mean", MOTE_OP_REDUCE, 1, &x, mean);
    const int head[] = {x, mote_build_normal(&b, "head.weight", CLASSES, 12, 0.3f),
                        mote_build_filled(&b, "head.bias", CLASSES, 0)};
    mote_build_output(&b, mote_build_op(&b, "head", MOTE_OP_LINEAR, 3, head, NULL), "scores");
    if (!mote_build_end(&b, "convolutional network", &error) || !mote_graph_check(&g, &error))
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
