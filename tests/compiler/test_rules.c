/* Tests of the rules for whole float graphs, each broken in an otherwise valid graph, and of which networks are
 * language models. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/graph/builder.h"
#include "compiler/graph/check.h"
#include "compiler/graph/evaluator.h"
#include "compiler/graph/language.h"
#include "compiler/pack/container.h"
#include "compiler/prune/prune.h"
#include "compiler/quantize/own_text.h"
#include "compiler/quantize/quantize.h"
#include "compiler/token/token.h"

enum { TOKENS = 3, DIM = 4 };

static mote_byte_tokenizer tokens_of(const char *text)
{
    mote_byte_tokenizer t;
    mote_tokenizer_of_bytes(&t, (const uint8_t *)text, strlen(text)); /* and one token for all other bytes */
    return t;
}

static void give_tokenizer(mote_graph *g, const char *text)
{
    const mote_byte_tokenizer t = tokens_of(text);
    assert_true(mote_graph_set_tokenizer(g, &t, sizeof t));
}

/* Returns a language model with an embedding table of `rows` rows and a head of `scores` scores. Its tokens are a, b
 * and all other bytes. */
static mote_graph language_model(uint32_t rows, uint32_t scores)
{
    mote_graph g;
    mote_error error = {0};
    mote_graph_init(&g);
    mote_builder b = {.g = &g, .random = {1}};
    const int ids = mote_build_tensor(&b, "ids", MOTE_U16, MOTE_INPUT, 1, 0);
    const int table = mote_build_normal(&b, "table", rows, DIM, 1), w = mote_build_normal(&b, "w", scores, DIM, 1);
    const int x = mote_build_op(&b, "x", MOTE_OP_EMBEDDING, 2, (int[]){ids, table}, NULL);
    mote_build_output(&b, mote_build_op(&b, "head", MOTE_OP_LINEAR, 2, (int[]){x, w}, NULL), "y");
    assert_true(mote_build_end(&b, "test", &error));
    give_tokenizer(&g, "ab");
    return g;
}

/* Returns a network of values, without tokens. */
static mote_graph plain(void)
{
    mote_graph g;
    mote_error error = {0};
    mote_graph_init(&g);
    mote_builder b = {.g = &g, .random = {1}};
    const int x = mote_build_tensor(&b, "x", MOTE_F32, MOTE_INPUT, DIM, 0);
    const int w1 = mote_build_normal(&b, "w1", 8, DIM, 1), w2 = mote_build_normal(&b, "w2", 2, 8, 1);
    const int a = mote_build_op(&b, "a", MOTE_OP_LINEAR, 2, (int[]){x, w1}, NULL);
    const int s = mote_build_op(&b, "s", MOTE_OP_SILU, 1, &a, NULL);
    mote_build_output(&b, mote_build_op(&b, "l2", MOTE_OP_LINEAR, 2, (int[]){s, w2}, NULL), "y");
    assert_true(mote_build_end(&b, "test", &error));
    return g;
}

static void graph_is_refused(const mote_graph *g, const char *what)
{
    mote_error error = {0};
    assert_false(mote_graph_check(g, &error));
    assert_int_equal(error.code, MOTE_E_FORMAT);
    if (!strstr(error.text, what))
        fail_msg("'%s' does not say '%s'", error.text, what);
}

/* Expects that the graph is refused, also as a file and by the evaluator. */
static void refused(mote_graph *g, const char *what)
{
    mote_error error = {0};
    mote_bytes file;
    mote_graph back;
    mote_evaluator e;
    graph_is_refused(g, what);
    assert_true(mote_graph_encode(g, &file, &error));
    assert_false(mote_graph_decode(&back, file.data, file.size, "file", &error));
    assert_int_equal(error.code, MOTE_E_FORMAT);
    assert_false(mote_evaluator_init(&e, g, 1, &error));
    free(file.data);
    mote_graph_free(g);
}

static void sound_graphs(void **state)
{
    (void)state;
    mote_error error = {0};
    mote_graph g = language_model(TOKENS, TOKENS), p = plain();
    assert_true(mote_graph_check(&g, &error));
    assert_true(mote_graph_is_language_model(&g, &error));
    assert_true(mote_graph_check(&p, &error));
    mote_graph_free(&g);
    mote_graph_free(&p);
}

static void ids_beyond_their_table(void **state)
{
    (void)state;
    mote_graph g = language_model(TOKENS - 1, TOKENS);
    refused(&g, "2 rows for 3 tokens");
}

static void tokenizer_of_another_size(void **state)
{
    (void)state;
    mote_graph g = language_model(TOKENS, TOKENS - 1);
    refused(&g, "3 tokens and the output y 2 scores");
    g = language_model(TOKENS, TOKENS + 1);
    refused(&g, "3 tokens and the output y 4 scores");
    g = plain();
    give_tokenizer(&g, "ab");
    refused(&g, "tokenizer");
}

static void damaged_tokenizer(void **state)
{
    (void)state;
    mote_graph g = language_model(TOKENS, TOKENS);
    ((mote_byte_tokenizer *)(void *)g.tokenizer)->to_token['x'] = TOKENS;
    graph_is_refused(&g, "tokenizer");
    mote_graph_free(&g);
}

static void no_operators(void **state)
{
    (void)state;
    mote_graph g = language_model(TOKENS, TOKENS);
    while (g.op_count) {
        g.op_count--;
        free(g.ops[g.op_count].name);
        free(g.ops[g.op_count].inputs);
    }
    refused(&g, "no operator makes the output y");
}

static void output_never_made(void **state)
{
    (void)state;
    mote_graph g = language_model(TOKENS, TOKENS);
    mote_graph_tensor(&g, "other", MOTE_F32, MOTE_OUTPUT, 1, (uint32_t[]){TOKENS});
    refused(&g, "no operator makes the output other");
}

static void operator_with_too_many_outputs(void **state)
{
    (void)state;
    mote_graph g = language_model(TOKENS, TOKENS);
    g.ops[0].output_count = 2;
    g.ops[0].param_count = 0;
    graph_is_refused(&g, "too few or too many operands");
    g.ops[0].output_count = 1;
    mote_graph_free(&g);
}

static void read_before_it_is_made(void **state)
{
    (void)state;
    mote_graph g = plain();
    const mote_op first = g.ops[0];
    g.ops[0] = g.ops[1];
    g.ops[1] = first;
    refused(&g, "before anything made it");
    g = plain();
    g.ops[1].outputs[0] = g.ops[0].outputs[0]; /* written twice */
    refused(&g, "exists already");
}

static void constants_in_their_places(void **state)
{
    (void)state;
    mote_graph g = plain();
    g.ops[0].inputs[MOTE_LINEAR_WEIGHTS] = g.ops[0].inputs[MOTE_LINEAR_X];
    refused(&g, "may not be of role input");
    g = plain();
    g.ops[0].inputs[MOTE_LINEAR_X] = mote_graph_find(&g, "w2");
    refused(&g, "may not be of role constant");
    g = plain();
    mote_graph_rename(&g, 0, "");
    refused(&g, "no name");
}

/* An executor does not read beyond the end of a table: row 0 is used for ids without a row. */
static void ids_without_a_row(void **state)
{
    (void)state;
    mote_graph g = language_model(2, 2);
    mote_executor x;
    mote_error error = {0};
    const uint16_t ids[] = {0, 1, 2, 65535};
    assert_true(mote_graph_set_tokenizer(&g, NULL, 0));
    for (int backward = 0; backward < 2; backward++) { /* the table itself, and the whole projected table */
        const mote_executor_options options = {.steps = 4, .streams = 1, .workers = 1, .backward = backward};
        assert_true(mote_executor_init(&x, &g, &options, &error));
        mote_executor_forward(&x, 0, &(const void *){ids}, 4, 0);
        const float *y = mote_executor_output(&x, 0, 0);
        assert_memory_equal(y + 4, y, 2 * sizeof *y);
        assert_memory_equal(y + 6, y, 2 * sizeof *y);
        assert_memory_not_equal(y + 2, y, 2 * sizeof *y);
        mote_executor_free(&x);
    }
    mote_graph_free(&g);
}

/* Functions that need a text report the kind of the network. */
static void networks_of_another_kind(void **state)
{
    (void)state;
    mote_graph g = plain(), made;
    mote_error error = {0};
    mote_evaluator e;
    uint16_t tokens[8];
    assert_false(mote_graph_need_language_model(&g, "m.mote", "mote run", &error));
    assert_int_equal(error.code, MOTE_E_UNSUPPORTED);
    assert_non_null(strstr(error.text, "m.mote takes x [4] of f32 and gives y [2] of f32"));
    assert_non_null(strstr(error.text, "mote run"));
    assert_false(mote_evaluator_init(&e, &g, 1, &error));
    assert_false(mote_own_text(&g, tokens, 8, &error));
    const mote_quantize_options options = {.weights = MOTE_SCHEME_INT8, .head = MOTE_SCHEME_INT8};
    assert_false(mote_graph_quantize(&g, &options, &made, &error)); /* without samples there are no ranges */
    assert_int_not_equal(error.code, MOTE_OK);
    const mote_prune_options prune = {.granularity = MOTE_PRUNED_WEIGHTS, .sparsity = 0.5, .multiple = 1};
    mote_prune_report report;
    assert_true(mote_prune(&g, &prune, &made, &report, &error)); /* by magnitude, without samples */
    mote_prune_report_free(&report);
    mote_graph_free(&made);
    mote_graph_free(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sound_graphs),
        cmocka_unit_test(ids_beyond_their_table),
        cmocka_unit_test(tokenizer_of_another_size),
        cmocka_unit_test(damaged_tokenizer),
        cmocka_unit_test(no_operators),
        cmocka_unit_test(output_never_made),
        cmocka_unit_test(operator_with_too_many_outputs),
        cmocka_unit_test(read_before_it_is_made),
        cmocka_unit_test(constants_in_their_places),
        cmocka_unit_test(ids_without_a_row),
        cmocka_unit_test(networks_of_another_kind),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
