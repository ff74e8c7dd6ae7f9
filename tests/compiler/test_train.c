/* Tests of training: the same seed gives the same bytes, also when stopped and resumed; a text is learnt; bad input is
 * refused; the optimizer and the quantizers follow their definitions. */
#include <math.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "compiler/graph/evaluator.h"
#include "compiler/graph/random.h"
#include "compiler/graph/scheme.h"
#include "compiler/pack/container.h"
#include "compiler/quantize/quantize.h"
#include "compiler/token/token.h"
#include "compiler/train/adamw.h"
#include "compiler/train/corpus.h"
#include "compiler/train/train.h"

/* A folder for one test, with a text: a cycle that is easy to learn, with some noise. */
typedef struct folder {
    char path[64], text[96], out[96], other[96];
} folder;

static void make_folder(folder *f, size_t text_size)
{
    snprintf(f->path, sizeof f->path, "/tmp/mote-train-XXXXXX");
    assert_non_null(mkdtemp(f->path));
    snprintf(f->text, sizeof f->text, "%s/text", f->path);
    snprintf(f->out, sizeof f->out, "%s/a.mote", f->path);
    snprintf(f->other, sizeof f->other, "%s/b.mote", f->path);
    char *text = malloc(text_size + 1);
    assert_non_null(text);
    mote_random random = {4};
    for (size_t i = 0; i < text_size; i++)
        text[i] = mote_random_bits(&random) % 8 ? "the cat sat on the mat.\n"[i % 24] : 'x';
    assert_true(mote_file_write(f->text, text, text_size, NULL));
    free(text);
}

static void remove_folder(const folder *f)
{
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", f->path);
    assert_int_equal(system(command), 0);
}

static mote_train_options small_run(const char *const *text, const char *out)
{
    mote_train_options o = mote_train_defaults();
    o.texts = text;
    o.text_count = 1;
    o.out = out;
    o.shape = (mote_tinylm_shape){.embed = 6, .dim = 12, .layers = 2};
    o.batch = 4;
    o.sequence = 12;
    o.threads = 2;
    o.steps = 260;
    o.dropout = 0.1;
    o.rate = 0.01;
    return o;
}

static mote_train_options small_transformer_run(const char *const *text, const char *out)
{
    mote_train_options o = small_run(text, out);
    o.architecture = MOTE_ARCH_TRANSFORMER;
    o.transformer.dim = 12, o.transformer.layers = 2, o.transformer.hidden = 20, o.transformer.context = 12;
    o.transformer.heads = 3, o.transformer.kv_heads = 1;
    return o;
}

static void assert_same_file(const char *a, const char *b)
{
    mote_bytes x, y;
    assert_true(mote_file_read(a, 1 << 20, &x, NULL));
    assert_true(mote_file_read(b, 1 << 20, &y, NULL));
    assert_int_equal(x.size, y.size);
    assert_memory_equal(x.data, y.data, x.size);
    free(x.data);
    free(y.data);
}

static double train(const mote_train_options *o, const mote_train_watch *watch)
{
    mote_train_result result;
    mote_error error = {0};
    if (!mote_train(o, watch, &result, &error))
        fail_msg("%s", error.text);
    return result.best_loss;
}

static void test_same_seed_gives_same_bytes(void **state)
{
    (void)state;
    folder f;
    make_folder(&f, 6000);
    const char *text = f.text;
    mote_train_options o = small_run(&text, f.out);
    train(&o, NULL);
    o.out = f.other;
    train(&o, NULL);
    assert_same_file(f.out, f.other);
    remove_folder(&f);
}

static bool stop_at(void *context)
{
    return --*(int *)context == 0;
}

/* Options other than those of the stopped run: an error that names the first, and the run can still go on. */
static void refuse_other_options(const mote_train_options *resumed)
{
    mote_train_options o = *resumed;
    mote_train_result result;
    mote_error error;
    o.rate = 0.123;
    assert_false(mote_train(&o, NULL, &result, &error));
    assert_int_equal(error.code, MOTE_E_USAGE);
    assert_non_null(strstr(error.text, " for --lr, not 0.123"));
    o.rate = 0, o.shape.dim = o.transformer.dim = 777;
    assert_false(mote_train(&o, NULL, &result, &error));
    assert_non_null(strstr(error.text, "for --dim, not 777"));
    o = *resumed, o.weights = MOTE_I4;
    assert_false(mote_train(&o, NULL, &result, &error));
    assert_non_null(strstr(error.text, "another --weights"));
}

static void check_resume(bool transformer, mote_dtype weights, int after, bool taught)
{
    folder f;
    make_folder(&f, 6000);
    const char *text = f.text;
    char teacher[96], csv[112], other_csv[112];
    snprintf(teacher, sizeof teacher, "%s/teacher.mote", f.path);
    snprintf(csv, sizeof csv, "%s.csv", f.out);
    snprintf(other_csv, sizeof other_csv, "%s.csv", f.other);
    mote_train_options o = small_run(&text, teacher);
    if (taught)
        train(&o, NULL);
    if (transformer) /* its teacher is a GRU */
        o = small_transformer_run(&text, f.out);
    o.teacher = taught ? teacher : NULL;
    o.weights = weights;
    o.ramp = 0.3;
    o.out = f.out;
    train(&o, NULL);

    o.out = f.other;
    mote_train_result result;
    assert_true(mote_train(&o, &(mote_train_watch){.context = &after, .stop = stop_at}, &result, NULL));
    assert_true(result.stopped);
    mote_train_options resumed = mote_train_defaults();
    resumed.texts = &text, resumed.text_count = 1, resumed.out = f.other, resumed.teacher = o.teacher;
    resumed.resume = true;
    refuse_other_options(&resumed);
    train(&resumed, NULL);
    assert_same_file(f.out, f.other);
    assert_same_file(csv, other_csv);
    char checkpoint[112];
    snprintf(checkpoint, sizeof checkpoint, "%s.resume", f.other);
    assert_int_not_equal(access(checkpoint, F_OK), 0);
    remove_folder(&f);
}

static void test_resumed_run_gives_same_bytes(void **state)
{
    (void)state;
    check_resume(false, MOTE_F32, 57, false);
    check_resume(false, MOTE_TERNARY2, 150, false);
    check_resume(false, MOTE_I8, 31, true);
    check_resume(true, MOTE_TERNARY2, 100, false);
    check_resume(true, MOTE_F32, 57, true);
}

/* Where a run kills itself: at a step, or at an evaluation, after the model was saved and before its state is. */
typedef struct deadly {
    uint64_t step;
    int evaluations;
} deadly;

static void die_at_step(void *context, const mote_train_report *report)
{
    if (report->step == ((deadly *)context)->step)
        kill(getpid(), SIGKILL);
}

static void die_at_evaluation(void *context, const mote_train_report *report)
{
    (void)report;
    if (--((deadly *)context)->evaluations == 0)
        kill(getpid(), SIGKILL);
}

static void train_until_killed(const mote_train_options *o, deadly at)
{
    int status;
    const pid_t child = fork();
    if (child == 0) {
        mote_train_result result;
        mote_train(o, &(mote_train_watch){.context = &at, .step = die_at_step, .evaluation = die_at_evaluation},
                   &result, NULL);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
}

/* A killed run goes on from its last evaluation, or from its last save by time, and ends with the same bytes. */
static void test_killed_run_can_be_resumed(void **state)
{
    (void)state;
    static const struct {
        deadly at;
        double save_seconds;
        mote_dtype weights;
        unsigned long resumed_from;
    } cases[] = {{{.step = 230}, 300, MOTE_F32, 224}, /* an evaluation after each 112 */
                 {{.step = 57}, 0, MOTE_TERNARY2, 56},
                 {{.evaluations = 2}, 300, MOTE_F32, 112}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        folder f;
        make_folder(&f, 6000);
        const char *text = f.text;
        char checkpoint[112], at[32];
        snprintf(checkpoint, sizeof checkpoint, "%s.resume", f.other);
        mote_train_options o = small_run(&text, f.other);
        o.save_seconds = cases[i].save_seconds;
        o.weights = cases[i].weights;
        o.ramp = 0.1;
        train_until_killed(&o, cases[i].at);
        mote_graph g;
        assert_true(mote_graph_load(&g, checkpoint, NULL));
        mote_graph_get_meta(&g, "at.step", at, sizeof at);
        assert_int_equal(strtoul(at, NULL, 10), cases[i].resumed_from);
        mote_graph_free(&g);
        o.resume = true;
        train(&o, NULL);
        assert_int_not_equal(access(checkpoint, F_OK), 0);
        o.resume = false, o.out = f.out;
        train(&o, NULL);
        assert_same_file(f.out, f.other);
        remove_folder(&f);
    }
}

/* Returns the bits per byte of a saved model on the training text, read by the evaluator as one sequence. */
static double bits_of(const char *model, const char *path)
{
    mote_graph g;
    mote_evaluator e;
    mote_bytes text;
    assert_true(mote_graph_load(&g, model, NULL));
    assert_true(mote_evaluator_init(&e, &g, 64, NULL));
    assert_true(mote_file_read(path, 1 << 20, &text, NULL));
    double nats = 0;
    const mote_byte_tokenizer *tokenizer = (const void *)g.tokenizer;
    uint16_t token = tokenizer->start;
    for (size_t i = 0; i < text.size; i++) {
        const float *logits = mote_evaluator_feed(&e, &token, 1);
        double sum = 0;
        for (uint32_t j = 0; j < tokenizer->vocabulary; j++)
            sum += exp((double)logits[j]);
        token = tokenizer->to_token[text.data[i]];
        nats += log(sum) - (double)logits[token];
    }
    double bits = nats / log(2) / (double)text.size;
    free(text.data);
    mote_evaluator_free(&e);
    mote_graph_free(&g);
    return bits;
}

/* The entropy of the text comes from 1/8 noise: h(1/8) = 0.54 bits per byte. A model that has learnt it is close to
 * that; one that knows only the frequency of each byte is at about 3.3. The loss that training reports is that of the
 * saved file. */
static void check_learns(mote_dtype weights)
{
    folder f;
    make_folder(&f, 20000);
    const char *text = f.text;
    mote_train_options o = small_run(&text, f.out);
    o.weights = weights;
    o.dropout = 0;
    o.shape.dim = 24;
    o.batch = 8;
    o.steps = 900;
    o.valid_text = f.text;
    double reported = train(&o, NULL), measured = bits_of(f.out, f.text);
    assert_true(measured > 0.54 && measured < 1.1);
    assert_true(fabs(reported - measured) < 0.02);
    remove_folder(&f);
}

/* Returns the bits per byte of the same text read in windows, as in validation: each starts with an empty cache, and
 * its first input is the token before it. */
static double bits_in_windows(const char *model, const char *path, uint32_t window)
{
    mote_graph g;
    mote_evaluator e;
    mote_bytes text;
    assert_true(mote_graph_load(&g, model, NULL));
    assert_true(mote_evaluator_init(&e, &g, 1, NULL));
    assert_true(mote_file_read(path, 1 << 20, &text, NULL));
    double nats = 0;
    const mote_byte_tokenizer *tokenizer = (const void *)g.tokenizer;
    uint16_t token = tokenizer->start;
    for (size_t i = 0; i < text.size; i++) {
        if (i % window == 0)
            mote_evaluator_reset(&e);
        const float *logits = mote_evaluator_feed(&e, &token, 1);
        double sum = 0;
        for (uint32_t j = 0; j < tokenizer->vocabulary; j++)
            sum += exp((double)logits[j]);
        token = tokenizer->to_token[text.data[i]];
        nats += log(sum) - (double)logits[token];
    }
    double bits = nats / log(2) / (double)text.size;
    free(text.data);
    mote_evaluator_free(&e);
    mote_graph_free(&g);
    return bits;
}

/* Asserts that `mote quantize` keeps the type with which a matrix was trained. */
static void assert_packed_as_trained(const char *model, mote_dtype weights)
{
    mote_graph g, packed;
    mote_error error;
    assert_true(mote_graph_load(&g, model, NULL));
    const mote_quantize_options options = {.as_trained = true,
                                           .weights = MOTE_SCHEME_INT8,
                                           .head = MOTE_SCHEME_INT8,
                                           .embedding = MOTE_SCHEME_INT8,
                                           .granularity = MOTE_PER_ROW};
    if (!mote_graph_quantize(&g, &options, &packed, &error))
        fail_msg("%s", error.text);
    assert_int_equal(packed.tensors[mote_graph_find(&packed, "layer1.down.weight")].dtype, weights);
    assert_int_equal(packed.tensors[mote_graph_find(&packed, "head.weight")].dtype, MOTE_I8);
    mote_graph_free(&g);
    mote_graph_free(&packed);
}

/* Checks that a transformer of either variant learns the text. Windows of 13 start at every offset of the text's period
 * of 24. */
static void check_transformer_learns(mote_dtype weights, bool other_variant, double at_most)
{
    folder f;
    make_folder(&f, 20000);
    const char *text = f.text;
    mote_train_options o = small_transformer_run(&text, f.out);
    mote_transformer_shape *s = &o.transformer;
    s->layer_norm = s->gelu = s->learned_positions = s->biased = s->tied = other_variant;
    s->dim = 24, s->hidden = 48, s->heads = 4, s->kv_heads = other_variant ? 4 : 2;
    s->context = o.sequence = 13;
    o.weights = weights;
    o.dropout = 0;
    o.batch = 8;
    o.steps = 400;
    o.valid_text = f.text;
    double reported = train(&o, NULL), measured = bits_in_windows(f.out, f.text, 13);
    if (!(measured > 0.54 && measured < at_most))
        fail_msg("a transformer learnt to %g bits, training said %g", measured, reported);
    assert_true(fabs(reported - measured) < 1e-3);
    if (weights == MOTE_I4)
        assert_packed_as_trained(f.out, weights);
    remove_folder(&f);
}

static void test_transformer_learns(void **state)
{
    (void)state;
    check_transformer_learns(MOTE_F32, false, 0.95);
    check_transformer_learns(MOTE_F32, true, 0.95);
    check_transformer_learns(MOTE_I4, false, 0.95);
    check_transformer_learns(MOTE_TERNARY2, false, 1.0);
}

/* Tests which quantizer each matrix gets. */
static void test_quantizers_of_a_transformer(void **state)
{
    (void)state;
    mote_train_options o = mote_train_defaults();
    o.architecture = MOTE_ARCH_TRANSFORMER;
    o.transformer.vocabulary = 50;
    o.weights = MOTE_TERNARY2;
    mote_graph g;
    mote_error error;
    if (!mote_train_model(&o, &g, &error))
        fail_msg("%s", error.text);
    static const struct {
        const char *tensor;
        mote_dtype quantizer;
    } expected[] = {{"embedding.weight", MOTE_I8},
                    {"head.weight", MOTE_I8},
                    {"layer0.q.weight", MOTE_TERNARY2},
                    {"layer3.down.weight", MOTE_TERNARY2},
                    {"layer0.attention.norm.gain", MOTE_F32},
                    {"turns", MOTE_F32}};
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++) {
        const mote_tensor *t = &g.tensors[mote_graph_find(&g, expected[i].tensor)];
        assert_int_equal(t->quantizer, expected[i].quantizer);
        assert_int_equal(t->granularity, t->quantizer == MOTE_F32 ? MOTE_PER_TENSOR : MOTE_PER_ROW);
    }
    mote_graph_free(&g);
}

static void test_learns(void **state)
{
    (void)state;
    check_learns(MOTE_F32);
    check_learns(MOTE_I8);
    check_learns(MOTE_TERNARY2);
}

static void assert_refused(const mote_train_options *o, mote_code code)
{
    mote_train_result result;
    mote_error error = {0};
    assert_false(mote_train(o, NULL, &result, &error));
    assert_int_equal(error.code, code);
    assert_true(strlen(error.text) > 10 && !strchr(error.text, '\n'));
}

static void test_refuses_bad_input(void **state)
{
    (void)state;
    folder f;
    make_folder(&f, 600);
    const char *text = f.text;
    mote_train_options good = small_run(&text, f.out), o = good;
    char empty[96];
    snprintf(empty, sizeof empty, "%s/empty", f.path);
    assert_true(mote_file_write(empty, "", 0, NULL));
    const char *empty_text = empty, *missing = "/nonexistent/text", *directory = "/tmp";
    o.texts = &empty_text;
    assert_refused(&o, MOTE_E_FORMAT);
    o.texts = &missing;
    assert_refused(&o, MOTE_E_INPUT);
    o.texts = &directory;
    assert_refused(&o, MOTE_E_INPUT);
    o = good, o.sequence = 1000;
    assert_refused(&o, MOTE_E_FORMAT);
    o = good, o.batch = 400;
    assert_refused(&o, MOTE_E_FORMAT);
    o = good, o.vocabulary = 3000;
    assert_refused(&o, MOTE_E_FORMAT);
    o = good, o.out = "/nonexistent/model.mote";
    assert_refused(&o, MOTE_E_OUTPUT);
    o = good, o.out = f.path;
    assert_refused(&o, MOTE_E_OUTPUT);
    o = good, o.shape.tied = true;
    assert_refused(&o, MOTE_E_USAGE);
    o = good, o.resume = true;
    assert_refused(&o, MOTE_E_INPUT);
    o = small_transformer_run(&text, f.out), o.transformer.heads = 5;
    assert_refused(&o, MOTE_E_USAGE);
    o = small_transformer_run(&text, f.out), o.transformer.context = 11; /* shorter than the sequence */
    assert_refused(&o, MOTE_E_USAGE);
    o = small_transformer_run(&text, f.out), o.transformer.dim = 16380, o.transformer.layers = 100;
    assert_refused(&o, MOTE_E_USAGE);
    const mote_chip tiny = {.name = "tiny", .ram_kb = 1, .flash_kb = 100};
    o = small_transformer_run(&text, f.out), o.chip = &tiny;
    o.transformer.context = 200;
    assert_refused(&o, MOTE_E_UNSUPPORTED);
    o = good, o.teacher = f.text;
    assert_refused(&o, MOTE_E_FORMAT);
    assert_int_not_equal(access(f.out, F_OK), 0); /* nothing was left behind */
    remove_folder(&f);
}

static void test_tokenizer(void **state)
{
    (void)state;
    mote_byte_tokenizer t;
    mote_tokenizer_of_bytes(&t, (const uint8_t *)"ba\nab", 5);
    assert_int_equal(t.vocabulary, 4);
    assert_int_equal(t.unknown, 3);
    assert_int_equal(t.start, 0);
    assert_int_equal(t.to_token['a'], 1);
    assert_int_equal(t.to_token['b'], 2);
    assert_int_equal(t.to_token['z'], 3);
    assert_int_equal(t.to_byte[2], 'b');
    uint8_t all[256];
    for (int i = 0; i < 256; i++)
        all[i] = (uint8_t)i;
    mote_tokenizer_of_bytes(&t, all, sizeof all);
    assert_int_equal(t.vocabulary, 256);
    assert_int_equal(t.unknown, MOTE_NO_INDEX);
    assert_int_equal(t.to_token[255], 255);
}

/* Compares two steps with the paper's formulas in double. */
static void test_adamw(void **state)
{
    (void)state;
    const double gradients[2][3] = {{0.5, -2, 0.001}, {-0.25, 1, 0.002}};
    double w[3] = {1, -1, 0.5}, m[3] = {0}, v[3] = {0};
    float fw[3] = {1, -1, 0.5f}, fm[3] = {0}, fv[3] = {0};
    for (int step = 1; step <= 2; step++) {
        mote_adamw adam = {0.9f, 0.99f, 1e-8f, 0.01f, 0.1f, 0.5f, (uint64_t)step};
        float g[3];
        for (int i = 0; i < 3; i++) {
            g[i] = (float)gradients[step - 1][i];
            double clipped = 0.5 * gradients[step - 1][i];
            m[i] = 0.9 * m[i] + 0.1 * clipped;
            v[i] = 0.99 * v[i] + 0.01 * clipped * clipped;
            double mean = m[i] / (1 - pow(0.9, step)), variance = v[i] / (1 - pow(0.99, step));
            w[i] -= 0.01 * (mean / (sqrt(variance) + 1e-8) + 0.1 * w[i]);
        }
        mote_adamw_update(&adam, fw, g, fm, fv, 3);
    }
    for (int i = 0; i < 3; i++)
        assert_true(fabs((double)fw[i] - w[i]) < 2e-6);
}

static double squared_error(const float *w, const int8_t *codes, float scale, size_t count)
{
    double sum = 0;
    for (size_t i = 0; i < count; i++) {
        double difference = (double)w[i] - (double)scale * codes[i];
        sum += difference * difference;
    }
    return sum;
}

/* Tests every scheme, granularity and width, including widths that do not fill a vector: codes are in range, scales are
 * as documented, and no other scale fits the chosen codes better. */
static void test_quantizers(void **state)
{
    (void)state;
    enum { ROWS = 3, MOST = 67 };
    mote_random random = {8};
    float w[ROWS * MOST], scales[ROWS];
    int8_t codes[ROWS * MOST];
    for (uint32_t columns = 1; columns <= MOST; columns += 11)
        for (int scheme = MOTE_SCHEME_INT8; scheme <= MOTE_SCHEME_INT4; scheme++)
            for (int granularity = 0; granularity < MOTE_GRANULARITY_COUNT; granularity++) {
                for (uint32_t i = 0; i < ROWS * columns; i++)
                    w[i] = mote_random_normal(&random) * (i < columns ? 1.0f : 3.0f);
                mote_quantize_matrix((mote_scheme)scheme, (mote_granularity)granularity, w, ROWS, columns, codes,
                                     scales);
                int limit = scheme == MOTE_SCHEME_INT8 ? 127 : scheme == MOTE_SCHEME_INT4 ? 7 : 1;
                bool pow2 = granularity == MOTE_POW2_TENSOR || granularity == MOTE_POW2_ROW;
                bool row = granularity == MOTE_PER_ROW || granularity == MOTE_POW2_ROW;
                for (uint32_t r = 0; r < ROWS; r++) {
                    int exponent;
                    assert_true(scales[r] > 0 && (row || scales[r] == scales[0]));
                    assert_true(!pow2 || frexpf(scales[r], &exponent) == 0.5f);
                    for (uint32_t j = 0; j < columns; j++) {
                        const int code = codes[r * columns + j]; // NOLINT(bugprone-signed-char-misuse)
                        float x = w[r * columns + j];
                        assert_true(code >= -limit && code <= limit && (float)code * x >= 0);
                        if (limit > 1)
                            assert_true(fabsf(x - (float)code * scales[r]) <= 0.501f * scales[r]);
                    }
                }
                if (scheme == MOTE_SCHEME_TERNARY && granularity == MOTE_PER_ROW) {
                    double best = squared_error(w, codes, scales[0], columns);
                    assert_true(best <= squared_error(w, codes, scales[0] * 1.02f, columns));
                    assert_true(best <= squared_error(w, codes, scales[0] * 0.98f, columns));
                }
            }
    memset(w, 0, sizeof w);
    mote_quantize_matrix(MOTE_SCHEME_TERNARY, MOTE_PER_ROW, w, ROWS, MOST, codes, scales);
    assert_true(scales[0] > 0 && codes[0] == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same_seed_gives_same_bytes),
        cmocka_unit_test(test_resumed_run_gives_same_bytes),
        cmocka_unit_test(test_killed_run_can_be_resumed),
        cmocka_unit_test(test_learns),
        cmocka_unit_test(test_transformer_learns),
        cmocka_unit_test(test_quantizers_of_a_transformer),
        cmocka_unit_test(test_refuses_bad_input),
        cmocka_unit_test(test_tokenizer),
        cmocka_unit_test(test_adamw),
        cmocka_unit_test(test_quantizers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
