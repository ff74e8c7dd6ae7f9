/* Tests the imported stories260K against results of llama2.c. Needs ../shared. */
#include <math.h>
#include <mote.h>

#include "compiler/graph/evaluator.h"
#include "compiler/token/encoder.h"
#include "import_files.h"
#include "runtime/tokenizer.h"

#define DATA   MOTE_SHARED_DIR "/data/"
#define GOLDEN DATA "stories260K-golden/"

enum { VOCABULARY = 512, POSITIONS = 512 };

/* Without optimization only a part is read, to save time. */
#ifdef __OPTIMIZE__
enum { PROMPTS = 3, SEQUENCES = 1000 };
#else
enum { PROMPTS = 1, SEQUENCES = 1 };
#endif

typedef struct model {
    mote_graph graph;
    mote_evaluator reader, speaker; /* reader: a window at once; speaker: token by token */
    mote_encoder *encoder;
} model;

static const mote_tokenizer *tokenizer_of(const model *m)
{
    return (const void *)m->graph.tokenizer;
}

static mote_bytes contents(const char *path)
{
    mote_bytes b;
    mote_error error;
    if (!mote_file_read(path, 1 << 22, &b, &error))
        fail_msg("%s", error.text);
    return b;
}

static int open_model(void **state)
{
    static model m;
    mote_error error;
    if (access(DATA "stories260K.bin", R_OK) != 0)
        return 0;
    must_import(&m.graph, DATA "stories260K.bin", (mote_import_options){0});
    assert_true(mote_import_tokenizer(&m.graph, "stories260K.bin", DATA "tok512.bin", &error));
    assert_true(mote_evaluator_init(&m.reader, &m.graph, POSITIONS, &error));
    assert_true(mote_evaluator_init(&m.speaker, &m.graph, 1, &error));
    m.encoder = mote_encoder_new(tokenizer_of(&m), &error);
    assert_non_null(m.encoder);
    *state = &m;
    return 0;
}

static int close_model(void **state)
{
    model *m = *state;
    if (!m)
        return 0;
    mote_encoder_free(m->encoder);
    mote_evaluator_free(&m->reader);
    mote_evaluator_free(&m->speaker);
    mote_graph_free(&m->graph);
    return 0;
}

static model *opened(void **state)
{
    if (!*state) {
        print_message("SKIPPED: no " DATA "stories260K.bin\n");
        skip();
    }
    return *state;
}

static mote_token_list encoded(const model *m, const uint8_t *text, size_t size)
{
    mote_token_list list = {0};
    mote_error error;
    assert_true(mote_encoder_run(m->encoder, text, size, &list, &error));
    return list;
}

static void first_logits(void **state)
{
    model *m = opened(state);
    mote_bytes ids = contents(GOLDEN "logits_first16_ids.json"), npy = contents(GOLDEN "logits_first16.npy");
    uint16_t tokens[16];
    const char *at = (const char *)ids.data;
    for (int i = 0; i < 16; i++) {
        at += strcspn(at, "0123456789");
        tokens[i] = (uint16_t)strtol(at, (char **)&at, 10);
    }
    const float *golden = (const void *)(npy.data + npy.size - sizeof(float) * 16 * VOCABULARY);
    mote_evaluator_reset(&m->reader);
    const float *logits = mote_evaluator_feed(&m->reader, tokens, 16);
    for (int i = 0; i < 16 * VOCABULARY; i++)
        if (!(fabsf(logits[i] - golden[i]) <= 1e-3f))
            fail_msg("position %d, token %d: %g, not %g", i / VOCABULARY, i % VOCABULARY, (double)logits[i],
                     (double)golden[i]);
    free(ids.data);
    free(npy.data);
}

/* Generates text after the prompt by the most likely token, 256 tokens in all, including the prompt. */
static void said(model *m, const char *prompt, bytes *out)
{
    mote_token_list list = encoded(m, (const uint8_t *)prompt, strlen(prompt));
    uint16_t token = tokenizer_of(m)->start;
    mote_evaluator_reset(&m->speaker);
    out->size = 0;
    for (size_t i = 0; i < 256; i++) {
        const float *logits = mote_evaluator_feed(&m->speaker, &token, 1);
        uint16_t next = 0;
        for (uint16_t v = 1; v < VOCABULARY; v++)
            next = logits[v] > logits[next] ? v : next;
        next = i < list.count ? list.tokens[i] : next;
        size_t size;
        const uint8_t *text = mote_tokenizer_decode(tokenizer_of(m), token, next, &size);
        put(out, text, size);
        token = next;
    }
    put(out, "\n", 1);
    free(list.tokens);
}

static void greedy_texts(void **state)
{
    model *m = opened(state);
    static const char *const prompts[3][2] = {{"", GOLDEN "greedy256_empty.txt"},
                                              {"Once upon a time", GOLDEN "greedy256_once_upon_a_time.txt"},
                                              {"Lily and Ben went to the", GOLDEN "greedy256_lily_and_ben.txt"}};
    for (int i = 0; i < PROMPTS; i++) {
        static bytes got;
        mote_bytes golden = contents(prompts[i][1]);
        said(m, prompts[i][0], &got);
        assert_int_equal(got.size, golden.size);
        assert_memory_equal(got.data, golden.data, golden.size);
        free(golden.data);
    }
}

static size_t at_most(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Returns the sum of −ln of the probabilities of the tokens, read as a new sequence. */
static double nats_of(model *m, const uint16_t *tokens, size_t count)
{
    uint16_t fed[POSITIONS] = {tokenizer_of(m)->start};
    double nats = 0;
    memcpy(fed + 1, tokens, (count - 1) * sizeof *tokens);
    mote_evaluator_reset(&m->reader);
    const float *logits = mote_evaluator_feed(&m->reader, fed, (uint32_t)count);
    for (size_t i = 0; i < count; i++, logits += VOCABULARY) {
        double sum = 0;
        for (int v = 0; v < VOCABULARY; v++)
            sum += exp((double)(logits[v] - logits[tokens[i]]));
        nats += log(sum);
    }
    return nats;
}

/* A position in the golden file, whose lines have the figures of every sequence, then their mean. */
typedef struct golden {
    mote_bytes file;
    const char *at;
} golden;

static golden open_golden(const char *protocol)
{
    golden g = {.file = contents(GOLDEN "nll_lf.jsonl")};
    g.file.data[g.file.size - 1] = 0;
    g.at = strstr((const char *)g.file.data, protocol);
    assert_non_null(g.at);
    g.at = strstr(g.at, ":[") + 2;
    return g;
}

/* Returns the last number of the next list. */
static double next_loss(golden *g)
{
    const char *end = strchr(g->at, ']');
    double loss = 0;
    while (g->at < end)
        loss = strtod(g->at + 1, (char **)&g->at);
    g->at += strspn(g->at, "],");
    return loss;
}

static double mean_loss(const golden *g)
{
    return strtod(strstr(g->at, "\"mean_nll_nats\":") + strlen("\"mean_nll_nats\":"), NULL);
}

static void loss_of_windows(void **state)
{
    model *m = opened(state);
    mote_bytes text = contents(DATA "tinystories-30k.txt");
    mote_token_list list = encoded(m, text.data, text.size);
    golden g = open_golden("contiguous512");
    double nats = 0;
    size_t at = 0, n;
    assert_int_equal(list.count, 15536);
    for (int i = 0; i < SEQUENCES && at < list.count; i++, at += n) {
        n = at_most(list.count - at, POSITIONS);
        const double loss = nats_of(m, list.tokens + at, n);
        assert_true(fabs(loss / (double)n - next_loss(&g)) < 0.001);
        nats += loss;
    }
    if (at == list.count)
        assert_true(fabs(nats / (double)at - mean_loss(&g)) < 0.001);
    free(list.tokens);
    free(text.data);
    free(g.file.data);
}

static void loss_of_lines(void **state)
{
    model *m = opened(state);
    mote_bytes text = contents(DATA "tinystories-30k.txt");
    golden g = open_golden("per_line");
    double nats = 0;
    size_t scored = 0, at = 0, size;
    for (int i = 0; i < SEQUENCES && at < text.size; at += size + 1) {
        const uint8_t *end = memchr(text.data + at, '\n', text.size - at);
        size = end ? (size_t)(end - text.data) - at : text.size - at;
        if (!size)
            continue;
        mote_token_list list = encoded(m, text.data + at, size);
        const size_t count = at_most(list.count, POSITIONS);
        const double loss = nats_of(m, list.tokens, count);
        assert_true(fabs(loss / (double)count - next_loss(&g)) < 0.001);
        nats += loss, scored += count, i++;
        free(list.tokens);
    }
    if (at >= text.size) {
        assert_int_equal(scored, 9149);
        assert_true(fabs(nats / (double)scored - mean_loss(&g)) < 0.001);
    }
    free(text.data);
    free(g.file.data);
}

static void another_tokenizer(void **state)
{
    model *m = opened(state);
    mote_graph g;
    mote_error error;
    const mote_transformer_shape shape = {300, 8, 1, 2, 2, 8, 8, .theta = 10000, .epsilon = 1e-5f};
    assert_true(mote_transformer_build(&g, &shape, 0, &error));
    assert_false(mote_import_tokenizer(&g, "small.bin", DATA "tok512.bin", &error));
    assert_int_equal(error.code, MOTE_E_MISMATCH);
    assert_non_null(strstr(error.text, "tok512.bin: a tokenizer of 512 tokens, and small.bin has a vocabulary of 300"));
    assert_null(g.tokenizer);
    assert_int_equal(tokenizer_of(m)->vocabulary, VOCABULARY);
    mote_graph_free(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_logits),  cmocka_unit_test(greedy_texts),      cmocka_unit_test(loss_of_windows),
        cmocka_unit_test(loss_of_lines), cmocka_unit_test(another_tokenizer),
    };
    return cmocka_run_group_tests(tests, open_model, close_model);
}
