/* Tests a network of values that is not a language model: calibrated on samples, quantized, and run on other samples
 * through mote_input and mote_output, against the same network in doubles. */
#include "tests/compiler/packed.h"

#include <math.h>

#include "compiler/graph/builder.h"
#include "compiler/quantize/calibrate.h"
#include "compiler/task/source.h"

enum { IN = 6, HIDDEN = 20, OUT = 3, SAMPLES = 400, FRESH = 200 };

static float samples[SAMPLES + FRESH][IN];

static void fill(const mote_source *s, const mote_sample_row *rows, uint32_t count, mote_batch *batch)
{
    for (uint32_t i = 0; i < count; i++)
        memcpy((float *)batch->inputs[0] + (size_t)i * IN, samples[s->first + rows[i].input], sizeof samples[0]);
}

static void build(mote_graph *g)
{
    mote_error error = {0};
    mote_graph_init(g);
    mote_builder b = {.g = g, .random = {5}};
    const int x = mote_build_tensor(&b, "x", MOTE_F32, MOTE_INPUT, IN, 0);
    const int w1 = mote_build_normal(&b, "w1", HIDDEN, IN, 0.4f), b1 = mote_build_filled(&b, "b1", HIDDEN, 0.25f);
    const int w2 = mote_build_normal(&b, "w2", HIDDEN, HIDDEN, 0.3f), w3 = mote_build_normal(&b, "w3", OUT, HIDDEN, 9);
    const int h = mote_build_op(&b, "h", MOTE_OP_LINEAR, 3, (int[]){x, w1, b1}, NULL);
    const int t = mote_build_op(&b, "t", MOTE_OP_TANH, 1, &h, NULL);
    const int u = mote_build_op(&b, "u", MOTE_OP_LINEAR, 2, (int[]){t, w2}, NULL);
    const int s = mote_build_op(&b, "s", MOTE_OP_SILU, 1, &u, NULL);
    mote_build_output(&b, mote_build_op(&b, "scores", MOTE_OP_LINEAR, 2, (int[]){s, w3}, NULL), "y");
    if (!mote_build_end(&b, "test", &error))
        fail_msg("%s", error.text);
}

static double row(const mote_graph *g, const char *name, int r, const double *x, int columns)
{
    const float *w = g->tensors[mote_graph_find(g, name)].data;
    double sum = 0;
    for (int c = 0; c < columns; c++)
        sum += (double)w[r * columns + c] * x[c];
    return sum;
}

static void expected(const mote_graph *g, const float *sample, double *y)
{
    double x[IN], h[HIDDEN], s[HIDDEN];
    for (int i = 0; i < IN; i++)
        x[i] = (double)sample[i];
    for (int i = 0; i < HIDDEN; i++)
        h[i] = tanh(row(g, "w1", i, x, IN) + 0.25);
    for (int i = 0; i < HIDDEN; i++) {
        const double u = row(g, "w2", i, h, HIDDEN);
        s[i] = u / (1 + exp(-u));
    }
    for (int i = 0; i < OUT; i++)
        y[i] = row(g, "w3", i, s, HIDDEN);
}

static void quantized(void **state)
{
    (void)state;
    mote_graph g, packed;
    mote_calibration c;
    mote_error error = {0};
    opened o;
    build(&g);
    mote_random random = {7};
    for (int i = 0; i < SAMPLES + FRESH; i++)
        for (int k = 0; k < IN; k++)
            samples[i][k] = mote_random_normal(&random);
    const mote_source source = {.count = SAMPLES, .sequence = 1, .fill = fill};
    if (!mote_calibrate(&c, &g, &source, &error))
        fail_msg("%s", error.text);
    const mote_quantize_options options = {
        .weights = MOTE_SCHEME_INT8, .head = MOTE_SCHEME_INT8, .granularity = MOTE_PER_ROW, .calibration = &c};
    if (!mote_graph_quantize(&g, &options, &packed, &error))
        fail_msg("%s", error.text);
    mote_bytes file = encoded(&packed);
    assert_int_equal(mote_open(&o.model, file.data, file.size), MOTE_SUCCESS);
    start_exactly(&o);
    assert_int_equal(mote_selftest(&o.session), MOTE_SUCCESS);
    const mote_value in = mote_input(&o.session, 0), out = mote_output(&o.session, 0);
    assert_true(in.type == MOTE_I16 && in.dims[0] == IN && out.type == MOTE_I16 && out.dims[0] == OUT);
    double power = 0, noise = 0;
    for (int i = 0; i < FRESH; i++) {
        double want[OUT];
        for (int k = 0; k < IN; k++)
            ((int16_t *)in.data)[k] = (int16_t)lrint((double)samples[SAMPLES + i][k] / (double)in.scale);
        mote_run(&o.session);
        expected(&g, samples[SAMPLES + i], want);
        for (int k = 0; k < OUT; k++) {
            const double off = ((const int16_t *)out.data)[k] * (double)out.scale - want[k];
            power += want[k] * want[k];
            noise += off * off;
        }
    }
    if (!(noise < power / 1000))
        fail_msg("noise %g, power %g", noise, power);
    stop(&o);
    free(file.data);
    mote_calibration_free(&c);
    mote_graph_free(&packed);
    mote_graph_free(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(quantized)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
