/* Tests a quantized public checkpoint: its loss on a text against that of the float model (../shared/data). */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>
#include <mote_text.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "compiler/graph/cross_entropy.h"
#include "compiler/graph/evaluator.h"
#include "compiler/import/import.h"
#include "compiler/pack/container.h"
#include "compiler/quantize/own_text.h"
#include "compiler/quantize/quantization.h"
#include "compiler/token/encoder.h"
#include "compiler/token/token.h"

#define DATA MOTE_SHARED_DIR "/data/"

enum { VOCABULARY = 512, WINDOW = 512, START = 1 };

static mote_bytes read_whole(const char *path)
{
    mote_bytes bytes;
    mote_error error = {0};
    if (!mote_file_read(path, 1 << 24, &bytes, &error))
        fail_msg("%s", error.text);
    return bytes;
}

static bool data_is_here(void)
{
    FILE *f = fopen(DATA "stories260K.bin", "rb");
    if (!f) {
        print_message("SKIPPED: %s is not there\n", DATA "stories260K.bin");
        skip();
        return false;
    }
    fclose(f);
    return true;
}

static mote_graph stories(void)
{
    mote_graph g;
    mote_bytes section;
    mote_error error = {0};
    if (!mote_import(&g, DATA "stories260K.bin", &(mote_import_options){0}, &error) ||
        !mote_tokenizer_load(DATA "tok512.bin", &section, &error))
        fail_msg("%s", error.text);
    assert_true(mote_graph_set_tokenizer(&g, section.data, (uint32_t)section.size));
    free(section.data);
    return g;
}

static mote_token_list tokens_of_text(const mote_graph *g, const char *text, size_t size)
{
    mote_token_list list = {0};
    mote_error error = {0};
    if (!mote_encode_text((const void *)g->tokenizer, (const uint8_t *)text, size, &list, &error))
        fail_msg("%s", error.text);
    return list;
}

/* Returns the mean nats per token of the first `count` tokens, in windows that each start a new sequence. */
static double float_loss(const mote_graph *g, const mote_token_list *text, size_t count)
{
    mote_evaluator e;
    mote_error error = {0};
    assert_true(mote_evaluator_init(&e, g, WINDOW, &error));
    double nats = 0;
    for (size_t w = 0; w < count; w += WINDOW) {
        const size_t n = count - w < WINDOW ? count - w : WINDOW;
        uint16_t inputs[WINDOW] = {START};
        memcpy(inputs + 1, text->tokens + w, (n - 1) * sizeof *inputs);
        mote_evaluator_reset(&e);
        const float *logits = mote_evaluator_feed(&e, inputs, (uint32_t)n);
        nats += mote_cross_entropy(logits, text->tokens + w, (uint32_t)n, VOCABULARY, 1, NULL);
    }
    mote_evaluator_free(&e);
    return nats / (double)count;
}

static double packed_loss(const mote_graph *packed, const mote_token_list *text, size_t count)
{
    mote_bytes file;
    mote_model model;
    mote_session s;
    mote_error error = {0};
    assert_true(mote_graph_encode(packed, &file, &error));
    assert_int_equal(mote_open(&model, file.data, file.size), MOTE_SUCCESS);
    void *arena = aligned_alloc(16, mote_arena_size(&model)), *memory = aligned_alloc(16, mote_state_size(&model));
    assert_int_equal(mote_start(&s, &model, arena, mote_arena_size(&model), memory, mote_state_size(&model)),
                     MOTE_SUCCESS);
    double nats = 0;
    float logits[VOCABULARY];
    for (size_t i = 0; i < count; i++) {
        if (i % WINDOW == 0)
            mote_reset(&s);
        mote_step(&s, i % WINDOW ? text->tokens[i - 1] : START);
        for (int v = 0; v < VOCABULARY; v++)
            logits[v] = (float)mote_logits(&s)[v] / 1024;
        nats += mote_cross_entropy(logits, text->tokens + i, 1, VOCABULARY, 1, NULL);
    }
    free(arena);
    free(memory);
    free(file.data);
    return nats / (double)count;
}

/* Loss of the quantized model on 2048 tokens of the text. On the whole text, int8 costs 0.0025 nats and int6 0.0047
 * (docs/BENCHMARKS.md); on a part, the cost varies more. */
static void loss_in_integers(void **state)
{
    (void)state;
    if (!data_is_here())
        return;
    const struct {
        mote_scheme scheme;
        mote_activations activations;
        double most;
    } cases[] = {{MOTE_SCHEME_INT8, MOTE_ACTIVATIONS_INT8, 0.008},
                 {MOTE_SCHEME_INT8, MOTE_ACTIVATIONS_INT16, 0.008},
                 {MOTE_SCHEME_INT6, MOTE_ACTIVATIONS_INT8, 0.015},
                 {MOTE_SCHEME_INT4, MOTE_ACTIVATIONS_INT8, 0.1}};
    enum { COUNT = 2048 };
    mote_graph g = stories();
    mote_bytes text = read_whole(DATA "tinystories-30k.txt");
    const mote_token_list tokens = tokens_of_text(&g, (const char *)text.data, text.size);
    const double loss = float_loss(&g, &tokens, COUNT);
    uint16_t *own = malloc(MOTE_OWN_TEXT * sizeof *own);
    mote_error error = {0};
    assert_true(mote_own_text(&g, own, MOTE_OWN_TEXT, &error));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const mote_quantize_options options = {.weights = cases[i].scheme,
                                               .head = MOTE_SCHEME_INT8,
                                               .embedding = MOTE_SCHEME_INT8,
                                               .granularity = MOTE_PER_ROW,
                                               .method = MOTE_METHOD_AUTO,
                                               .activations = cases[i].activations};
        mote_quantization q;
        mote_graph packed;
        const mote_source source = mote_text_source(&g, own, MOTE_OWN_TEXT);
        if (!mote_quantization_init(&q, &g, &options, false, &source, &error) || !mote_quantization_make(&q, &error) ||
            !mote_quantization_pack(&q, &packed, &error))
            fail_msg("%s", error.text);
        const double more = packed_loss(&packed, &tokens, COUNT) - loss;
        if (!(more < cases[i].most))
            fail_msg("case %zu: %+.4f nats", i, more);
        mote_graph_free(&packed);
        mote_quantization_free(&q);
    }
    free(own);
    free(tokens.tokens);
    free(text.data);
    mote_graph_free(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loss_in_integers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
