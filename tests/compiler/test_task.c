/* Tests of networks that are not language models: execution, arrays of samples, tasks, and training, quantizing and
 * pruning with them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "compiler/graph/check.h"
#include "compiler/graph/cross_entropy.h"
#include "compiler/graph/executor.h"
#include "compiler/graph/random.h"
#include "compiler/manifest/npy.h"
#include "compiler/manifest/zip.h"
#include "compiler/pack/container.h"
#include "compiler/prune/prune.h"
#include "compiler/quantize/calibrate.h"
#include "compiler/quantize/probe.h"
#include "compiler/quantize/statistics.h"
#include "compiler/task/arrays.h"
#include "compiler/train/train.h"

static int tensor(mote_graph *g, const char *name, mote_role role, uint32_t rows, uint32_t columns)
{
    return mote_graph_tensor(g, name, MOTE_F32, role, columns ? 2 : 1, (uint32_t[]){rows, columns});
}

static int drawn(mote_graph *g, const char *name, uint32_t rows, uint32_t columns, mote_random *random)
{
    const int t = tensor(g, name, MOTE_CONSTANT, rows, columns);
    for (size_t i = 0; i < mote_tensor_elements(&g->tensors[t]); i++)
        ((float *)g->tensors[t].data)[i] = 2 * mote_random_unit(random) - 1;
    return t;
}

static void op(mote_graph *g, const char *name, mote_opcode opcode, int a, int b, int c, int y)
{
    assert_true(mote_graph_op(g, name, opcode, c >= 0 ? 3 : b >= 0 ? 2 : 1, (int[]){a, b, c}, 1, &y) >= 0);
}

/* A network with two inputs and two outputs, which are matrices, and with repeated constants */

enum { H = 2, W = 3, SAMPLES = 5 };

/* p = x·gain[3] + u·half[1]; y = silu(p); z = y·y + base[2, 3] */
static mote_graph wide_network(void)
{
    mote_graph g;
    mote_random random = {4};
    mote_error error = {0};
    mote_graph_init(&g);
    const int x = tensor(&g, "x", MOTE_INPUT, H, W), u = tensor(&g, "u", MOTE_INPUT, H, W);
    const int gain = drawn(&g, "gain", W, 0, &random), half = drawn(&g, "half", 1, 0, &random),
              base = drawn(&g, "base", H, W, &random);
    const int a = tensor(&g, "a", MOTE_ACTIVATION, H, W), b = tensor(&g, "b", MOTE_ACTIVATION, H, W);
    const int p = tensor(&g, "p", MOTE_ACTIVATION, H, W), q = tensor(&g, "q", MOTE_ACTIVATION, H, W);
    const int y = tensor(&g, "y", MOTE_OUTPUT, H, W), z = tensor(&g, "z", MOTE_OUTPUT, H, W);
    op(&g, "scale", MOTE_OP_MUL, x, gain, -1, a);
    op(&g, "halve", MOTE_OP_MUL, half, u, -1, b);
    op(&g, "sum", MOTE_OP_ADD, a, b, -1, p);
    op(&g, "curve", MOTE_OP_SILU, p, -1, -1, y);
    op(&g, "square", MOTE_OP_MUL, y, y, -1, q);
    op(&g, "shift", MOTE_OP_ADD, q, base, -1, z);
    if (!mote_graph_check(&g, &error))
        fail_msg("%s", error.text);
    return g;
}

static float noise[2][SAMPLES * H * W];

static void fill_noise(void)
{
    mote_random random = {8};
    for (int i = 0; i < 2; i++)
        for (int k = 0; k < SAMPLES * H * W; k++)
            noise[i][k] = 4 * mote_random_unit(&random) - 2;
}

static double constant(const mote_executor *x, const char *name, int i)
{
    return (double)x->parameters[x->offset[mote_graph_find(&x->graph, name)] + (size_t)i];
}

/* Returns Σ over samples and elements of sin(k)·y + cos(k)·z, by the definition, in double. */
static double reference(const mote_executor *x, float *y_of, float *z_of)
{
    double sum = 0;
    for (int k = 0; k < SAMPLES * H * W; k++) {
        const double p =
            (double)noise[0][k] * constant(x, "gain", k % W) + (double)noise[1][k] * constant(x, "half", 0);
        const double y = p / (1 + exp(-p)), z = y * y + constant(x, "base", k % (H * W));
        sum += sin(k) * y + cos(k) * z;
        y_of[k] = (float)y, z_of[k] = (float)z;
    }
    return sum;
}

static void inputs_outputs_and_repeated_constants(void **state)
{
    (void)state;
    mote_graph g = wide_network();
    mote_executor x;
    float y[SAMPLES * H * W], z[SAMPLES * H * W];
    const mote_executor_options options = {.steps = SAMPLES, .streams = 1, .workers = 1, .backward = true};
    fill_noise();
    assert_true(mote_executor_init(&x, &g, &options, NULL));
    assert_int_equal(x.input_count, 2);
    assert_int_equal(x.output_count, 2);
    mote_executor_forward(&x, 0, (const void *[]){noise[0], noise[1]}, SAMPLES, 0);
    reference(&x, y, z);
    for (int k = 0; k < SAMPLES * H * W; k++) {
        assert_true(fabsf(mote_executor_output(&x, 0, 0)[k] - y[k]) < 1e-5f);
        assert_true(fabsf(mote_executor_output(&x, 0, 1)[k] - z[k]) < 1e-5f);
        mote_executor_output_gradient(&x, 0, 0)[k] = sinf((float)k);
        mote_executor_output_gradient(&x, 0, 1)[k] = cosf((float)k);
    }
    mote_executor_backward(&x, 0);
    for (int t = 0; t < g.tensor_count; t++)
        for (size_t i = 0; x.offset[t] != SIZE_MAX && i < mote_tensor_elements(&g.tensors[t]); i++) {
            float *w = &x.parameters[x.offset[t] + i], kept = *w;
            const float step = 1.0f / 64;
            *w = kept + step;
            const double above = reference(&x, y, z);
            *w = kept - step;
            const double expected = (above - reference(&x, y, z)) / (2 * (double)step);
            *w = kept;
            const double got = (double)x.slices[0].parameter_gradient[x.offset[t] + i];
            if (fabs(got - expected) > 1e-2 + 1e-3 * fabs(expected))
                fail_msg("%s[%zu]: gradient %g, differences say %g", g.tensors[t].name, i, got, expected);
        }
    mote_executor_free(&x);
    mote_graph_free(&g);
}

/* An output on which the loss does not depend has no effect, whatever its memory contains. */
static void an_output_without_a_gradient_counts_for_nothing(void **state)
{
    (void)state;
    mote_graph g = wide_network();
    mote_executor x;
    const mote_executor_options options = {.steps = SAMPLES, .streams = 1, .workers = 1, .backward = true};
    fill_noise();
    assert_true(mote_executor_init(&x, &g, &options, NULL));
    for (int round = 0; round < 2; round++) {
        memset(x.slices[0].parameter_gradient, 0, x.parameter_count * sizeof(float));
        mote_executor_forward(&x, 0, (const void *[]){noise[0], noise[1]}, SAMPLES, 0);
        for (int k = 0; k < SAMPLES * H * W; k++) {
            mote_executor_output_gradient(&x, 0, 0)[k] = 1;
            if (round == 0)
                mote_executor_output_gradient(&x, 0, 1)[k] = 1;
        }
        mote_executor_backward(&x, 0);
        const float base = x.slices[0].parameter_gradient[x.offset[mote_graph_find(&g, "base")]];
        assert_true(round == 0 ? base == SAMPLES : base == 0);
    }
    mote_executor_free(&x);
    mote_graph_free(&g);
}

static void constants_that_do_not_repeat_are_refused(void **state)
{
    (void)state;
    mote_graph g;
    mote_error error = {0};
    mote_random random = {1};
    mote_graph_init(&g);
    const int x = tensor(&g, "x", MOTE_INPUT, H, W), c = drawn(&g, "c", H, 0, &random);
    const int y = tensor(&g, "y", MOTE_OUTPUT, H, W);
    op(&g, "sum", MOTE_OP_ADD, x, c, -1, y);
    assert_false(mote_graph_check(&g, &error));
    assert_non_null(strstr(error.text, "c"));
    mote_graph_free(&g);
}

/* Arrays */

enum { FEATURES = 4, CLASSES = 3, COUNT = 60 };

/* y = W2·silu(W1·x + b1) + b2 */
static mote_graph mlp(void)
{
    mote_graph g;
    mote_random random = {2};
    mote_error error = {0};
    mote_graph_init(&g);
    const int x = tensor(&g, "x", MOTE_INPUT, FEATURES, 0), h = tensor(&g, "h", MOTE_ACTIVATION, 8, 0);
    const int s = tensor(&g, "s", MOTE_ACTIVATION, 8, 0), y = tensor(&g, "scores", MOTE_OUTPUT, CLASSES, 0);
    op(&g, "first", MOTE_OP_LINEAR, x, drawn(&g, "first.weight", 8, FEATURES, &random),
       drawn(&g, "first.bias", 8, 0, &random), h);
    op(&g, "curve", MOTE_OP_SILU, h, -1, -1, s);
    op(&g, "last", MOTE_OP_LINEAR, s, drawn(&g, "last.weight", CLASSES, 8, &random),
       drawn(&g, "last.bias", CLASSES, 0, &random), y);
    if (!mote_graph_check(&g, &error))
        fail_msg("%s", error.text);
    return g;
}

/* A GRU whose gates are the input; its state gives an output of two numbers. */
static mote_graph counter(void)
{
    mote_graph g;
    mote_random random = {3};
    mote_error error = {0};
    mote_graph_init(&g);
    const int x = tensor(&g, "x", MOTE_INPUT, 9, 0), h = tensor(&g, "h", MOTE_STATE, 3, 0);
    const int s = tensor(&g, "s", MOTE_ACTIVATION, 3, 0), y = tensor(&g, "y", MOTE_OUTPUT, 2, 0);
    const int w = drawn(&g, "w", 9, 3, &random), b = drawn(&g, "b", 9, 0, &random);
    int inputs[MOTE_GRU_INPUTS];
    memset(inputs, -1, sizeof inputs);
    inputs[MOTE_GRU_GATES] = x, inputs[MOTE_GRU_WEIGHTS] = w, inputs[MOTE_GRU_BIAS] = b, inputs[MOTE_GRU_STATE] = h;
    assert_true(mote_graph_op(&g, "gru", MOTE_OP_GRU, MOTE_GRU_INPUTS, inputs, 1, &s) >= 0);
    op(&g, "last", MOTE_OP_LINEAR, s, drawn(&g, "last.weight", 2, 3, &random), drawn(&g, "last.bias", 2, 0, &random),
       y);
    if (!mote_graph_check(&g, &error))
        fail_msg("%s", error.text);
    return g;
}

/* An .npz file being written in memory. */
typedef struct archive {
    char *data;
    size_t size;
    FILE *stream;
    mote_zip_writer writer;
} archive;

static void begin(archive *a)
{
    *a = (archive){0};
    a->stream = open_memstream(&a->data, &a->size);
    assert_non_null(a->stream);
    a->writer.stream = a->stream;
}

static void add(archive *a, const char *name, char kind, uint32_t size, int rank, const uint32_t *dims,
                const void *data)
{
    mote_array array = {.kind = kind, .size = size, .rank = rank, .dims = {1, 1, 1, 1, 1, 1}};
    uint8_t header[MOTE_NPY_HEADER];
    size_t bytes = size;
    for (int i = 0; i < rank; i++)
        bytes *= array.dims[i] = dims[i];
    mote_npy_header(&array, header);
    assert_true(mote_zip_add(&a->writer, name, header, sizeof header, data, bytes));
}

static void end(archive *a)
{
    assert_true(mote_zip_finish(&a->writer));
    fclose(a->stream);
}

static double features[COUNT][FEATURES]; /* double, as numpy's default */
static int64_t classes[COUNT];

/* Makes samples. The class is the index of the largest of the first three features. */
static void make_data(archive *a, bool targets)
{
    mote_random random = {6};
    for (int i = 0; i < COUNT; i++) {
        classes[i] = 0;
        for (int k = 0; k < FEATURES; k++) {
            features[i][k] = 2 * (double)mote_random_unit(&random) - 1;
            if (k < CLASSES && features[i][k] > features[i][classes[i]])
                classes[i] = k;
        }
    }
    begin(a);
    add(a, "x.npy", 'f', 8, 2, (uint32_t[]){COUNT, FEATURES}, features);
    if (targets)
        add(a, "targets.npy", 'i', 8, 1, (uint32_t[]){COUNT}, classes);
    end(a);
}

static const float *values_of(const mote_graph *g, const char *name)
{
    return g->tensors[mote_graph_find(g, name)].data;
}

/* Computes the scores of a sample by the definition. */
static void expected_scores(const mote_graph *g, const double *x, double *scores)
{
    double s[8];
    for (int r = 0; r < 8; r++) {
        double h = (double)values_of(g, "first.bias")[r];
        for (int c = 0; c < FEATURES; c++)
            h += (double)values_of(g, "first.weight")[r * FEATURES + c] * x[c];
        s[r] = h / (1 + exp(-h));
    }
    for (int r = 0; r < CLASSES; r++) {
        scores[r] = (double)values_of(g, "last.bias")[r];
        for (int c = 0; c < 8; c++)
            scores[r] += (double)values_of(g, "last.weight")[r * 8 + c] * s[c];
    }
}

static void classification_by_the_definition(void **state)
{
    (void)state;
    mote_graph g = mlp();
    archive file;
    mote_arrays a;
    mote_probe p;
    mote_tally tally;
    mote_error error = {0};
    make_data(&file, true);
    if (!mote_arrays_read(&a, file.data, file.size, "data.npz", &g, &error))
        fail_msg("%s", error.text);
    const mote_source source = mote_arrays_source(&a);
    assert_ptr_equal(source.task, &mote_task_classification);
    assert_true(mote_probe_init(&p, &g, &source, NULL));
    assert_true(mote_tally_init(&tally, source.task, CLASSES, true, NULL));
    mote_probe_add(&p, &tally);
    double loss = 0, got;
    uint64_t confusion[CLASSES][CLASSES] = {0}, correct = 0;
    for (int i = 0; i < COUNT; i++) {
        double scores[CLASSES], sum = 0;
        int best = 0;
        expected_scores(&g, features[i], scores);
        for (int c = 0; c < CLASSES; c++) {
            sum += exp(scores[c]);
            best = scores[c] > scores[best] ? c : best;
        }
        loss += (log(sum) - scores[classes[i]]) / COUNT;
        confusion[classes[i]][best]++;
        correct += best == classes[i];
    }
    assert_true(mote_tally_loss(&tally, &got, NULL));
    assert_true(fabs(got - loss) < 1e-5);
    assert_true(correct > 0 && correct < COUNT);
    assert_int_equal(tally.correct, correct);
    assert_memory_equal(tally.confusion, confusion, sizeof confusion);
    mote_tally_free(&tally);
    mote_probe_free(&p);
    mote_arrays_free(&a);
    free(file.data);
    mote_graph_free(&g);
}

static void statistics_and_ranges_by_the_definition(void **state)
{
    (void)state;
    mote_graph g = mlp();
    archive file;
    mote_arrays a;
    mote_statistics s;
    mote_calibration c;
    make_data(&file, false);
    assert_true(mote_arrays_read(&a, file.data, file.size, "data.npz", &g, NULL));
    const mote_source source = mote_arrays_source(&a);
    assert_null(source.task);
    assert_true(mote_statistics_init(&s, &g, &source, NULL));
    assert_true(mote_calibrate(&c, &g, &source, NULL));
    const mote_hessian *h = &s.hessians[mote_graph_find(&g, "first.weight")];
    assert_int_equal(h->rows, COUNT);
    double most = 0;
    for (int k = 0; k < FEATURES; k++) {
        double sum = 0;
        for (int i = 0; i < COUNT; i++) {
            sum += features[i][k];
            most = fmax(most, features[i][k]);
        }
        assert_true(fabs(s.sums[mote_graph_find(&g, "first.weight")][k] - sum) < 1e-4);
    }
    assert_true(fabs((double)c.observers[mote_graph_find(&g, "x")].max - most) < 1e-6);
    assert_true(c.observers[mote_graph_find(&g, "scores")].count == (uint64_t)COUNT * CLASSES);
    mote_calibration_free(&c);
    mote_statistics_free(&s);
    mote_arrays_free(&a);
    free(file.data);
    mote_graph_free(&g);
}

/* Prunes by each method, with and without targets. */
static void networks_without_text_are_pruned(void **state)
{
    (void)state;
    mote_graph g = mlp();
    archive file;
    for (int targets = 0; targets < 2; targets++) {
        mote_arrays a;
        make_data(&file, targets);
        assert_true(mote_arrays_read(&a, file.data, file.size, "data.npz", &g, NULL));
        const mote_source source = mote_arrays_source(&a);
        for (int method = 0; method < MOTE_PRUNE_METHOD_COUNT; method++) {
            mote_graph to;
            mote_prune_report report;
            mote_error error = {0};
            const mote_prune_options o = {.method = (mote_prune_method)method,
                                          .granularity = MOTE_PRUNED_WEIGHTS,
                                          .sparsity = 0.5,
                                          .compensate = true,
                                          .source = &source};
            const bool needs_targets = method == MOTE_PRUNE_GRADIENT;
            if (needs_targets && !targets) {
                assert_false(mote_prune(&g, &o, &to, &report, &error));
                assert_non_null(strstr(error.text, "targets"));
                continue;
            }
            if (!mote_prune(&g, &o, &to, &report, &error))
                fail_msg("method %d: %s", method, error.text);
            assert_int_equal(report.removed, 28);
            assert_true(isnan(report.loss_before) == !targets);
            mote_prune_report_free(&report);
            mote_graph_free(&to);
        }
        mote_arrays_free(&a);
        free(file.data);
    }
    mote_graph_free(&g);
}

/* The state is reset before each sequence: together or alone, a sequence gives the same loss. Only the last step has a
 * target. */
static void sequences_begin_anew(void **state)
{
    (void)state;
    enum { SEQUENCES = 4, STEPS = 7 };
    mote_graph g = counter();
    archive file;
    mote_arrays a;
    mote_random random = {12};
    float x[SEQUENCES][STEPS][9], wanted[SEQUENCES][2];
    for (int i = 0; i < SEQUENCES * STEPS * 9; i++)
        (&x[0][0][0])[i] = 4 * mote_random_unit(&random) - 2;
    for (int i = 0; i < SEQUENCES * 2; i++)
        (&wanted[0][0])[i] = mote_random_unit(&random);
    begin(&file);
    add(&file, "x.npy", 'f', 4, 3, (uint32_t[]){SEQUENCES, STEPS, 9}, x);
    add(&file, "y.npy", 'f', 4, 2, (uint32_t[]){SEQUENCES, 2}, wanted);
    end(&file);
    mote_error error = {0};
    if (!mote_arrays_read(&a, file.data, file.size, "data.npz", &g, &error))
        fail_msg("%s", error.text);
    const mote_source source = mote_arrays_source(&a);
    assert_int_equal(source.sequence, STEPS);
    assert_true(source.last_counts);
    mote_executor e;
    const mote_executor_options options = {.steps = STEPS, .streams = 1, .workers = 1};
    assert_true(mote_executor_init(&e, &g, &options, NULL));
    double expected = 0, got;
    for (int i = 0; i < SEQUENCES; i++) {
        mote_executor_reset(&e, 0);
        mote_executor_forward(&e, 0, (const void *[]){x[i]}, STEPS, 0);
        for (int k = 0; k < 2; k++) {
            const double off = (double)(mote_executor_output(&e, 0, 0)[(STEPS - 1) * 2 + k] - wanted[i][k]);
            expected += off * off / 2 / SEQUENCES;
        }
    }
    mote_probe p;
    assert_true(mote_probe_init(&p, &g, &source, NULL));
    assert_true(mote_probe_loss(&p, &got, NULL));
    assert_true(fabs(got - expected) < 1e-9);
    mote_probe_free(&p);
    mote_executor_free(&e);
    mote_arrays_free(&a);
    free(file.data);
    mote_graph_free(&g);
}

static void write_file(const char *path, const archive *a)
{
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(a->data, 1, a->size, f), a->size);
    fclose(f);
}

/* Training learns the classes. The same run twice, with the same number of workers, gives the same bytes. */
static void a_network_learns_classes(void **state)
{
    (void)state;
    mote_graph g = mlp();
    archive file;
    mote_bytes first = {0}, second;
    mote_error error = {0};
    make_data(&file, true);
    write_file("task-data.npz", &file);
    assert_true(mote_graph_save(&g, "task-init.mote", NULL));
    for (int round = 0; round < 2; round++) {
        mote_train_options o = mote_train_defaults();
        mote_train_result result;
        o.data = "task-data.npz", o.init = "task-init.mote", o.out = "task-out.mote";
        o.batch = 10, o.steps = 400, o.threads = 2, o.valid_fraction = 0.2, o.rate = 0.02;
        if (!mote_train(&o, NULL, &result, &error))
            fail_msg("%s", error.text);
        assert_string_equal(result.unit, "nats/sample");
        assert_true(result.best_loss < 0.4);
        assert_true(mote_file_read("task-out.mote", 1 << 20, round ? &second : &first, NULL));
    }
    assert_int_equal(first.size, second.size);
    assert_memory_equal(first.data, second.data, first.size);
    free(first.data), free(second.data), free(file.data);
    mote_graph_free(&g);
}

static void a_loss_that_is_not_finite_is_an_error(void **state)
{
    (void)state;
    mote_graph g = mlp();
    archive file;
    mote_arrays a;
    mote_probe p;
    double loss;
    mote_error error = {0};
    make_data(&file, true);
    ((float *)g.tensors[mote_graph_find(&g, "last.bias")].data)[1] = NAN;
    assert_true(mote_arrays_read(&a, file.data, file.size, "data.npz", &g, NULL));
    const mote_source source = mote_arrays_source(&a);
    assert_true(mote_probe_init(&p, &g, &source, NULL));
    assert_false(mote_probe_loss(&p, &loss, &error));
    assert_int_equal(error.code, MOTE_E_FORMAT);
    mote_probe_free(&p);
    mote_arrays_free(&a);
    free(file.data);
    mote_graph_free(&g);
}

/* Arrays that do not fit */

typedef struct wrong {
    const char *name, *target;
    uint32_t dims[3], target_dims[2];
    int rank, target_rank;
    double value;
    int64_t class;
    const char *says;
} wrong;

static void arrays_that_do_not_fit_are_named(void **state)
{
    (void)state;
    static const wrong cases[] = {
        {"z", "targets", {2, 4}, {2}, 2, 1, 1, 0, "data.npz: there is no array x"},
        {"x", "targets", {2, 3}, {2}, 2, 1, 1, 0, "array x"},
        {"x", "targets", {2, 4}, {3}, 2, 1, 1, 0, "array targets"},
        {"x", "targets", {2, 4}, {2}, 2, 1, NAN, 0, "array x: number 0"},
        {"x", "targets", {2, 4}, {2}, 2, 1, 1e300, 0, "array x: number 0"},
        {"x", "targets", {2, 4}, {2}, 2, 1, 1, 3, "array targets: number 0"},
        {"x", "scores", {2, 4}, {2}, 2, 1, 1, -1, "array scores: number 0"},
        {"x", "targets", {0, 4}, {0}, 2, 1, 1, 0, "array x is empty"},
    };
    mote_graph g = mlp();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const wrong *w = &cases[i];
        char name[32];
        double x[24];
        int64_t targets[3];
        archive file;
        mote_arrays a;
        mote_error error = {0};
        for (int k = 0; k < 24; k++)
            x[k] = w->value;
        for (int k = 0; k < 3; k++)
            targets[k] = w->class;
        begin(&file);
        snprintf(name, sizeof name, "%s.npy", w->name);
        add(&file, name, 'f', 8, w->rank, w->dims, x);
        snprintf(name, sizeof name, "%s.npy", w->target);
        add(&file, name, 'i', 8, w->target_rank, w->target_dims, targets);
        end(&file);
        assert_false(mote_arrays_read(&a, file.data, file.size, "data.npz", &g, &error));
        if (!strstr(error.text, w->says))
            fail_msg("case %zu: '%s' does not say '%s'", i, error.text, w->says);
        free(file.data);
    }
    mote_graph_free(&g);
}

/* A file that is truncated anywhere, or has any byte changed, is read or refused. */
static void damaged_files_are_refused_or_read(void **state)
{
    (void)state;
    mote_graph g = mlp();
    archive file;
    mote_arrays a;
    mote_random random = {77};
    make_data(&file, true);
    for (size_t i = 0; i < 20000; i++) {
        const size_t size = i % 2 ? file.size : i * 7919 % file.size, at = mote_random_bits(&random) % file.size;
        uint8_t *copy = malloc(size ? size : 1); /* of this size, so that AddressSanitizer detects reads beyond it */
        memcpy(copy, file.data, size);
        if (at < size)
            copy[at] ^= (uint8_t)(1 + mote_random_bits(&random) % 255);
        if (mote_arrays_read(&a, copy, size, "data.npz", &g, NULL))
            mote_arrays_free(&a);
        free(copy);
    }
    free(file.data);
    mote_graph_free(&g);
}

static void a_text_is_nothing_for_such_a_network(void **state)
{
    (void)state;
    mote_graph g = mlp();
    mote_calibration c;
    mote_error error = {0};
    const uint16_t tokens[200] = {0};
    const mote_source text = mote_text_source(&g, tokens, 200);
    assert_false(mote_calibrate(&c, &g, &text, &error));
    assert_int_equal(error.code, MOTE_E_UNSUPPORTED);
    assert_non_null(strstr(error.text, "no language model"));
    assert_false(mote_calibrate_self(&c, &g, &error));
    assert_non_null(strstr(error.text, ".npz"));
    mote_graph_free(&g);
}

/* Files of the tests are made in a folder of their own. */
static char folder[] = "/tmp/mote-task-XXXXXX";

static int enter_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? chdir(folder) : -1;
}

static int remove_folder(void **state)
{
    char command[64];
    (void)state;
    snprintf(command, sizeof command, "rm -rf %s", folder);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(inputs_outputs_and_repeated_constants),
        cmocka_unit_test(an_output_without_a_gradient_counts_for_nothing),
        cmocka_unit_test(constants_that_do_not_repeat_are_refused),
        cmocka_unit_test(classification_by_the_definition),
        cmocka_unit_test(statistics_and_ranges_by_the_definition),
        cmocka_unit_test(networks_without_text_are_pruned),
        cmocka_unit_test(sequences_begin_anew),
        cmocka_unit_test(a_network_learns_classes),
        cmocka_unit_test(a_loss_that_is_not_finite_is_an_error),
        cmocka_unit_test(arrays_that_do_not_fit_are_named),
        cmocka_unit_test(damaged_files_are_refused_or_read),
        cmocka_unit_test(a_text_is_nothing_for_such_a_network),
    };
    return cmocka_run_group_tests(tests, enter_folder, remove_folder);
}
