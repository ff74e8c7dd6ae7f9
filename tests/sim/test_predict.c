/* Tests that the predicted cycles per token are within 10 % of the simulated ones. */
#include "compiler/plan/cost.h"
#include "tests/sim/models.h"

enum { FAR = 10 /* % */ };

/* Returns the cycles of the operators and the sampling of all tokens. */
static double all_spent(const mote_sim_chip *chip, mote_bytes file, mote_weights_in where, uint32_t sram,
                        uint32_t tokens)
{
    mote_sim_options o = {.prompt = "", .output_count = tokens, .sampler = mote_sampler_init(3), .timeout = 900};
    o.weights = where;
    o.sram = sram;
    mote_sim_result r;
    mote_error error = {0};
    if (!mote_sim_run(chip, file, "model", &o, &r, &error))
        fail_msg("%s: %s", chip->name, error.text);
    uint64_t spent = r.cost[MOTE_SIM_AT_SAMPLE].spent;
    for (int i = MOTE_SIM_AT_OPERATORS; i < MOTE_SIM_SLOTS; i++)
        spent += r.cost[i].spent;
    mote_sim_result_free(&r);
    return (double)spent;
}

/* Returns the cycles of a token with warm caches: the difference between runs of 2 * tokens and of tokens. */
static double simulated(const mote_sim_chip *chip, mote_bytes file, mote_weights_in where, uint32_t sram,
                        uint32_t tokens)
{
    return (all_spent(chip, file, where, sram, 2 * tokens) - all_spent(chip, file, where, sram, tokens)) / tokens;
}

static double predicted(const mote_sim_chip *chip, mote_bytes file, mote_weights_in where, uint32_t sram)
{
    const mote_chip *about = mote_sim_about(chip);
    mote_model m;
    mote_placement placement;
    mote_error error;
    assert_int_equal(mote_open(&m, file.data, file.size), MOTE_SUCCESS);
    const uint64_t all = sram ? sram : about->ram_kb << 10;
    assert_true(mote_plan_placement(&m, where, all - mote_arena_size(&m) - mote_state_size(&m), &placement, &error));
    const mote_prediction p = mote_predict(&m, about, &placement);
    mote_placement_free(&placement);
    assert_true(p.known);
    assert_int_equal(p.counted, chip->xtensa == 0);
    return p.work + p.memory;
}

static void near(double expected, double counted, const char *what, const char *chip)
{
    const double off = 100 * (expected / counted - 1);
    print_message("%s on %s: predicted %.0f, simulated %.0f, %+.1f %%\n", what, chip, expected, counted, off);
    assert_true(off < FAR && off > -FAR);
}

/* The window is full: it is so from the 16th token on. */
static void transformers(void **state)
{
    (void)state;
    static const int chips[] = {0, 2, 3};
    for (size_t i = 0; i < sizeof chips / sizeof *chips; i++) {
        const mote_sim_chip *chip = &mote_sim_chips[chips[i]];
        if (!can_run(chip))
            continue;
        mote_bytes file = packed_transformer(small_transformer(), MOTE_SCHEME_INT8, false, i == 1 ? LANES : ROWS);
        near(predicted(chip, file, MOTE_IN_SRAM, 0), simulated(chip, file, MOTE_IN_SRAM, 0, 16), "transformer",
             chip->name);
        free(file.data);
    }
}

static void within_a_tenth(void **state)
{
    (void)state;
    const struct {
        mote_tinylm_shape shape;
        mote_scheme weights;
        enum form form;
        int chip;
        mote_weights_in where;
        uint32_t sram, tokens;
    } cases[] = {
        {{80, 64, 128, 1, false}, MOTE_SCHEME_INT8, LANES, 2, MOTE_IN_SRAM, 0, 200},
        {{80, 64, 128, 1, false}, MOTE_SCHEME_INT8, LANES, 2, MOTE_IN_FLASH, 0, 40},
        {{80, 64, 128, 1, false}, MOTE_SCHEME_INT8, LANES, 2, MOTE_STREAMED, 0, 8},
        {{80, 64, 128, 1, false}, MOTE_SCHEME_TERNARY, LANES, 2, MOTE_STREAMED, 0, 8},
        {{80, 64, 128, 1, false}, MOTE_SCHEME_TERNARY, ROWS, 0, MOTE_STREAMED, 0, 5},
        {{80, 64, 128, 1, false}, MOTE_SCHEME_INT8, LANES, 2, MOTE_AS_PLANNED, 40000, 60},
        {{80, 64, 256, 2, false}, MOTE_SCHEME_TERNARY, LANES, 2, MOTE_IN_FLASH, 0, 20},
        {{80, 64, 256, 2, false}, MOTE_SCHEME_TERNARY, LANES, 2, MOTE_IN_SRAM, 0, 60},
        {{80, 64, 128, 1, false}, MOTE_SCHEME_INT8, ROWS, 0, MOTE_IN_SRAM, 0, 20},
        {{80, 64, 128, 1, false}, MOTE_SCHEME_INT8, ROWS, 0, MOTE_IN_FLASH, 0, 10},
        {{80, 64, 128, 1, false}, MOTE_SCHEME_TERNARY, ROWS, 0, MOTE_IN_SRAM, 0, 20},
        {{80, 64, 128, 1, false}, MOTE_SCHEME_TERNARY, ROWS, 1, MOTE_IN_SRAM, 0, 5},
        {{80, 64, 128, 1, false}, MOTE_SCHEME_INT8, ROWS, 3, MOTE_IN_FLASH, 0, 5},
        {{80, 64, 128, 1, false}, MOTE_SCHEME_TERNARY, ROWS, 4, MOTE_IN_FLASH, 0, 5},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const mote_sim_chip *chip = &mote_sim_chips[cases[i].chip];
        if (!can_run(chip))
            continue;
        mote_bytes file = packed_model(cases[i].shape, cases[i].weights, cases[i].form);
        const double counted = simulated(chip, file, cases[i].where, cases[i].sram, cases[i].tokens);
        const double expected = predicted(chip, file, cases[i].where, cases[i].sram);
        char what[16];
        snprintf(what, sizeof what, "case %zu", i);
        near(expected, counted, what, chip->name);
        free(file.data);
    }
}

int main(void)
{
    use_built_programs();
    const struct CMUnitTest tests[] = {cmocka_unit_test(within_a_tenth), cmocka_unit_test(transformers)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
