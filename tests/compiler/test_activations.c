/* Tests the report of activations against sums computed here, value by value, from the arena and the state after each
 * step. */
#include "tests/compiler/packed.h"

#include <math.h>

#include "compiler/graph/builder.h"
#include "compiler/graph/evaluator.h"
#include "compiler/graph/transformer.h"
#include "compiler/quantize/activations.h"
#include "runtime/model.h"

enum { TOKENS = 300 };

/* Expected figures of the report for one activation. */
typedef struct tally {
    double power, noise, least, most, steps, most_step, saturated, count;
} tally;

static void add(tally *t, double real, double code, double step, int top)
{
    const double error = real - code * step;
    t->least = t->count ? fmin(t->least, real) : real;
    t->most = t->count ? fmax(t->most, real) : real;
    t->power += real * real;
    t->noise += error * error;
    t->steps += step;
    t->most_step = fmax(t->most_step, step);
    t->saturated += top && fabs(code) >= top;
    t->count++;
}

static const mote_activation_report *row_of(const mote_activation_table *t, const mote_graph *packed, const char *name)
{
    for (int i = 0; i < t->count; i++)
        if (strcmp(packed->tensors[t->rows[i].tensor].name, name) == 0)
            return &t->rows[i];
    fail_msg("the report has no %s", name);
    return NULL;
}

static void assert_close(const char *name, const char *what, double got, double wanted)
{
    if (fabs(got - wanted) > 1e-6 * fmax(1e-3, fabs(wanted)))
        fail_msg("%s of %s: %.9g, not %.9g", what, name, got, wanted);
}

static void check(const mote_activation_table *t, const mote_graph *packed, const char *name, const tally *sum)
{
    const mote_activation_report *r = row_of(t, packed, name);
    assert_close(name, "least", (double)r->least, sum->least);
    assert_close(name, "most", (double)r->most, sum->most);
    assert_close(name, "scale", r->scale, sum->steps / sum->count);
    assert_close(name, "largest scale", r->most_scale, sum->most_step);
    assert_close(name, "saturated", r->saturated, sum->saturated / sum->count);
    assert_close(name, "SNR", r->snr, 10 * log10(sum->power / sum->noise));
    assert_close(name, "range", (double)r->ranges[MOTE_OBSERVE_MINMAX], fmax(-sum->least, sum->most));
}

static void make_text(uint16_t *tokens, uint32_t vocabulary)
{
    for (uint32_t i = 0; i < TOKENS; i++)
        tokens[i] = (uint16_t)((i * i + 3 * i + 1) % 977 % vocabulary);
}

static mote_activation_table table_of(const mote_graph *from, const mote_graph *packed, const uint16_t *tokens)
{
    mote_activation_table t;
    mote_error error = {0};
    const mote_source text = mote_text_source(from, tokens, TOKENS);
    if (!mote_activations_init(&t, from, packed, &text, &error))
        fail_msg("%s", error.text);
    return t;
}

static mote_graph packed_of(const mote_graph *from, const mote_quantize_options *options)
{
    mote_graph packed;
    mote_error error = {0};
    if (!mote_graph_quantize(from, options, &packed, &error))
        fail_msg("%s", error.text);
    return packed;
}

static const mote_quantize_options int8_options = {
    .weights = MOTE_SCHEME_INT8, .head = MOTE_SCHEME_INT8, .embedding = MOTE_SCHEME_INT8, .granularity = MOTE_PER_ROW};

/* Three tokens have two values each, the largest 1.27: code 1 is 0.01, and only that value has the code 127. Token 0 is
 * read 1 + TOKENS / 3 times, the others TOKENS / 3 times. */
static void known_values(void **state)
{
    (void)state;
    static const float rows[3][2] = {{0.5f, -1.27f}, {0.013f, 0.3f}, {-0.257f, 0.8f}};
    static const double codes[3][2] = {{50, -127}, {1, 30}, {-26, 80}};
    mote_graph g;
    mote_graph_init(&g);
    mote_builder b = {.g = &g, .random = {1}};
    const int ids = mote_build_tensor(&b, "ids", MOTE_U16, MOTE_INPUT, 1, 0);
    const int table = mote_build_normal(&b, "table", 3, 2, 1), head = mote_build_normal(&b, "head", 3, 2, 1);
    const int x = mote_build_op(&b, "x", MOTE_OP_EMBEDDING, 2, (int[]){ids, table}, NULL);
    mote_build_output(&b, mote_build_op(&b, "y", MOTE_OP_LINEAR, 2, (int[]){x, head}, NULL), "logits");
    assert_false(b.failed);
    memcpy(g.tensors[table].data, rows, sizeof rows);
    mote_graph packed = packed_of(&g, &int8_options);
    uint16_t tokens[TOKENS];
    tally sum = {0};
    for (int i = 0; i <= TOKENS; i++) { /* token 0 comes first */
        const int token = i ? (i - 1) % 3 : 0;
        for (int c = 0; c < 2; c++)
            add(&sum, (double)rows[token][c], codes[token][c], 0.01, 127);
        if (i < TOKENS)
            tokens[i] = (uint16_t)(i % 3);
    }
    mote_activation_table t = table_of(&g, &packed, tokens);
    const mote_activation_report *r = row_of(&t, &packed, "x");
    assert_true(r->least == -1.27f && r->most == 0.8f);
    assert_true(fabs(r->scale - 0.01) < 1e-8 && fabs(r->most_scale - 0.01) < 1e-8);
    assert_true(fabs(r->saturated - (1 + TOKENS / 3) / (2.0 * (TOKENS + 1))) < 1e-9);
    assert_true(fabs(r->snr - 10 * log10(sum.power / sum.noise)) < 1e-3); /* the float 0.01 is not exact */
    mote_activations_free(&t);
    mote_graph_free(&packed);
    mote_graph_free(&g);
}

/* A float graph and the packed one, which read the same tokens one at a time. */
typedef struct readers {
    const mote_graph *from, *packed;
    mote_evaluator evaluator;
    running r;
} readers;

static void open_readers(readers *x, const mote_graph *from, const mote_graph *packed)
{
    *x = (readers){.from = from, .packed = packed};
    assert_true(mote_evaluator_init(&x->evaluator, from, 1, NULL));
    open_packed(&x->r, packed);
}

static void close_readers(readers *x)
{
    mote_evaluator_free(&x->evaluator);
    close_packed(&x->r);
}

static void begin(readers *x)
{
    mote_evaluator_reset(&x->evaluator);
    mote_reset(&x->r.session);
}

/* Reads a token with both and returns its position. */
static uint32_t read_token(readers *x, uint16_t token)
{
    const uint32_t position = x->r.session.position;
    mote_evaluator_feed(&x->evaluator, &token, 1);
    mote_step(&x->r.session, token);
    return position;
}

static const float *value(const readers *x, const char *name)
{
    return x->evaluator.executor.slices[0].seen[mote_graph_find(x->from, name)];
}

static const mote_tensor *packed_tensor(const readers *x, const char *name)
{
    return &x->packed->tensors[mote_graph_find(x->packed, name)];
}

static const void *bytes(const readers *x, const char *name)
{
    return mote_data(&x->r.session, (uint32_t)mote_graph_find(x->packed, name));
}

/* Adds a vector of int16 or int8 with its scale. */
static void add_fixed(tally *t, const readers *x, const char *name, const char *counterpart, bool wide)
{
    const void *data = bytes(x, name);
    for (uint32_t i = 0; i < packed_tensor(x, name)->dims[0]; i++)
        add(t, (double)value(x, counterpart)[i], wide ? ((const int16_t *)data)[i] : ((const int8_t *)data)[i],
            (double)packed_tensor(x, name)->quantization.scale, wide ? 32767 : 127);
}

/* The scales of the states of a GRU are 1/16384 and 1/128, that of the scores is 1/1024. */
static void gru(void **state)
{
    (void)state;
    const mote_tinylm_shape shape = {.vocabulary = 20, .embed = 12, .dim = 16, .layers = 2};
    mote_graph g;
    float_model(&g, &shape);
    float *bias = g.tensors[mote_graph_find(&g, "layer1.input.bias")].data;
    for (int i = 32; i < 40; i++) /* drives some units to the limits of int8 */
        bias[i] = 9;
    mote_graph packed = packed_of(&g, &int8_options);
    readers x;
    tally wide = {0}, narrow = {0}, logits = {0};
    uint16_t tokens[TOKENS];
    make_text(tokens, 19);
    open_readers(&x, &g, &packed);
    assert_true(packed_tensor(&x, "layer1.state")->quantization.scale == 1.0f / 16384);
    assert_true(packed_tensor(&x, "layer1.state8")->quantization.scale == 1.0f / 128);
    assert_true(packed_tensor(&x, "logits")->quantization.scale == 1.0f / 1024);
    for (int i = 0; i <= TOKENS; i++) {
        read_token(&x, i ? tokens[i - 1] : 0);
        add_fixed(&wide, &x, "layer1.state", "layer1", true);
        add_fixed(&narrow, &x, "layer1.state8", "layer1", false);
        add_fixed(&logits, &x, "logits", "logits", true);
    }
    mote_activation_table t = table_of(&g, &packed, tokens);
    assert_true(narrow.saturated > 0);
    check(&t, &packed, "layer1.state", &wide);
    check(&t, &packed, "layer1.state8", &narrow);
    check(&t, &packed, "logits", &logits);
    assert_true(row_of(&t, &packed, "layer1.state8")->snr < row_of(&t, &packed, "layer1.state")->snr);
    mote_activations_free(&t);
    close_readers(&x);
    mote_graph_free(&packed);
    mote_graph_free(&g);
}

enum { WIDTH = 8, DIM = 24, CONTEXT = 32 }; /* WIDTH: of a head; three heads share a key head */

static mote_graph transformer(void)
{
    mote_graph g;
    mote_error error = {0};
    mote_transformer_shape s = MOTE_TRANSFORMER_DEFAULTS;
    s.vocabulary = 20, s.dim = DIM, s.layers = 2, s.heads = 3, s.kv_heads = 1, s.hidden = 40, s.context = CONTEXT;
    if (!mote_transformer_build(&g, &s, 3, &error))
        fail_msg("%s", error.text);
    return g;
}

/* Adds the int8 copy of the last norm, whose scale is after its values. */
static void add_vector(tally *t, const readers *x)
{
    const int8_t *codes = bytes(x, "norm8");
    const int32_t *scale = (const void *)(codes + 32); /* 24, padded */
    const double step = scale[0] * exp2(scale[1]) * (double)packed_tensor(x, "norm")->quantization.scale;
    for (int i = 0; i < DIM; i++)
        add(t, (double)value(x, "norm")[i], codes[i], step, 0);
}

/* Adds the rotated keys and the values in the caches. */
static void add_caches(tally *keys, tally *values, const readers *x, uint32_t position)
{
    const int8_t *k = (const int8_t *)bytes(x, "layer1.keys") + position * WIDTH;
    const int8_t *v = (const int8_t *)bytes(x, "layer1.values") + position * WIDTH;
    const uint8_t scales[] = {((const uint8_t *)bytes(x, "layer1.keys.scales"))[position],
                              ((const uint8_t *)bytes(x, "layer1.values.scales"))[position]};
    double steps[2];
    for (int i = 0; i < 2; i++)
        steps[i] = (16 + scales[i] % 16) * exp2(scales[i] / 16) / 16 *
                   (double)packed_tensor(x, i ? "layer1.v" : "layer1.k")->quantization.scale;
    for (int i = 0; i < WIDTH; i++) {
        const double a = (double)value(x, "layer1.k")[i / 2 * 2], b = (double)value(x, "layer1.k")[i / 2 * 2 + 1];
        const double angle = position * pow(10000, -(i / 2) * 2.0 / WIDTH);
        add(keys, i % 2 ? a * sin(angle) + b * cos(angle) : a * cos(angle) - b * sin(angle), k[i], steps[0], 0);
        add(values, (double)value(x, "layer1.v")[i], v[i], steps[1], 0);
    }
}

static void vectors_and_caches(void **state)
{
    (void)state;
    mote_graph g = transformer(), packed = packed_of(&g, &int8_options);
    readers x;
    tally norm8 = {0}, keys = {0}, values = {0};
    uint16_t tokens[TOKENS];
    make_text(tokens, 20);
    open_readers(&x, &g, &packed);
    for (int i = 0; i < TOKENS; i++) {
        const bool begins = i == 0 || x.r.session.position == CONTEXT;
        if (begins)
            begin(&x);
        for (int fed = begins ? 0 : 1; fed < 2; fed++) {
            const uint32_t position = read_token(&x, fed ? tokens[i] : 0);
            add_vector(&norm8, &x);
            add_caches(&keys, &values, &x, position);
        }
    }
    mote_activation_table t = table_of(&g, &packed, tokens);
    check(&t, &packed, "norm8", &norm8);
    check(&t, &packed, "layer1.values", &values);
    const mote_activation_report *k = row_of(&t, &packed, "layer1.keys");
    assert_true(fabs(k->snr - 10 * log10(keys.power / keys.noise)) < 0.01); /* the float graph has float angles */
    assert_close("keys", "scale", k->scale, keys.steps / keys.count);
    assert_true(t.float_loss > 0 && fabs(t.loss - t.float_loss) < 0.05);
    mote_activations_free(&t);
    close_readers(&x);
    mote_graph_free(&packed);
    mote_graph_free(&g);
}

/* A scale from calibration comes from the range of the chosen observer, and the report shows that range. */
static void static_scales_are_the_observers(void **state)
{
    (void)state;
    mote_graph g = transformer();
    uint16_t tokens[TOKENS];
    make_text(tokens, 20);
    for (int kind = 0; kind < MOTE_OBSERVER_KIND_COUNT; kind++) {
        mote_calibration c;
        const mote_source source = mote_text_source(&g, tokens, TOKENS);
        assert_true(mote_calibrate(&c, &g, &source, NULL));
        mote_quantize_options options = int8_options;
        options.activations = MOTE_ACTIVATIONS_INT8_STATIC;
        options.observer = (mote_observer_kind)kind;
        options.calibration = &c;
        mote_graph packed = packed_of(&g, &options);
        mote_activation_table t = table_of(&g, &packed, tokens);
        for (int i = 0; i < t.count; i++) {
            const mote_tensor *tensor = &packed.tensors[t.rows[i].tensor];
            if (tensor->dtype != MOTE_I8 || tensor->role == MOTE_STATE)
                continue;
            assert_true(tensor->quantization.scale == t.rows[i].ranges[kind] / 127);
            assert_close(tensor->name, "scale", t.rows[i].scale, (double)tensor->quantization.scale);
        }
        mote_activations_free(&t);
        mote_graph_free(&packed);
        mote_calibration_free(&c);
    }
    mote_graph_free(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_values),
        cmocka_unit_test(gru),
        cmocka_unit_test(vectors_and_caches),
        cmocka_unit_test(static_scales_are_the_observers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
