/* Tests that every simulated chip gives the output of the host, and that the first difference is reported. */
#include "runtime/crc32.h"
#include "tests/sim/models.h"

static void same_tokens(const mote_sim_result *a, const mote_sim_result *b)
{
    assert_int_equal(a->token_count, b->token_count);
    assert_memory_equal(a->tokens, b->tokens, a->token_count * sizeof *a->tokens);
    assert_int_equal(a->box->reply.digest, b->box->reply.digest);
}

static uint32_t step(mote_session *s, uint32_t token, uint32_t digest)
{
    mote_step(s, token);
    return mote_crc32(digest, mote_logits(s), 2 * mote_vocabulary(s->model));
}

/* Repeats the run as firmware would, with include/mote.h alone, and compares. */
static void same_as_firmware(mote_bytes file, const mote_sim_options *o, const mote_sim_result *r)
{
    mote_model model;
    mote_session s;
    assert_int_equal(mote_open(&model, file.data, file.size), MOTE_SUCCESS);
    void *arena = aligned_alloc(16, mote_arena_size(&model)), *state = aligned_alloc(16, mote_state_size(&model));
    assert_int_equal(mote_start(&s, &model, arena, mote_arena_size(&model), state, mote_state_size(&model)),
                     MOTE_SUCCESS);
    mote_sampler sampler = o->sampler;
    uint32_t at = 0, digest = 0;
    uint16_t prompt[64];
    const int32_t count = mote_encode_prompt(&model, o->prompt, strlen(o->prompt), prompt, 64);
    for (int32_t i = 0; i < count; i++, at++) {
        assert_int_equal(r->tokens[at], prompt[i]);
        digest = step(&s, r->tokens[at], digest);
    }
    for (uint32_t i = 0; i < o->output_count; i++, at++) {
        assert_int_equal(r->tokens[at], mote_sample(&s, &sampler));
        digest = step(&s, r->tokens[at], digest);
    }
    assert_int_equal(at, r->token_count);
    assert_int_equal(digest, r->box->reply.digest);
    free(arena);
    free(state);
}

/* Compares the chip's cycle counter with the emulator's count of one cycle per instruction plus stalls. They differ by
 * the few instructions around the reading of the counter. */
static void counted_twice(const mote_sim_result *r)
{
    for (int slot = MOTE_SIM_AT_SAMPLE; slot < MOTE_SIM_SLOTS; slot++) {
        const mote_sim_cost *c = &r->cost[slot];
        uint64_t seen = c->instructions;
        for (int i = 0; i < MOTE_XT_STALL_KINDS; i++)
            seen += c->stalls[i];
        const uint64_t apart = seen > c->spent ? seen - c->spent : c->spent - seen;
        assert_true(apart <= 60 * (uint64_t)r->token_count);
        assert_true(seen == 0 || apart < seen / 5);
    }
}

static void chip_and_pc(const mote_sim_chip *chip, mote_bytes file, const mote_sim_options *o)
{
    mote_sim_result on_chip, portable;
    mote_error error = {0};
    mote_model model;
    if (!mote_sim_run(chip, file, "model", o, &on_chip, &error))
        fail_msg("%s: %s", chip->name, error.text);
    assert_true(mote_sim_reference(&mote_portable_kernels, file, "model", o, &portable, &error));
    same_tokens(&on_chip, &portable);
    for (uint32_t i = 1; mote_kernels_at(i); i++) {
        mote_sim_result vector;
        assert_true(mote_sim_reference(mote_kernels_at(i), file, "model", o, &vector, &error));
        same_tokens(&on_chip, &vector);
        mote_sim_result_free(&vector);
    }
    same_as_firmware(file, o, &on_chip);

    assert_int_equal(mote_open(&model, file.data, file.size), MOTE_SUCCESS);
    mote_sim_difference d = mote_sim_compare(&model, &on_chip, &portable);
    assert_false(d.found);
    assert_int_equal(d.step, on_chip.token_count);

    assert_true(on_chip.cost[MOTE_SIM_AT_OPERATORS].spent > 0 && on_chip.cost[MOTE_SIM_AT_SAMPLE].spent > 0);
    if (chip->xtensa)
        counted_twice(&on_chip);
    assert_in_range(on_chip.box->stack_peak, 64, 2048);
    assert_in_range(on_chip.box->code_size, 4096, 65536);
    assert_int_equal(on_chip.box->arena_size, mote_arena_size(&model));
    mote_sim_result_free(&on_chip);
    mote_sim_result_free(&portable);
}

static void all_chips(void **state)
{
    (void)state;
    const struct {
        mote_tinylm_shape shape;
        mote_scheme scheme;
        enum form form;
        bool in_sram;
    } cases[] = {
        {{100, 32, 32, 1, false}, MOTE_SCHEME_TERNARY, ROWS, true},
        {{100, 32, 32, 2, false}, MOTE_SCHEME_INT8, ROWS, false},
        {{100, 32, 32, 1, false}, MOTE_SCHEME_INT16, ROWS, false},
        {{100, 24, 40, 1, false}, MOTE_SCHEME_INT4, ROWS, false},
        {{100, 24, 40, 1, false}, MOTE_SCHEME_SIGN, ROWS, false},
        {{100, 16, 48, 1, false}, MOTE_SCHEME_TERNARY, LANES, true},
        {{100, 32, 72, 1, false}, MOTE_SCHEME_TERNARY, BLOCKS, false},
        {{100, 32, 72, 1, false}, MOTE_SCHEME_INT8, BLOCKS, true},
        {{90, 40, 40, 1, true}, MOTE_SCHEME_TERNARY, FIVE_TRITS, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        mote_bytes file = packed_model(cases[i].shape, cases[i].scheme, cases[i].form);
        mote_sim_options o = talk("Once", 12);
        o.weights = cases[i].in_sram ? MOTE_IN_SRAM : MOTE_IN_FLASH;
        for (int c = 0; c < MOTE_SIM_CHIPS; c++)
            if (can_run(&mote_sim_chips[c]))
                chip_and_pc(&mote_sim_chips[c], file, &o);
        free(file.data);
    }
}

/* There are more tokens than positions in the window, so that the caches wrap around. */
static void transformers_on_all_chips(void **state)
{
    (void)state;
    const struct {
        mote_scheme scheme;
        bool int16_cache;
        enum form form;
    } cases[] = {
        {MOTE_SCHEME_INT8, false, ROWS}, {MOTE_SCHEME_INT8, false, LANES}, {MOTE_SCHEME_INT8, false, BLOCKS},
        {MOTE_SCHEME_INT4, true, ROWS},  {MOTE_SCHEME_INT6, false, ROWS},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        mote_bytes file = packed_transformer(small_transformer(), cases[i].scheme, cases[i].int16_cache, cases[i].form);
        const mote_sim_options o = talk("Once", 24);
        for (int c = 0; c < MOTE_SIM_CHIPS; c++)
            if (can_run(&mote_sim_chips[c]))
                chip_and_pc(&mote_sim_chips[c], file, &o);
        free(file.data);
    }
}

static void from_the_start_token(void **state)
{
    (void)state;
    mote_bytes file = packed_model((mote_tinylm_shape){128, 32, 32, 1, false}, MOTE_SCHEME_INT8, ROWS);
    mote_sim_options o = talk("", 1);
    mote_sim_result r;
    mote_error error = {0};
    mote_model model;
    assert_int_equal(mote_open(&model, file.data, file.size), MOTE_SUCCESS);
    assert_true(mote_sim_reference(&mote_portable_kernels, file, "model", &o, &r, &error));
    assert_int_equal(r.token_count, 2);
    assert_int_equal(r.tokens[0], mote_start_token(&model));
    mote_sim_result_free(&r);
    free(file.data);
}

static int gates_run; /* the kernel below has no context argument */

static void faulty_gates(const int16_t *gx, const int16_t *gh, int16_t *h, int8_t *h8, uint32_t d)
{
    mote_gru_gates(gx, gh, h, h8, d);
    if (++gates_run == 6)
        h8[7] ^= 4;
}

/* With two layers, the sixth run of the gates is that of the second layer at the third token. */
static void first_difference(void **state)
{
    (void)state;
    const mote_sim_chip *chip = &mote_sim_chips[3];
    if (!can_run(chip))
        skip();
    mote_bytes file = packed_model((mote_tinylm_shape){128, 32, 32, 2, false}, MOTE_SCHEME_INT8, ROWS);
    mote_sim_options o = talk("0123456789", 4);
    mote_sim_result on_chip, faulty;
    mote_error error = {0};
    mote_model model;
    mote_kernels kernels = mote_portable_kernels;
    kernels.gru_gates = faulty_gates;
    gates_run = 0;
    assert_true(mote_sim_run(chip, file, "model", &o, &on_chip, &error));
    assert_true(mote_sim_reference(&kernels, file, "model", &o, &faulty, &error));
    assert_int_equal(mote_open(&model, file.data, file.size), MOTE_SUCCESS);
    mote_sim_difference d = mote_sim_compare(&model, &on_chip, &faulty);
    assert_true(d.found);
    assert_int_equal(d.step, 2);
    assert_non_null(strstr(d.layer, "layer1"));
    assert_int_equal(d.channel, 7);
    assert_int_equal(d.values[0] ^ d.values[1], 4);
    assert_true(on_chip.box->reply.digest != faulty.box->reply.digest);
    mote_sim_result_free(&on_chip);
    mote_sim_result_free(&faulty);
    free(file.data);
}

/* Writes to the bytes after the codes, as a kernel that works in whole vectors does. */
static void untidy_quantize(const int16_t *x, int8_t *y, uint32_t count, int32_t step, uint32_t shift)
{
    mote_quantize(x, y, count, step, shift);
    for (uint32_t i = count; i % 16; i++)
        y[i] = 99;
}

static void faulty_quantize(const int16_t *x, int8_t *y, uint32_t count, int32_t step, uint32_t shift)
{
    mote_quantize(x, y, count, step, shift);
    y[5] ^= 1;
}

/* Adds 1 to a peak of thousands: the codes stay the same, the scale does not. */
static uint32_t faulty_peak(const int16_t *x, uint32_t count)
{
    return mote_peak(x, count) + 1;
}

static mote_sim_difference compared_with(mote_bytes file, const mote_kernels *kernels)
{
    const mote_sim_options o = talk("0123", 2);
    mote_sim_result good, other;
    mote_error error = {0};
    mote_model model;
    assert_true(mote_sim_reference(&mote_portable_kernels, file, "model", &o, &good, &error));
    assert_true(mote_sim_reference(kernels, file, "model", &o, &other, &error));
    assert_int_equal(mote_open(&model, file.data, file.size), MOTE_SUCCESS);
    mote_sim_difference d = mote_sim_compare(&model, &good, &other);
    mote_sim_result_free(&good);
    mote_sim_result_free(&other);
    return d;
}

/* Vectors of 20 codes in 32 bytes: the codes and the scale are compared, the bytes between them are not. */
static void vectors_with_padding(void **state)
{
    (void)state;
    mote_transformer_shape shape = small_transformer();
    shape.dim = 20, shape.heads = 2, shape.kv_heads = 1;
    mote_bytes file = packed_transformer(shape, MOTE_SCHEME_INT8, false, ROWS);
    mote_kernels kernels = mote_portable_kernels;
    kernels.quantize = untidy_quantize;
    mote_sim_difference d = compared_with(file, &kernels);
    assert_false(d.found);
    assert_true(d.compared > 0);

    kernels.quantize = faulty_quantize;
    d = compared_with(file, &kernels);
    assert_true(d.found);
    assert_int_equal(d.step, 0);
    assert_int_equal(d.channel, 5);
    assert_int_equal(d.values[0] ^ 1, d.values[1]);
    assert_in_range(d.values[0] + 128, 0, 255);

    kernels = mote_portable_kernels;
    kernels.peak = faulty_peak;
    d = compared_with(file, &kernels);
    assert_true(d.found);
    assert_int_equal(d.step, 0);
    assert_int_equal(d.channel, 20);
    assert_in_range(d.values[0], 16384, 32767);
    assert_true(d.values[1] > d.values[0]);
    free(file.data);
}

int main(void)
{
    use_built_programs();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_chips),
        cmocka_unit_test(transformers_on_all_chips),
        cmocka_unit_test(from_the_start_token),
        cmocka_unit_test(first_difference),
        cmocka_unit_test(vectors_with_padding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
