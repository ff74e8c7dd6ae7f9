/* Tests that streamed weights are read from flash, line by line, for every token, and that the output is the same. */
#include "chip/memory.h"
#include "compiler/graph/operator_info.h"
#include "runtime/model.h"
#include "tests/sim/models.h"

enum { TOKENS = 20 };

static uint64_t memory_stalls(const mote_sim_result *r)
{
    uint64_t sum = 0;
    for (int i = MOTE_SIM_AT_OPERATORS; i < MOTE_SIM_SLOTS; i++)
        sum += r->cost[i].stalls[MOTE_XT_STALL_MEMORY];
    return sum;
}

/* Returns the number of whole cache lines in the matrices that every token reads completely. */
static uint64_t matrix_lines(mote_bytes file)
{
    mote_model m;
    uint64_t lines = 0;
    assert_int_equal(mote_open(&m, file.data, file.size), MOTE_SUCCESS);
    for (uint32_t i = 0; i < mote_header_of(&m)->op_count; i++) {
        const mote_op_view op = mote_op_at(&m, i);
        const int weights = mote_operator_input((mote_opcode)op.opcode, MOTE_OPERAND_WEIGHTS);
        if (weights >= 0)
            lines += mote_record(&m, op.inputs[weights])->size / MOTE_CACHE_LINE;
    }
    return lines;
}

static mote_sim_result run(const mote_sim_chip *chip, mote_bytes file, mote_weights_in where)
{
    mote_sim_options o = talk("Once", TOKENS);
    o.weights = where;
    mote_sim_result r;
    mote_error error = {0};
    if (!mote_sim_run(chip, file, "model", &o, &r, &error))
        fail_msg("%s: %s", chip->name, error.text);
    return r;
}

static void every_line_every_token(void **state)
{
    (void)state;
    static const int chips[] = {0, 1, 2}; /* Xtensa */
    mote_bytes file = packed_model((mote_tinylm_shape){80, 32, 64, 1, false}, MOTE_SCHEME_TERNARY, ROWS);
    for (size_t i = 0; i < sizeof chips / sizeof *chips; i++) {
        const mote_sim_chip *chip = &mote_sim_chips[chips[i]];
        if (!can_run(chip))
            continue;
        mote_sim_result cached = run(chip, file, MOTE_IN_FLASH), streamed = run(chip, file, MOTE_STREAMED);
        const uint64_t fed = streamed.token_count, line = MOTE_FLASH_LINE_CYCLES;
        assert_true(memory_stalls(&streamed) >= fed * matrix_lines(file) * line);
        assert_true(memory_stalls(&streamed) <= fed * (file.size / MOTE_CACHE_LINE + 200) * line);
        assert_true(memory_stalls(&cached) < memory_stalls(&streamed) / 5); /* all of it fits in the cache */
        assert_int_equal(streamed.box->reply.digest, cached.box->reply.digest);
        assert_int_equal(streamed.box->placed_size, 0);
        mote_sim_result_free(&cached);
        mote_sim_result_free(&streamed);
    }
    free(file.data);
}

int main(void)
{
    use_built_programs();
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_line_every_token)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
