/* Tests that the chosen mix of types is the best of all mixes and meets its limits, that only the replaced matrices
 * count, and that biases correct mean errors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/graph/random.h"
#include "compiler/graph/tinylm.h"
#include "compiler/pack/container.h"
#include "compiler/quantize/bias.h"
#include "compiler/quantize/fit_search.h"
#include "compiler/quantize/fit_trial.h"
#include "compiler/quantize/inputs.h"
#include "compiler/quantize/own_text.h"
#include "compiler/quantize/probe.h"
#include "compiler/quantize/report.h"
#include "compiler/quantize/select.h"

enum { ROWS = 5, TOKENS = 600 };

static const mote_tinylm_shape shape = {.vocabulary = 20, .embed = 16, .dim = 16, .layers = 1};

/* Figures of a mix, by the definitions of the table. */
typedef struct figures {
    uint64_t bytes;
    double loss, cycles;
} figures;

static figures figures_of(const mote_fit_table *t, const int *chosen)
{
    figures f = {t->other_bytes, 0, t->other_work};
    for (int i = 0; i < t->count; i++) {
        const mote_fit_choice *c = &t->rows[i].choices[chosen[i]];
        f.loss += isfinite(c->loss) && isfinite(c->work) ? fmax(c->loss, 0) : INFINITY;
        f.bytes += c->bytes;
        f.cycles += c->work;
    }
    const double flash =
        (double)(f.bytes - t->other_bytes) - t->room; /* 8 cycles a byte unless half of the cache holds them */
    if (t->chip && flash > 32768 / 2 - 40 * 32)
        f.cycles += 8 * flash;
    return f;
}

static figures figures_of_chosen(const mote_fit_table *t)
{
    int chosen[ROWS];
    for (int i = 0; i < t->count; i++)
        chosen[i] = t->rows[i].chosen;
    return figures_of(t, chosen);
}

/* Returns the least loss and price of all mixes within the goal. */
static double best_of_all(const mote_fit_table *t, const mote_fit_goal *goal)
{
    double best = INFINITY;
    int chosen[ROWS] = {0};
    for (;;) {
        const figures f = figures_of(t, chosen);
        if (f.bytes <= goal->bytes && f.cycles <= goal->cycles)
            best = fmin(best, f.loss + goal->price * f.cycles);
        int i = 0;
        while (i < t->count && ++chosen[i] == t->rows[i].count)
            chosen[i++] = 0;
        if (i == t->count)
            return best;
    }
}

/* Makes a table in which flash matters: `scale` bytes for a unit of size. */
static void make_table(mote_fit_table *t, uint64_t scale, mote_random *random)
{
    memset(t->rows, 0, ROWS * sizeof *t->rows);
    t->count = ROWS;
    t->other_bytes = 48;
    t->other_work = 1000;
    for (int i = 0; i < ROWS; i++) {
        t->rows[i].count = 2 + (int)(mote_random_bits(random) % 4);
        for (int j = 0; j < t->rows[i].count; j++)
            t->rows[i].choices[j] = (mote_fit_choice){.bytes = scale * (1 + mote_random_bits(random) % 40),
                                                      .loss = (double)mote_random_unit(random) - 0.1,
                                                      .work = 1e5 * (double)mote_random_unit(random)};
    }
    t->room = (double)(mote_fit_least(t) + scale * (mote_random_bits(random) % 40));
}

static double probe_loss(mote_probe *p)
{
    double loss = 0;
    mote_error error;
    assert_true(mote_probe_loss(p, &loss, &error));
    return loss;
}

static void mix_is_the_best(void **state)
{
    (void)state;
    mote_random random = {1};
    mote_fit_row rows[ROWS];
    mote_fit_table t = {.rows = rows, .chip = mote_chip_find("esp32s3")};
    for (int round = 0; round < 60; round++) {
        make_table(&t, round % 2 ? 16 : 1600, &random);
        const uint64_t least = mote_fit_least(&t), scale = round % 2 ? 16 : 1600;
        mote_fit_goal goal = {least + scale * (mote_random_bits(&random) % 60), INFINITY, 1e-6 * (round % 5)};
        assert_false(mote_fit_choose(&t, &(mote_fit_goal){least - 1, INFINITY, goal.price}));
        assert_true(mote_fit_choose(&t, &goal));
        const figures best = figures_of_chosen(&t);
        assert_true(fabs(best.loss + goal.price * best.cycles - best_of_all(&t, &goal)) < 1e-8);
        assert_true(best.bytes <= goal.bytes && best.bytes == mote_fit_bytes(&t));
        assert_true(fabs(best.cycles - mote_fit_cycles(&t)) < 1e-6 && fabs(best.loss - mote_fit_loss(&t)) < 1e-12);
    }
}

/* With a bound on cycles the mix meets it, and without need of the bound it is the best of all. */
static void bound_on_cycles_holds(void **state)
{
    (void)state;
    mote_random random = {2};
    mote_fit_row rows[ROWS];
    mote_fit_table t = {.rows = rows, .chip = mote_chip_find("esp32s3")};
    int met = 0;
    for (int round = 0; round < 60; round++) {
        make_table(&t, 1600, &random);
        mote_fit_goal goal = {UINT64_MAX, INFINITY, 1e-6};
        assert_true(mote_fit_choose(&t, &goal));
        const double free_cycles = mote_fit_cycles(&t);
        goal.cycles = free_cycles + 1;
        assert_true(mote_fit_choose(&t, &goal) && mote_fit_cycles(&t) == free_cycles);
        goal.cycles = 0.9 * free_cycles;
        if (mote_fit_choose(&t, &goal)) {
            const figures f = figures_of_chosen(&t);
            assert_true(f.cycles <= goal.cycles && f.loss + goal.price * f.cycles >= best_of_all(&t, &goal) - 1e-9);
            met++;
        }
        goal.cycles = t.other_work - 1;
        assert_false(mote_fit_choose(&t, &goal));
    }
    assert_true(met > 10);
}

/* Infinite and undefined losses and cycles never decide. */
static void figures_that_are_none_are_not_chosen(void **state)
{
    (void)state;
    mote_random random = {3};
    mote_fit_row rows[ROWS];
    mote_fit_table t = {.rows = rows, .chip = mote_chip_find("esp32s3")};
    const double none[] = {NAN, -NAN, INFINITY, -INFINITY};
    const mote_fit_goal goal = {UINT64_MAX, INFINITY, 1e-6};
    for (int round = 0; round < 40; round++) {
        make_table(&t, 1600, &random);
        for (int i = 0; i < ROWS; i++)
            *(round % 2 ? &rows[i].choices[i % 2].loss : &rows[i].choices[i % 2].work) = none[round % 4];
        assert_true(mote_fit_choose(&t, &goal));
        for (int i = 0; i < ROWS; i++)
            assert_int_not_equal(rows[i].chosen, i % 2);
        assert_true(fabs(mote_fit_loss(&t) + goal.price * mote_fit_cycles(&t) - best_of_all(&t, &goal)) < 1e-8);
        for (int j = 0; j < rows[0].count; j++)
            rows[0].choices[j].loss = none[round % 4];
        assert_false(mote_fit_choose(&t, &goal));
    }
}

typedef struct fixture {
    mote_graph g;
    uint16_t tokens[TOKENS];
} fixture;

static void set_up(fixture *f)
{
    mote_error error = {0};
    assert_true(mote_tinylm_build(&f->g, &shape, 7, &error));
    assert_true(mote_own_text(&f->g, f->tokens, TOKENS, &error));
}

typedef struct fitting {
    fixture f;
    mote_quantization q;
    mote_fit_table t;
    mote_source source;
} fitting;

static void set_up_fitting(fitting *x, const char *chip)
{
    mote_error error = {0};
    set_up(&x->f);
    const mote_quantize_options options = {.granularity = MOTE_PER_ROW, .method = MOTE_METHOD_MSE};
    x->source = mote_text_source(&x->f.g, x->f.tokens, TOKENS);
    assert_true(mote_quantization_init(&x->q, &x->f.g, &options, false, &x->source, &error));
    x->q.chip = mote_chip_find(chip);
    assert_true(mote_fit_measure(&x->t, &x->q, x->q.chip, NULL, &(mote_fit_progress){NULL, NULL}, &error));
}

static void tear_down_fitting(fitting *x)
{
    mote_fit_free(&x->t);
    mote_quantization_free(&x->q);
    mote_graph_free(&x->f.g);
}

static bool search(fitting *x, uint64_t bytes, double cycles, mote_fit_frontier *f, mote_error *error)
{
    return mote_fit_search(f, &x->t, &x->q, bytes, cycles, NULL, &(mote_fit_progress){NULL, NULL}, error);
}

static void file_keeps_its_size(void **state)
{
    (void)state;
    fitting x;
    mote_error error = {0};
    mote_fit_frontier f;
    mote_graph packed;
    mote_bytes file;
    double before = -1;
    set_up_fitting(&x, "none");
    for (uint64_t size = 6144; size >= 4096 && search(&x, size, INFINITY, &f, &error); size -= 512) {
        assert_true(mote_quantization_make(&x.q, &error) && mote_quantization_pack(&x.q, &packed, &error));
        assert_true(mote_graph_encode(&packed, &file, &error));
        assert_true(file.size <= size && file.size == f.points[f.chosen].bytes);
        assert_true(mote_fit_loss(&x.t) >= before);
        before = mote_fit_loss(&x.t);
        free(file.data);
        mote_graph_free(&packed);
        mote_fit_frontier_free(&f);
    }
    assert_true(before >= 0);
    assert_false(search(&x, 1000, INFINITY, &f, &error));
    assert_int_equal(error.code, MOTE_E_UNSUPPORTED);
    tear_down_fitting(&x);
}

/* The decision is the best of the points by its rule, all types have a cost on the chip, and the figures of the chosen
 * point are those of the packed model. */
static void search_for_a_chip_decides_by_its_figures(void **state)
{
    (void)state;
    fitting x;
    mote_error error = {0};
    mote_fit_frontier f;
    double slowest = 0, fastest = INFINITY;
    set_up_fitting(&x, "esp32s3");
    for (int i = 0; i < x.t.count; i++)
        for (int j = 0; j < x.t.rows[i].count; j++) {
            const mote_dtype type = x.t.rows[i].choices[j].dtype;
            assert_true(type != MOTE_I5 && type != MOTE_I6 && x.t.rows[i].choices[j].work > 0);
        }
    assert_true(search(&x, 1 << 20, INFINITY, &f, &error));
    const mote_fit_point *chosen = &f.points[f.chosen];
    for (int i = 0; i < f.count; i++) {
        const mote_fit_point *p = &f.points[i];
        assert_true((x.t.float_loss + chosen->loss) * pow(chosen->cycles, 0.076) <=
                    (x.t.float_loss + p->loss) * pow(p->cycles, 0.076) * (1 + 1e-12));
        for (int j = 0; j < i; j++) /* none exceeds another */
            assert_true(f.points[j].loss <= p->loss &&
                        (f.points[j].bytes > p->bytes || f.points[j].cycles > p->cycles));
        slowest = fmax(slowest, p->cycles);
        fastest = fmin(fastest, p->cycles);
    }
    assert_true(f.count > 1 && fastest < slowest);
    mote_fit_trial trial;
    double cycles;
    assert_true(mote_fit_trial_init(&trial, &x.q, NULL, &error));
    assert_true(mote_fit_trial_cycles(&trial, x.t.chip, &cycles, &error));
    assert_true(cycles == chosen->cycles && trial.file.size == chosen->bytes);
    mote_fit_trial_free(&trial);
    mote_fit_frontier_free(&f);

    const double bound = (slowest + fastest) / 2;
    assert_true(search(&x, 1 << 20, bound, &f, &error));
    for (int i = 0; i < f.count; i++)
        assert_true(f.points[f.chosen].cycles <= bound &&
                    (f.points[i].cycles > bound || f.points[i].loss >= f.points[f.chosen].loss));
    mote_fit_frontier_free(&f);
    assert_false(search(&x, 1 << 20, fastest / 2, &f, &error));
    assert_int_equal(error.code, MOTE_E_UNSUPPORTED);
    tear_down_fitting(&x);
}

static void probe_measures_what_is_replaced(void **state)
{
    (void)state;
    fixture f;
    mote_error error = {0};
    mote_probe p, other;
    set_up(&f);
    const mote_source source = mote_text_source(&f.g, f.tokens, TOKENS);
    assert_true(mote_probe_init(&p, &f.g, &source, &error));
    const double base = probe_loss(&p);
    mote_graph changed;
    assert_true(mote_graph_copy(&changed, &f.g, &error));
    const int head = mote_graph_find(&changed, "head.weight");
    float *values = changed.tensors[head].data;
    for (size_t i = 0; i < mote_tensor_elements(&changed.tensors[head]); i++)
        values[i] = -values[i];
    assert_true(mote_probe_init(&other, &changed, &source, &error));
    mote_probe_replace(&p, head, values);
    const double replaced = probe_loss(&p);
    assert_true(replaced != base);
    assert_true(fabs(replaced - probe_loss(&other)) <= 1e-9);
    mote_probe_restore(&p, head);
    assert_true(fabs(probe_loss(&p) - base) <= 1e-9);
    mote_probe_free(&p);
    mote_probe_free(&other);
    mote_graph_free(&changed);
    mote_graph_free(&f.g);
}

typedef struct mean_outputs {
    const float *weights, *other;
    uint32_t rows, columns;
    int tensor;
    double *difference; /* Σ (other − weights)·x */
    uint64_t tokens;
} mean_outputs;

static void see(void *context, int weights, const float *x, uint32_t rows)
{
    mean_outputs *m = context;
    if (weights != m->tensor)
        return;
    m->tokens += rows;
    for (uint32_t t = 0; t < rows; t++)
        for (uint32_t r = 0; r < m->rows; r++)
            for (uint32_t c = 0; c < m->columns; c++)
                m->difference[r] += (double)(m->other[r * m->columns + c] - m->weights[r * m->columns + c]) *
                                    (double)x[t * m->columns + c];
}

/* With the corrected bias, the mean output of the head is that of the float weights. */
static void biases_restore_means(void **state)
{
    (void)state;
    fixture f;
    mote_error error = {0};
    mote_statistics s;
    mote_matrix *matrices;
    mote_graph corrected;
    set_up(&f);
    const int head = mote_graph_find(&f.g, "head.weight"), bias = mote_graph_find(&f.g, "head.bias");
    const mote_tensor *w = &f.g.tensors[head];
    mote_recipe *recipes = calloc((size_t)f.g.tensor_count, sizeof *recipes);
    recipes[head] = (mote_recipe){.scheme = MOTE_SCHEME_TERNARY, .granularity = MOTE_PER_ROW};
    const mote_source source = mote_text_source(&f.g, f.tokens, TOKENS);
    assert_true(bias >= 0 && mote_statistics_init(&s, &f.g, &source, &error));
    assert_true(mote_matrices_init(&matrices, &f.g, recipes, s.hessians, &error));
    assert_true(mote_graph_copy(&corrected, &f.g, &error));
    assert_true(mote_correct_biases(&corrected, matrices, &s, &error));
    float *seen = malloc(mote_tensor_size(w));
    double *difference = calloc(w->dims[0], sizeof *difference);
    mote_matrix_floats(&matrices[head], seen);
    mean_outputs m = {w->data, seen, w->dims[0], w->dims[1], head, difference, 0};
    mote_inputs in;
    assert_true(mote_inputs_init(&in, &f.g, 100, false, &error));
    mote_walk walk;
    assert_true(mote_walk_init(&walk, &source, &f.g, MOTE_READ_ON, mote_graph_context(&f.g), 100, &error));
    for (const mote_batch *batch; (batch = mote_walk_next(&walk));)
        mote_inputs_feed(&in, batch, see, &m);
    mote_walk_free(&walk);
    for (uint32_t r = 0; r < w->dims[0]; r++) {
        const float change =
            ((const float *)corrected.tensors[bias].data)[r] - ((const float *)f.g.tensors[bias].data)[r];
        assert_true(fabs(difference[r] / (double)m.tokens + (double)change) <= 1e-4);
    }
    mote_inputs_free(&in);
    free(seen);
    free(difference);
    free(recipes);
    mote_matrices_free(matrices, &f.g);
    mote_statistics_free(&s);
    mote_graph_free(&corrected);
    mote_graph_free(&f.g);
}

/* Returns the squared error of int4 codes in which 7 means `range`. */
static double int4_error(const mote_tensor *w, double range)
{
    double error = 0;
    for (size_t k = 0; k < mote_tensor_elements(w); k++) {
        const double value = (double)((const float *)w->data)[k];
        error += pow(value - fmax(-7, fmin(7, rint(value * 7 / range))) * range / 7, 2);
    }
    return error;
}

/* Compares the figures of the report with their definitions. */
static void report_tells_the_truth(void **state)
{
    (void)state;
    fixture f;
    mote_error error = {0};
    mote_quantization q;
    mote_report_table t;
    mote_graph packed;
    set_up(&f);
    const mote_quantize_options options = {.weights = MOTE_SCHEME_INT4, .granularity = MOTE_PER_ROW};
    const mote_source source = mote_text_source(&f.g, f.tokens, TOKENS);
    assert_true(mote_quantization_init(&q, &f.g, &options, false, &source, &error));
    assert_true(mote_quantization_make(&q, &error) && mote_quantization_pack(&q, &packed, &error) &&
                mote_report_init(&t, &q, &packed, &error));
    int matrices = 0;
    for (int i = 0; i < f.g.tensor_count; i++)
        matrices += mote_is_matrix(&f.g, i);
    assert_int_equal(t.count, matrices);
    for (int i = 0; i < t.count; i++) {
        const mote_layer_report *l = &t.layers[i];
        const mote_tensor *w = &f.g.tensors[l->tensor];
        const mote_matrix *m = &q.matrices[l->tensor];
        double power = 0, noise = 0, low = INFINITY;
        for (size_t k = 0; k < mote_tensor_elements(w); k++) {
            const double value = (double)((const float *)w->data)[k];
            const double got = (double)m->codes[k] * (double)m->scales[k / w->dims[1]];
            power += value * value;
            noise += (value - got) * (value - got);
            low = fmin(low, value);
        }
        assert_true(fabs(l->snr - 10 * log10(power / noise)) <= 1e-3);
        assert_true((double)l->least == low);
        const double most = fmax(-low, (double)l->most), mse = (double)l->ranges[MOTE_OBSERVE_MSE];
        assert_true((double)l->ranges[MOTE_OBSERVE_MINMAX] == most &&
                    (double)l->ranges[MOTE_OBSERVE_PERCENTILE] == most);
        for (int part = 50; part <= 100 && l->dtype == MOTE_I4; part++) /* within the precision of a histogram */
            assert_true(int4_error(w, mse) < 1.1 * int4_error(w, most * part / 100));
        assert_int_equal(l->float_bytes, 4 * mote_tensor_elements(w));
        assert_true(l->saturated > 0); /* with a scale from the largest weight, at least one code is at the limit */
    }
    mote_report_free(&t);
    mote_graph_free(&packed);
    mote_quantization_free(&q);
    mote_graph_free(&f.g);
}

static void patterns_choose_and_must_match(void **state)
{
    (void)state;
    fixture f;
    mote_error error = {0};
    set_up(&f);
    const mote_layer_choice layers[] = {{"layer0.*", MOTE_SCHEME_INT6, true, MOTE_METHOD_MSE},
                                        {"layer0.recurrent", MOTE_SCHEME_TERNARY, false, MOTE_METHOD_RTN}};
    mote_quantize_options options = {.weights = MOTE_SCHEME_INT4,
                                     .granularity = MOTE_PER_ROW,
                                     .method = MOTE_METHOD_RTN,
                                     .layers = layers,
                                     .layer_count = 2};
    assert_true(mote_layers_match(&f.g, &options, &error));
    const mote_recipe input = mote_recipe_of(&f.g, &options, mote_graph_find(&f.g, "layer0.input.weight"));
    const mote_recipe recurrent = mote_recipe_of(&f.g, &options, mote_graph_find(&f.g, "layer0.recurrent.weight"));
    assert_int_equal(input.scheme, MOTE_SCHEME_INT6);
    assert_int_equal(input.method, MOTE_METHOD_MSE);
    assert_int_equal(recurrent.scheme, MOTE_SCHEME_TERNARY);
    assert_int_equal(recurrent.method, MOTE_METHOD_RTN);
    const mote_layer_choice none = {"layer7.*", MOTE_SCHEME_INT6, false, MOTE_METHOD_RTN};
    options.layers = &none;
    options.layer_count = 1;
    assert_false(mote_layers_match(&f.g, &options, &error));
    assert_non_null(strstr(error.text, "layer7.*"));
    mote_graph_free(&f.g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(mix_is_the_best),
        cmocka_unit_test(bound_on_cycles_holds),
        cmocka_unit_test(figures_that_are_none_are_not_chosen),
        cmocka_unit_test(file_keeps_its_size),
        cmocka_unit_test(search_for_a_chip_decides_by_its_figures),
        cmocka_unit_test(probe_measures_what_is_replaced),
        cmocka_unit_test(biases_restore_means),
        cmocka_unit_test(report_tells_the_truth),
        cmocka_unit_test(patterns_choose_and_must_match),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
