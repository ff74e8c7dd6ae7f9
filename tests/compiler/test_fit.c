/* Tests that the chosen mix of types is the best of all mixes, that only the replaced matrices count, and that biases
 * correct mean errors. */
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
#include "compiler/quantize/fit.h"
#include "compiler/quantize/inputs.h"
#include "compiler/quantize/own_text.h"
#include "compiler/quantize/probe.h"
#include "compiler/quantize/report.h"
#include "compiler/quantize/select.h"

enum { ROWS = 5, TOKENS = 600 };

static const mote_tinylm_shape shape = {.vocabulary = 20, .embed = 16, .dim = 16, .layers = 1};

static double loss_of(const mote_fit_table *t, const int *chosen, uint64_t *bytes)
{
    double loss = 0;
    *bytes = 0;
    for (int i = 0; i < t->count; i++) {
        loss += fmax(t->rows[i].choices[chosen[i]].loss, 0);
        *bytes += t->rows[i].choices[chosen[i]].bytes;
    }
    return loss;
}

static double best_of_all(const mote_fit_table *t, uint64_t room)
{
    double best = INFINITY;
    int chosen[ROWS] = {0};
    for (;;) {
        uint64_t bytes;
        const double loss = loss_of(t, chosen, &bytes);
        if (bytes <= room && loss < best)
            best = loss;
        int i = 0;
        while (i < t->count && ++chosen[i] == t->rows[i].count)
            chosen[i++] = 0;
        if (i == t->count)
            return best;
    }
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
    mote_fit_table t = {.rows = rows, .count = ROWS};
    for (int round = 0; round < 50; round++) {
        memset(rows, 0, sizeof rows);
        for (int i = 0; i < ROWS; i++) {
            rows[i].count = 2 + (int)(mote_random_bits(&random) % 4);
            for (int j = 0; j < rows[i].count; j++)
                rows[i].choices[j] = (mote_fit_choice){.bytes = 16 * (1 + mote_random_bits(&random) % 40),
                                                       .loss = (double)mote_random_unit(&random) - 0.1};
        }
        const uint64_t least = mote_fit_least(&t), room = least + 16 * (mote_random_bits(&random) % 60);
        assert_false(mote_fit_choose(&t, least - 16));
        assert_true(mote_fit_choose(&t, room));
        int chosen[ROWS];
        uint64_t bytes;
        for (int i = 0; i < ROWS; i++)
            chosen[i] = rows[i].chosen;
        assert_true(fabs(loss_of(&t, chosen, &bytes) - best_of_all(&t, room)) < 1e-9);
        assert_true(bytes <= room && bytes == mote_fit_bytes(&t));
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

static void file_keeps_its_size(void **state)
{
    (void)state;
    fixture f;
    mote_error error = {0};
    mote_quantization q;
    mote_fit_table t;
    mote_graph packed;
    set_up(&f);
    const mote_quantize_options options = {.granularity = MOTE_PER_ROW, .method = MOTE_METHOD_MSE};
    const mote_source source = mote_text_source(&f.g, f.tokens, TOKENS);
    assert_true(mote_quantization_init(&q, &f.g, &options, false, &source, &error));
    assert_true(mote_fit_init(&t, &q, NULL, NULL, &error));
    double before = -1;
    for (uint64_t size = 6144; size >= 4096; size -= 512) {
        if (!mote_fit_file(&t, &q, size, &packed, &error))
            break;
        mote_bytes file;
        assert_true(mote_graph_encode(&packed, &file, &error));
        assert_true(file.size <= size);
        double loss = 0;
        for (int i = 0; i < t.count; i++)
            loss += fmax(t.rows[i].choices[t.rows[i].chosen].loss, 0);
        assert_true(loss >= before);
        before = loss;
        free(file.data);
        mote_graph_free(&packed);
    }
    assert_true(before >= 0);
    assert_false(mote_fit_file(&t, &q, 1000, &packed, &error));
    assert_int_equal(error.code, MOTE_E_UNSUPPORTED);
    mote_fit_free(&t);
    mote_quantization_free(&q);
    mote_graph_free(&f.g);
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
        cmocka_unit_test(file_keeps_its_size),
        cmocka_unit_test(probe_measures_what_is_replaced),
        cmocka_unit_test(biases_restore_means),
        cmocka_unit_test(report_tells_the_truth),
        cmocka_unit_test(patterns_choose_and_must_match),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
