/* Tests that the second implementation computes the golden output that the runtime wrote to the file, and the same
 * results as the runtime for graphs of random shapes and parameters. */
#include "tests/compiler/random_graph.h"
#include "tests/compiler/spec.h"

#include "compiler/graph/transformer.h"
#include "runtime/kernels.h"

static uint32_t best_of(const reader *r, uint32_t logits, uint32_t unknown)
{
    uint32_t best = unknown == 0 ? 1 : 0;
    for (uint32_t i = 0; i < dim(r, logits, 0); i++)
        if (i != unknown && get(r, logits, i) > get(r, logits, best))
            best = i;
    return best;
}

/* Checks the golden tokens of a language model in addition to the digest: a prompt of 32, then the predicted tokens
 * (compiler/quantize/golden.h). */
static void replay_tokens(const mote_bytes *bytes)
{
    reader r = reader_of(bytes->data);
    uint32_t size;
    const uint8_t *golden = section(r.file, "GOLD", &size), *tokenizer = section(r.file, "TOKN", &size);
    const uint32_t unknown = tokenizer ? u16_at(tokenizer + 4) : ABSENT;
    const uint32_t ids = only_tensor_with_role(&r, 1), logits = only_tensor_with_role(&r, 3);
    assert_int_equal(u32_at(golden), 96);
    for (uint32_t i = 0; i < 96; i++) {
        const uint32_t token = u16_at(golden + 16 + 2 * (size_t)i);
        if (i >= 32)
            assert_int_equal(token, best_of(&r, logits, unknown));
        step(&r, ids, token);
    }
    close_reader(&r);
}

static void every_kind_of_model(void **state)
{
    (void)state;
    static const mote_tinylm_shape shapes[] = {
        {26, 24, 20, 2, false}, {26, 16, 16, 1, true}, {300, 7, 33, 1, false}, {20, 70, 66, 1, false}};
    static const mote_scheme schemes[] = {MOTE_SCHEME_INT8, MOTE_SCHEME_TERNARY, MOTE_SCHEME_SIGN, MOTE_SCHEME_INT16,
                                          MOTE_SCHEME_INT4};
    for (size_t s = 0; s < sizeof shapes / sizeof *shapes; s++)
        for (size_t k = 0; k < 5; k++)
            for (int granularity = (int)(s + k) % 2; granularity < MOTE_GRANULARITY_COUNT; granularity += 2) {
                const mote_quantize_options options = {.weights = schemes[k],
                                                       .head = schemes[(k + s) % 5],
                                                       .embedding = schemes[(k + 1) % 5],
                                                       .granularity = (mote_granularity)granularity,
                                                       .five_trits = (granularity + (int)s) % 2 == 0};
                mote_bytes file = packed_file(&shapes[s], &options);
                replay(&file);
                replay_tokens(&file);
                free(file.data);
            }
}

/* Compares the runtime with the second implementation, step by step: scores and everything in arena and state. */
static void side_by_side(const mote_bytes *file, const mote_kernels *kernels, uint32_t steps)
{
    opened o;
    assert_int_equal(mote_open(&o.model, file->data, file->size), MOTE_SUCCESS);
    start_exactly(&o);
    o.session.kernels = kernels;
    const size_t persistent = mote_state_size(&o.model);
    reader r = reader_of(file->data);
    const uint32_t ids = only_tensor_with_role(&r, 1), logits = only_tensor_with_role(&r, 3);
    for (uint32_t i = 0; i < steps; i++) {
        const uint32_t token = i * 7 % mote_vocabulary(&o.model);
        step(&r, ids, token);
        mote_step(&o.session, token);
        assert_memory_equal(mote_logits(&o.session), place(&r, logits), 2 * (size_t)dim(&r, logits, 0));
        if (persistent)
            assert_memory_equal(o.state, r.state, persistent);
    }
    close_reader(&r);
    stop(&o);
}

static void graphs_at_random(void **state)
{
    (void)state;
    const mote_kernels *kernels;
    for (uint32_t seed = 1; seed <= 120; seed++) {
        mote_bytes file = random_file(seed);
        for (uint32_t k = 0; (kernels = mote_kernels_at(k)) != NULL; k++)
            side_by_side(&file, kernels, k ? WIDEST_CONTEXT + 3 : 3 * WIDEST_CONTEXT);
        free(file.data);
    }
}

static const mote_transformer_shape shapes[] = {
    {.vocabulary = 20, .dim = 16, .layers = 2, .heads = 4, .kv_heads = 2, .hidden = 40, .context = 5, .theta = 10000},
    {.vocabulary = 33,
     .dim = 24,
     .layers = 1,
     .heads = 3,
     .kv_heads = 3,
     .hidden = 17,
     .context = 16,
     .biased = true,
     .layer_norm = true,
     .gelu = true,
     .learned_positions = true},
    {.vocabulary = 9,
     .dim = 40,
     .layers = 1,
     .heads = 2,
     .kv_heads = 1,
     .hidden = 70,
     .context = 3,
     .tied = true,
     .biased = true,
     .theta = 500},
};

static void transformers(void **state)
{
    (void)state;
    static const mote_scheme schemes[] = {MOTE_SCHEME_INT8, MOTE_SCHEME_INT4,    MOTE_SCHEME_INT5,
                                          MOTE_SCHEME_INT6, MOTE_SCHEME_TERNARY, MOTE_SCHEME_FP16};
    const mote_kernels *kernels;
    for (uint32_t i = 0; i < 18; i++) {
        mote_graph g, packed;
        mote_error error = {0};
        mote_transformer_shape shape = shapes[i % 3];
        shape.epsilon = 1e-5f;
        const mote_quantize_options options = {.weights = schemes[i % 6],
                                               .head = i % 4 ? MOTE_SCHEME_INT8 : MOTE_SCHEME_INT6,
                                               .embedding = MOTE_SCHEME_INT8,
                                               .granularity = i % 5 == 1 ? MOTE_POW2_ROW : MOTE_PER_ROW,
                                               .group = i % 6 == 1 ? 16 : 0,
                                               .activations = (mote_activations)(i / 6),
                                               .int16_cache = i % 2};
        assert_true(mote_transformer_build(&g, &shape, i + 1, &error));
        if (!mote_graph_quantize(&g, &options, &packed, &error))
            fail_msg("model %u: %s", i, error.text);
        mote_bytes file = encoded(&packed);
        replay(&file);
        replay_tokens(&file);
        for (uint32_t k = 0; (kernels = mote_kernels_at(k)) != NULL; k++)
            side_by_side(&file, kernels, 20);
        mote_graph_free(&g), mote_graph_free(&packed);
        free(file.data);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_of_model),
        cmocka_unit_test(transformers),
        cmocka_unit_test(graphs_at_random),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
