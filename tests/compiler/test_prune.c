/* Tests of pruning: the removed and the kept weights, the compensation, and the output after units without influence
 * are removed. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/graph/evaluator.h"
#include "compiler/graph/random.h"
#include "compiler/graph/scheme.h"
#include "compiler/graph/tinylm.h"
#include "compiler/graph/transformer.h"
#include "compiler/pack/container.h"
#include "compiler/prune/compensate.h"
#include "compiler/prune/mask.h"
#include "compiler/prune/prune.h"
#include "compiler/prune/schedule.h"
#include "compiler/prune/units.h"
#include "runtime/crc32.h"

enum { VOCABULARY = 20, TOKENS = 300 };

static uint16_t text[TOKENS];

static int fill_text(void **state)
{
    (void)state;
    mote_random random = {5};
    for (int i = 0; i < TOKENS; i++)
        text[i] = (uint16_t)(mote_random_bits(&random) % VOCABULARY);
    return 0;
}

static mote_graph gru(void)
{
    mote_graph g;
    assert_true(mote_tinylm_build(&g, &(mote_tinylm_shape){VOCABULARY, 16, 48, 2, false}, 3, NULL));
    return g;
}

static mote_graph transformer(void)
{
    mote_transformer_shape shape = MOTE_TRANSFORMER_DEFAULTS;
    shape.vocabulary = VOCABULARY, shape.dim = 32, shape.layers = 2, shape.heads = 4, shape.kv_heads = 2;
    shape.hidden = 48, shape.context = 64, shape.tied = true;
    mote_graph g;
    assert_true(mote_transformer_build(&g, &shape, 3, NULL));
    return g;
}

static float *weights(mote_graph *g, const char *name)
{
    const int i = mote_graph_find(g, name);
    assert_true(i >= 0);
    return g->tensors[i].data;
}

static size_t zeros(const float *w, size_t count)
{
    size_t zero = 0;
    for (size_t i = 0; i < count; i++)
        zero += w[i] == 0;
    return zero;
}

/* Prunes 40×24 weights in blocks of every shape: the number of removed blocks is as requested, and no kept block is
 * worth less than a removed one. */
static void blocks_go_by_worth(void **state)
{
    (void)state;
    enum { ROWS = 40, COLUMNS = 24 };
    static const uint32_t shapes[MOTE_PRUNED_COUNT][2] = {{1, 1}, {1, 1}, {1, 16}, {8, 4}, {16, 16}};
    float worth[ROWS * COLUMNS];
    mote_random random = {1};
    for (int i = 0; i < ROWS * COLUMNS; i++)
        worth[i] = mote_random_unit(&random);
    for (int kind = MOTE_PRUNED_WEIGHTS; kind < MOTE_PRUNED_COUNT; kind++)
        for (int tenth = 0; tenth <= 10; tenth++) {
            uint8_t keep[ROWS * COLUMNS];
            const mote_scored m = {worth, ROWS, COLUMNS, (mote_pruned)kind, false};
            assert_true(mote_mask_sparsity(&m, tenth / 10.0, false, keep, NULL));
            size_t gone = 0;
            double best_gone = -1, worst_kept = 2;
            for (uint32_t r = 0; r < ROWS; r += shapes[kind][0])
                for (uint32_t c = 0; c < COLUMNS; c += shapes[kind][1]) {
                    double sum = 0;
                    int count = 0, kept = 0;
                    for (uint32_t i = r; i < ROWS && i < r + shapes[kind][0]; i++)
                        for (uint32_t k = c; k < COLUMNS && k < c + shapes[kind][1]; k++) {
                            sum += (double)worth[i * COLUMNS + k];
                            kept += keep[i * COLUMNS + k];
                            count++;
                        }
                    assert_true(kept == 0 || kept == count);
                    gone += (size_t)(count - kept);
                    if (kept)
                        worst_kept = fmin(worst_kept, sum / count);
                    else
                        best_gone = fmax(best_gone, sum / count);
                }
            assert_true(best_gone <= worst_kept + 1e-6);
            const size_t most = (size_t)tenth * ROWS * COLUMNS / 10;
            assert_true(gone <= most && gone + shapes[kind][0] * shapes[kind][1] > most);
        }
}

static void masks_are_what_blocks_are_zero(void **state)
{
    (void)state;
    float w[2 * 40] = {0};
    uint8_t keep[2 * 40];
    w[17] = 1, w[40 + 39] = -1;
    mote_mask_of(w, 2, 40, MOTE_PRUNED_WEIGHTS, keep);
    for (int i = 0; i < 80; i++)
        assert_int_equal(keep[i], i == 17 || i == 79);
    mote_mask_of(w, 2, 40, MOTE_PRUNED_BLOCKS1X16, keep);
    for (int i = 0; i < 80; i++)
        assert_int_equal(keep[i], (i >= 16 && i < 32) || i >= 72);
    mote_mask_of(w, 2, 40, MOTE_PRUNED_BLOCKS16X16, keep);
    for (int i = 0; i < 80; i++)
        assert_int_equal(keep[i], i % 40 >= 16);
}

enum { N = 12, SAMPLES = 60 };

/* Returns Σ (v·x − w·d)² + λ·|v − w|² of one row. */
static double loss(const float *v, const float *w, float x[SAMPLES][N], float d[SAMPLES][N], double lambda)
{
    double sum = 0;
    for (int s = 0; s < SAMPLES; s++) {
        double difference = 0;
        for (int i = 0; i < N; i++)
            difference += (double)v[i] * (double)x[s][i] - (double)w[i] * (double)d[s][i];
        sum += difference * difference;
    }
    for (int i = 0; i < N; i++)
        sum += lambda * ((double)v[i] - (double)w[i]) * ((double)v[i] - (double)w[i]);
    return sum;
}

static void moments(float x[SAMPLES][N], float d[SAMPLES][N], mote_hessian *h, float *cross, double *lambda)
{
    assert_true(mote_hessian_init(h, N, NULL));
    mote_hessian_add(h, x[0], SAMPLES);
    memset(cross, 0, N * N * sizeof *cross);
    *lambda = 0;
    for (int i = 0; i < N; i++) {
        *lambda += 0.01 * (double)h->sum[i * N + i] / N;
        for (int k = 0; k < N; k++)
            for (int s = 0; s < SAMPLES; s++)
                cross[i * N + k] += d[s][i] * x[s][k];
    }
}

/* No small change of a kept weight decreases the loss; the removed weight is the best choice. */
static void rows_are_made_up_for(void **state)
{
    (void)state;
    mote_random random = {9};
    for (int trial = 0; trial < 30; trial++) {
        float x[SAMPLES][N], d[SAMPLES][N], w[N], v[N], cross[N * N];
        uint8_t keep[N];
        for (int s = 0; s < SAMPLES; s++)
            for (int i = 0; i < N; i++) {
                d[s][i] = mote_random_normal(&random) + (i ? 0.7f * d[s][i - 1] : 0);
                x[s][i] = d[s][i] + 0.1f * mote_random_normal(&random);
            }
        for (int i = 0; i < N; i++) {
            w[i] = mote_random_normal(&random);
            keep[i] = mote_random_bits(&random) % 3 > 0;
        }
        mote_hessian h;
        double lambda;
        moments(x, d, &h, cross, &lambda);
        memcpy(v, w, sizeof v);
        assert_true(mote_compensate(v, keep, 1, &h, cross, 0.01, NULL));
        const double least = loss(v, w, x, d, lambda);
        for (int i = 0; i < N; i++) {
            if (!keep[i])
                assert_true(v[i] == 0);
            for (int sign = -1; sign <= 1 && keep[i]; sign += 2) {
                float moved[N];
                memcpy(moved, v, sizeof v);
                moved[i] += 0.02f * (float)sign;
                assert_true(loss(moved, w, x, d, lambda) > least);
            }
        }
        double best = INFINITY;
        int which = -1;
        for (int j = 0; j < N; j++) {
            uint8_t all_but[N];
            memset(all_but, 1, N);
            all_but[j] = 0;
            memcpy(v, w, sizeof v);
            assert_true(mote_compensate(v, all_but, 1, &h, cross, 0.01, NULL));
            if (loss(v, w, x, d, lambda) < best) {
                best = loss(v, w, x, d, lambda);
                which = j;
            }
        }
        memset(keep, 1, N);
        assert_true(mote_compensate_choose(w, keep, 1, 1, &h, cross, 0.01, NULL));
        for (int j = 0; j < N; j++)
            assert_int_equal(keep[j], j != which);
        mote_hessian_free(&h);
    }
}

static void expect_same_words(const mote_graph *a, const mote_graph *b)
{
    mote_evaluator x, y;
    assert_true(mote_evaluator_init(&x, a, 50, NULL) && mote_evaluator_init(&y, b, 50, NULL));
    const float *p = mote_evaluator_feed(&x, text, 50), *q = mote_evaluator_feed(&y, text, 50);
    for (int i = 0; i < 50 * VOCABULARY; i++)
        assert_float_equal(p[i], q[i], 2e-5);
    mote_evaluator_free(&x), mote_evaluator_free(&y);
}

/* Sets the weights of `count` rows or columns from `first` on to 0. */
static void silence(mote_graph *g, const char *name, bool rows, uint32_t first, uint32_t count)
{
    const mote_tensor *t = &g->tensors[mote_graph_find(g, name)];
    float *w = weights(g, name);
    for (uint32_t r = 0; r < t->dims[0]; r++)
        for (uint32_t c = 0; c < t->dims[1]; c++)
            if ((rows ? r : c) >= first && (rows ? r : c) < first + count)
                w[r * t->dims[1] + c] = 0;
}

static void units_of_a_gru(void **state)
{
    (void)state;
    mote_graph g = gru(), to;
    mote_prune_report report;
    mote_error error = {0};
    for (uint32_t u = 0; u < 48; u += 2) { /* every other unit of the second layer: unused, zero weights */
        silence(&g, "head.weight", false, u, 1);
        silence(&g, "layer1.recurrent.weight", false, u, 1);
        for (uint32_t gate = 0; gate < 3; gate++) {
            silence(&g, "layer1.recurrent.weight", true, gate * 48 + u, 1);
            silence(&g, "layer1.input.weight", true, gate * 48 + u, 1);
        }
    }
    const mote_prune_options o = {.units = true,
                                  .multiple = 8,
                                  .targets = (mote_prune_target[]){{"layer1.*", 0.5}, {"head", 0.5}},
                                  .target_count = 2};
    assert_true(mote_prune(&g, &o, &to, &report, &error));
    assert_int_equal(to.tensors[mote_graph_find(&to, "layer1.recurrent.weight")].dims[0], 72);
    assert_int_equal(to.tensors[mote_graph_find(&to, "layer1.recurrent.weight")].dims[1], 24);
    assert_int_equal(to.tensors[mote_graph_find(&to, "head.weight")].dims[1], 24);
    assert_int_equal(to.tensors[mote_graph_find(&to, "layer0.recurrent.weight")].dims[1], 48);
    expect_same_words(&g, &to);
    mote_prune_report_free(&report);
    mote_graph_free(&g), mote_graph_free(&to);
}

static void heads_and_channels_of_a_transformer(void **state)
{
    (void)state;
    mote_graph g = transformer(), to;
    mote_prune_report report;
    mote_error error = {0};
    /* key head 0 of layer 0 with its query heads 0 and 1, channels 0..15 of layer 1 */
    silence(&g, "layer0.q.weight", true, 0, 16);
    silence(&g, "layer0.k.weight", true, 0, 8);
    silence(&g, "layer0.v.weight", true, 0, 8);
    silence(&g, "layer0.o.weight", false, 0, 16);
    silence(&g, "layer1.gate.weight", true, 0, 16);
    silence(&g, "layer1.up.weight", true, 0, 16);
    silence(&g, "layer1.down.weight", false, 0, 16);
    const mote_prune_options o = {.units = true,
                                  .multiple = 1,
                                  .targets = (mote_prune_target[]){{"layer0.q", 0.5}, {"layer1.gate", 1.0 / 3}},
                                  .target_count = 2};
    assert_true(mote_prune(&g, &o, &to, &report, &error));
    assert_int_equal(to.tensors[mote_graph_find(&to, "layer0.o.weight")].dims[1], 16);
    assert_int_equal(to.tensors[mote_graph_find(&to, "layer0.k.weight")].dims[0], 8);
    assert_int_equal(to.tensors[mote_graph_find(&to, "layer0.keys")].dims[1], 8);
    assert_int_equal(to.tensors[mote_graph_find(&to, "layer1.down.weight")].dims[1], 32);
    expect_same_words(&g, &to);
    mote_prune_report_free(&report);
    mote_graph_free(&g), mote_graph_free(&to);
}

/* Every method reaches the sparsity in every matrix, for both architectures, with and without blocks. */
static void every_method_reaches_its_sparsity(void **state)
{
    (void)state;
    for (int model = 0; model < 2; model++)
        for (int method = 0; method < MOTE_PRUNE_METHOD_COUNT; method++)
            for (int variant = 0; variant < 4; variant++) {
                mote_graph g = model ? transformer() : gru(), to;
                mote_prune_report report;
                const mote_source source = mote_text_source(&g, text, TOKENS);
                const mote_prune_options o = {.method = (mote_prune_method)method,
                                              .granularity = variant == 1 ? MOTE_PRUNED_BLOCKS8X4 : MOTE_PRUNED_WEIGHTS,
                                              .sparsity = 0.5,
                                              .compensate = variant == 2,
                                              .global = variant == 3,
                                              .source = &source};
                assert_true(mote_prune(&g, &o, &to, &report, NULL));
                size_t removed = 0;
                for (int i = 0; i < report.layer_count; i++) {
                    const mote_prune_layer *l = &report.layers[i];
                    const float *w = weights(&to, l->name);
                    assert_int_equal(l->removed, zeros(w, l->total));
                    if (variant != 3)
                        assert_true(fabs((double)l->removed / (double)l->total - 0.5) < 0.02);
                    assert_string_not_equal(l->name, "embedding.weight");
                    removed += l->removed;
                }
                assert_int_equal(report.removed, removed);
                assert_true(fabs((double)removed / (double)report.total - 0.5) < 0.02);
                assert_true(report.loss_after > 0);
                mote_prune_report_free(&report);
                mote_graph_free(&g), mote_graph_free(&to);
            }
}

/* The weights of a unit that the head does not read carry no flow, because they reach no output. */
static void flow_ends_where_nobody_listens(void **state)
{
    (void)state;
    mote_graph g;
    mote_activity activity;
    mote_network_report report;
    assert_true(mote_tinylm_build(&g, &(mote_tinylm_shape){VOCABULARY, 16, 32, 1, false}, 3, NULL));
    silence(&g, "head.weight", false, 5, 1);
    const int w = mote_graph_find(&g, "layer0.recurrent.weight");
    float *importance[64] = {0};
    const mote_source source = mote_text_source(&g, text, TOKENS);
    importance[w] = calloc(96 * 32, sizeof(float));
    assert_true(importance[w] && mote_activity_measure(&activity, &g, &source, false, NULL));
    assert_true(mote_network_importance(&g, &activity, importance, &report, NULL));
    const size_t matrices = 96 * 16 + 96 * 32 + 20 * 32, sources = 2 * 16 + 32, neurons = 96 + 32 + 20;
    assert_int_equal(report.edges, matrices + sources + neurons + 96 /* edges from gates to units */);
    double heard = 0;
    for (uint32_t r = 0; r < 96; r++)
        for (uint32_t c = 0; c < 32; c++) {
            const double carried = (double)importance[w][r * 32 + c];
            const double most = fabs((double)weights(&g, "layer0.recurrent.weight")[r * 32 + c]) * activity.input[w][c];
            assert_true(carried >= 0);
            if (r % 32 == 5)
                assert_true(carried < 1.01e-4 * most + 1e-9);
            else
                heard += carried;
        }
    assert_true(heard > 0.1);
    free(importance[w]);
    mote_activity_free(&activity);
    mote_graph_free(&g);
}

static void refusals(void **state)
{
    (void)state;
    mote_graph g = gru(), other = transformer(), to;
    mote_prune_report report;
    const mote_source one = mote_text_source(&g, text, 1), nine = mote_text_source(&g, text, 9);
    const struct {
        mote_prune_options o;
        mote_code code;
    } wrong[] = {
        {{.granularity = MOTE_PRUNED_WEIGHTS, .sparsity = 1.5}, MOTE_E_USAGE},
        {{.granularity = MOTE_PRUNED_WEIGHTS, .sparsity = NAN}, MOTE_E_USAGE},
        {{.granularity = MOTE_PRUNED_WEIGHTS, .threshold = -1}, MOTE_E_USAGE},
        {{.granularity = MOTE_PRUNED_WEIGHTS, .sparsity = 0.5, .method = MOTE_PRUNE_ACTIVATION}, MOTE_E_USAGE},
        {{.granularity = MOTE_PRUNED_WEIGHTS, .targets = &(mote_prune_target){"nobody*", 0.5}, .target_count = 1},
         MOTE_E_USAGE},
        {{.units = true, .sparsity = 1}, MOTE_E_USAGE},
        {{.units = true, .sparsity = 0.5, .threshold = 1}, MOTE_E_USAGE},
        {{.granularity = MOTE_PRUNED_WEIGHTS, .mask = &other}, MOTE_E_MISMATCH},
        {{.granularity = MOTE_PRUNED_WEIGHTS, .sparsity = 0.5, .source = &one}, MOTE_E_FORMAT},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        mote_error error = {0};
        assert_false(mote_prune(&g, &wrong[i].o, &to, &report, &error));
        assert_int_equal(error.code, wrong[i].code);
    }
    memset(weights(&g, "embedding.weight"), 0, VOCABULARY * 16 * sizeof(float));
    mote_error error = {0};
    const mote_prune_options o = {.granularity = MOTE_PRUNED_WEIGHTS, .sparsity = 0.5, .source = &nine};
    assert_false(mote_prune(&g, &o, &to, &report, &error));
    assert_non_null(strstr(error.text, "layer0.input.weight"));
    mote_graph_free(&g), mote_graph_free(&other);
}

/* The kind of a mask is stored in the file, and unknown kinds are refused. */
static void files_remember_masks(void **state)
{
    (void)state;
    mote_graph g = gru(), again;
    mote_bytes file;
    const int w = mote_graph_find(&g, "head.weight");
    g.tensors[w].pruned = MOTE_PRUNED_BLOCKS8X4;
    assert_true(mote_graph_encode(&g, &file, NULL));
    assert_true(mote_graph_decode(&again, file.data, file.size, "file", NULL));
    for (int i = 0; i < g.tensor_count; i++)
        assert_int_equal(again.tensors[i].pruned, i == w ? MOTE_PRUNED_BLOCKS8X4 : MOTE_UNPRUNED);
    mote_graph_free(&again);
    mote_header *h = (void *)file.data;
    mote_tensor_record *records = (void *)(file.data + h->tensor_offset);
    for (int i = 0; i < g.tensor_count; i++)
        for (int kind = 1; kind <= MOTE_PRUNED_COUNT; kind++) {
            const uint8_t before = records[i].pruned;
            records[i].pruned = (uint8_t)kind;
            h->crc32 = mote_crc32(0, file.data + 16, file.size - 16);
            const mote_tensor *t = &g.tensors[i];
            const bool may = t->role == MOTE_CONSTANT && t->rank == 2 && kind < MOTE_PRUNED_COUNT;
            const bool read = mote_graph_decode(&again, file.data, file.size, "file", NULL);
            assert_int_equal(read, may);
            if (read)
                mote_graph_free(&again);
            records[i].pruned = before;
        }
    free(file.data);
    mote_graph_free(&g);
}

static void schedule_grows_and_keeps(void **state)
{
    (void)state;
    mote_graph g = gru();
    mote_executor x;
    const mote_prune_schedule s = {.to = 0.8,
                                   .granularity = MOTE_PRUNED_BLOCKS1X16,
                                   .begin = 10,
                                   .end = 210,
                                   .gated = true,
                                   .gates = {0.3, 0.2, 0.5},
                                   .layers = "layer*"};
    assert_true(mote_prune_progress(&s, 10) == 0 && mote_prune_progress(&s, 210) == 1);
    assert_true(fabs(mote_prune_progress(&s, 110) - 0.875) < 1e-9);
    assert_true(mote_executor_init(&x, &g, &(mote_executor_options){.steps = 2, .streams = 1, .workers = 1}, NULL));
    mote_pruner p;
    assert_true(mote_pruner_init(&p, &s, &g, &x, NULL, NULL));
    const int w = mote_graph_find(&g, "layer1.recurrent.weight"), head = mote_graph_find(&g, "head.weight");
    const size_t count = mote_tensor_elements(&g.tensors[w]);
    float *at = x.parameters + x.offset[w];
    uint8_t gone[144 * 48] = {0};
    mote_random random = {2};
    for (uint64_t step = 1; step <= 230; step++) {
        for (size_t i = 0; i < x.parameter_count; i++) /* as an optimizer that changes the weights */
            x.parameters[i] += 0.01f * mote_random_normal(&random);
        assert_true(mote_pruner_step(&p, step, NULL));
        assert_true(mote_pruner_busy(&p, step) == (step < 210));
        for (size_t i = 0; i < count; i++) {
            if (gone[i])
                assert_true(at[i] == 0);
            gone[i] = at[i] == 0;
        }
        if (step <= 10)
            assert_int_equal(zeros(at, count), 0);
    }
    static const double parts[3] = {0.3, 0.2, 0.5};
    for (size_t gate = 0; gate < 3; gate++)
        assert_true(fabs(1 - (double)zeros(at + gate * count / 3, count / 3) / ((double)count / 3) - parts[gate]) <
                    0.01);
    assert_int_equal(zeros(x.parameters + x.offset[head], mote_tensor_elements(&g.tensors[head])), 0);
    assert_int_equal(g.tensors[w].pruned, MOTE_PRUNED_BLOCKS1X16);
    assert_int_equal(g.tensors[head].pruned, MOTE_UNPRUNED);
    mote_pruner_free(&p);
    mote_executor_free(&x);
    const mote_prune_schedule wrong[] = {{.to = 2, .granularity = 1, .end = 1},
                                         {.to = 0.5, .granularity = 0, .end = 1},
                                         {.to = 0.5, .granularity = 1, .begin = 2, .end = 1},
                                         {.to = 0.5, .granularity = 1, .end = 1, .method = MOTE_PRUNE_METHOD_COUNT},
                                         {.to = 0.5, .granularity = 1, .end = 1, .layers = "nobody"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        mote_error error = {0};
        assert_false(mote_pruner_init(&p, &wrong[i], &g, &x, NULL, &error));
        assert_int_equal(error.code, MOTE_E_USAGE);
    }
    mote_graph_free(&g);
}

/* A pruning step in training removes the same weights as pruning after it. */
static void schedule_scores_by_every_method(void **state)
{
    (void)state;
    for (int method = 0; method < MOTE_PRUNE_METHOD_COUNT; method++)
        for (int granularity = MOTE_PRUNED_WEIGHTS; granularity < MOTE_PRUNED_COUNT; granularity++) {
            mote_graph g = gru(), to;
            mote_executor x;
            mote_pruner p;
            mote_prune_report report;
            const mote_source source = mote_text_source(&g, text, TOKENS);
            const mote_prune_schedule s = {
                .to = 0.5, .granularity = (uint32_t)granularity, .method = (uint32_t)method, .begin = 1, .end = 2};
            const mote_prune_options o = {.method = (mote_prune_method)method,
                                          .granularity = (mote_pruned)granularity,
                                          .sparsity = 0.5,
                                          .source = &source};
            assert_true(mote_prune(&g, &o, &to, &report, NULL));
            assert_true(
                mote_executor_init(&x, &g, &(mote_executor_options){.steps = 2, .streams = 1, .workers = 1}, NULL));
            assert_true(mote_pruner_init(&p, &s, &g, &x, &source, NULL));
            assert_true(mote_pruner_step(&p, 2, NULL));
            mote_executor_store(&x, &g);
            for (int i = 0; i < g.tensor_count; i++)
                if (g.tensors[i].role == MOTE_CONSTANT)
                    assert_memory_equal(g.tensors[i].data, to.tensors[i].data, mote_tensor_size(&g.tensors[i]));
            mote_pruner_free(&p);
            mote_executor_free(&x);
            mote_prune_report_free(&report);
            mote_graph_free(&g), mote_graph_free(&to);
        }
}

static void quantizers_leave_zeros(void **state)
{
    (void)state;
    enum { COUNT = 64 };
    float w[COUNT], scales[1];
    int8_t codes[COUNT];
    mote_random random = {4};
    for (int i = 0; i < COUNT; i++)
        w[i] = i % 4 ? 0 : mote_random_normal(&random);
    static const mote_scheme schemes[] = {MOTE_SCHEME_INT8, MOTE_SCHEME_TERNARY, MOTE_SCHEME_INT4};
    for (int s = 0; s < 3; s++) {
        int used = 0;
        mote_quantize_matrix(schemes[s], MOTE_PER_ROW, w, 1, COUNT, codes, scales);
        for (int i = 0; i < COUNT; i++) {
            assert_true(w[i] != 0 || codes[i] == 0);
            used += codes[i] != 0;
        }
        assert_true(used > COUNT / 4 / 3); /* most of the other weights are kept */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_go_by_worth),
        cmocka_unit_test(masks_are_what_blocks_are_zero),
        cmocka_unit_test(rows_are_made_up_for),
        cmocka_unit_test(units_of_a_gru),
        cmocka_unit_test(heads_and_channels_of_a_transformer),
        cmocka_unit_test(every_method_reaches_its_sparsity),
        cmocka_unit_test(flow_ends_where_nobody_listens),
        cmocka_unit_test(refusals),
        cmocka_unit_test(files_remember_masks),
        cmocka_unit_test(schedule_grows_and_keeps),
        cmocka_unit_test(schedule_scores_by_every_method),
        cmocka_unit_test(quantizers_leave_zeros),
    };
    return cmocka_run_group_tests(tests, fill_text, NULL);
}
