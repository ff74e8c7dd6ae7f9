/* Tests of the device API with a network that is not a language model: inputs and outputs by number, sequences, a
 * single piece of memory, copies in SRAM, and the golden section. The second implementation computes the expected
 * outputs. */
#include "tests/compiler/mixer.h"
#include "tests/compiler/spec.h"

#include "runtime/model.h"
#include "runtime/place.h"

enum { STEPS = 12, OUTPUT_SIZE = MIXER_CLASSES + 2 * MIXER_WIDTH };

static void feed(mote_session *s, uint32_t t)
{
    const mote_value left = mote_input(s, 0), right = mote_input(s, 1);
    mixer_inputs(t, left.data, right.data);
    mote_run(s);
}

static void read_outputs(const mote_session *s, uint8_t *out)
{
    memcpy(out, mote_output(s, 0).data, MIXER_CLASSES);
    memcpy(out + MIXER_CLASSES, mote_output(s, 1).data, 2 * MIXER_WIDTH);
}

/* Computes the outputs of each run by the specification. */
static void expected_outputs(const uint8_t *file, uint8_t out[STEPS][OUTPUT_SIZE])
{
    reader r = reader_of(file);
    for (uint32_t t = 0; t < STEPS; t++) {
        mixer_inputs(t, (int16_t *)(void *)place(&r, with_role(&r, 1, 0)),
                     (int16_t *)(void *)place(&r, with_role(&r, 1, 1)));
        run_once(&r);
        memcpy(out[t], place(&r, with_role(&r, 3, 0)), MIXER_CLASSES);
        memcpy(out[t] + MIXER_CLASSES, place(&r, with_role(&r, 3, 1)), 2 * MIXER_WIDTH);
    }
    close_reader(&r);
}

static void assert_runs(mote_session *s, uint8_t expected[STEPS][OUTPUT_SIZE])
{
    uint8_t got[OUTPUT_SIZE];
    for (uint32_t t = 0; t < STEPS; t++) {
        feed(s, t);
        read_outputs(s, got);
        assert_memory_equal(got, expected[t], OUTPUT_SIZE);
    }
}

static void check_value(mote_value v, const opened *o, const char *name, mote_dtype type, uint32_t length, float scale,
                        int32_t zero_point)
{
    const uint32_t bytes = length * (type == MOTE_I16 ? 2 : 1);
    assert_string_equal(v.name, name);
    assert_true((uint8_t *)v.data >= (uint8_t *)o->arena && (uintptr_t)v.data % 16 == 0);
    assert_true((uint8_t *)v.data + v.size <= (uint8_t *)o->arena + mote_arena_size(&o->model));
    assert_int_equal(v.type, type);
    assert_int_equal(v.rank, 1);
    assert_int_equal(v.dims[0], length);
    assert_int_equal(v.size, bytes);
    assert_int_equal(v.stride, bytes);
    assert_true(v.scale == scale);
    assert_int_equal(v.zero_point, zero_point);
}

static void values_by_number(void **state)
{
    (void)state;
    mote_bytes file = mixer_file(3);
    opened o;
    assert_int_equal(mote_open(&o.model, file.data, file.size), MOTE_SUCCESS);
    assert_false(mote_is_language_model(&o.model));
    start_exactly(&o);
    check_value(mote_input(&o.session, 0), &o, "left", MOTE_I16, MIXER_WIDTH, 0.5f, -3);
    check_value(mote_input(&o.session, 1), &o, "right", MOTE_I16, MIXER_WIDTH, 0, 0);
    check_value(mote_output(&o.session, 0), &o, "class", MOTE_I8, MIXER_CLASSES, 0.25f, 7);
    check_value(mote_output(&o.session, 1), &o, "sum", MOTE_I16, MIXER_WIDTH, 0, 0);
    for (uint32_t past = 2; past < 5; past++) {
        assert_null(mote_input(&o.session, past).data);
        assert_null(mote_output(&o.session, past).data);
    }
    assert_null(mote_input(&o.session, UINT32_MAX).data);
    stop(&o);
    free(file.data);
}

/* Runs every kernel set from the start. */
static void runs_are_what_the_specification_says(void **state)
{
    (void)state;
    const mote_kernels *kernels;
    for (uint32_t seed = 1; seed < 20; seed++) {
        mote_bytes file = mixer_file(seed);
        uint8_t expected[STEPS][OUTPUT_SIZE];
        opened o;
        expected_outputs(file.data, expected);
        assert_int_equal(mote_open(&o.model, file.data, file.size), MOTE_SUCCESS);
        start_exactly(&o);
        for (uint32_t k = 0; (kernels = mote_kernels_at(k)) != NULL; k++) {
            o.session.kernels = kernels;
            mote_reset(&o.session);
            assert_runs(&o.session, expected);
        }
        stop(&o);
        free(file.data);
    }
}

static size_t rounded_up(size_t size)
{
    return (size + 15) / 16 * 16;
}

/* Asserts which constants of the placement are copied with `room` bytes beyond arena and state, by the rule of mote.h.
 * Returns the number of copied constants. */
static uint32_t assert_placed(const mote_model *m, const mote_model *in_file, size_t room)
{
    const size_t tables = mote_place_tensors_size(in_file, NULL, 0);
    const uint16_t *list = in_file->placement;
    uint32_t copied = 0;
    size_t used = tables;
    for (uint32_t i = 0; i < in_file->placement_count; i++) {
        const size_t size = rounded_up(mote_record(in_file, list[i])->size);
        const bool fits = room >= tables && used + size <= room;
        used += fits ? size : 0;
        copied += fits;
        assert_int_equal(mote_record(m, list[i])->role, fits ? MOTE_PLACED : MOTE_CONSTANT);
    }
    assert_int_equal(m->tensors != in_file->tensors, room >= tables);
    assert_int_equal(m->words != in_file->words, room >= tables);
    return copied;
}

static void one_piece_of_memory_of_any_size(void **state)
{
    (void)state;
    mote_bytes file = mixer_file(5);
    uint8_t expected[STEPS][OUTPUT_SIZE];
    mote_model opened_model;
    mote_session s;
    expected_outputs(file.data, expected);
    assert_int_equal(mote_open(&opened_model, file.data, file.size), MOTE_SUCCESS);
    const size_t least = mote_arena_size(&opened_model) + mote_state_size(&opened_model);
    const size_t most = least + mote_place_size(&opened_model);
    uint32_t copied_last = 0;
    for (size_t size = 0; size <= most + 40; size += size < least ? 13 : 24) {
        uint8_t *memory = exact_memory(size);
        mote_model m = opened_model;
        const mote_status status = mote_begin(&s, &m, memory, size);
        assert_int_equal(status, size < least ? MOTE_TOO_SMALL : MOTE_SUCCESS);
        if (status == MOTE_SUCCESS) {
            copied_last = assert_placed(&m, &opened_model, size / 16 * 16 - least);
            assert_runs(&s, expected);
            assert_int_equal(mote_selftest(&s), MOTE_SUCCESS);
        }
        free(memory);
    }
    assert_int_equal(copied_last, opened_model.placement_count);
    uint8_t *memory = exact_memory(least + 16);
    assert_int_equal(mote_begin(&s, &opened_model, memory + 8, least), MOTE_BAD_ALIGNMENT);
    assert_int_equal(mote_begin(&s, &opened_model, memory, least - 1), MOTE_TOO_SMALL);
    assert_int_equal(mote_begin(&s, &opened_model, memory, least + 15), MOTE_SUCCESS);
    free(memory);
    free(file.data);
}

/* When everything is copied, only names are read from the file. */
static void a_placed_model_does_not_read_the_file(void **state)
{
    (void)state;
    mote_bytes file = mixer_file(6);
    uint8_t expected[STEPS][OUTPUT_SIZE];
    mote_model m;
    mote_session s;
    expected_outputs(file.data, expected);
    assert_int_equal(mote_open(&m, file.data, file.size), MOTE_SUCCESS);
    const size_t arena = mote_arena_size(&m), kept = mote_state_size(&m), sram = mote_place_size(&m);
    uint8_t *memory = exact_memory(arena), *persistent = exact_memory(kept), *copy = exact_memory(sram);
    assert_int_equal(mote_place(&m, copy + 8, sram - 8), MOTE_BAD_ALIGNMENT);
    assert_int_equal(mote_place(&m, copy, sram), MOTE_SUCCESS);
    mote_header h;
    memcpy(&h, file.data, sizeof h);
    memset(file.data, 0x5a, h.string_offset);
    memset(file.data + h.string_offset + h.string_size, 0x5a, file.size - h.string_offset - h.string_size);
    assert_int_equal(mote_start(&s, &m, memory, arena, persistent, kept), MOTE_SUCCESS);
    assert_runs(&s, expected);
    assert_string_equal(mote_output(&s, 1).name, "sum");
    free(memory), free(persistent), free(copy);
    free(file.data);
}

/* A second session finds the model placed and does not change it. */
static void sessions_share_a_placed_model(void **state)
{
    (void)state;
    mote_bytes file = mixer_file(7);
    uint8_t expected[STEPS][OUTPUT_SIZE], got[OUTPUT_SIZE];
    mote_model m;
    mote_session first, second;
    expected_outputs(file.data, expected);
    assert_int_equal(mote_open(&m, file.data, file.size), MOTE_SUCCESS);
    const size_t least = mote_arena_size(&m) + mote_state_size(&m), size = least + mote_place_size(&m);
    uint8_t *memory[2] = {exact_memory(size), exact_memory(size)};
    assert_int_equal(mote_begin(&first, &m, memory[0], size), MOTE_SUCCESS);
    const mote_model placed = m;
    assert_int_equal(mote_begin(&second, &m, memory[1], size), MOTE_SUCCESS);
    assert_memory_equal(&placed, &m, sizeof m);
    for (uint32_t t = 0; t < STEPS; t++) {
        feed(&first, t);
        read_outputs(&first, got);
        assert_memory_equal(got, expected[t], OUTPUT_SIZE);
        if (t < 4)
            continue;
        feed(&second, t - 4);
        read_outputs(&second, got);
        assert_memory_equal(got, expected[t - 4], OUTPUT_SIZE);
    }
    free(memory[0]), free(memory[1]);
    free(file.data);
}

/* Without a placement section only the tables are copied. */
static void a_file_without_placement(void **state)
{
    (void)state;
    random_graph r;
    mote_model m;
    mote_session s;
    mixer_of(&r, 8);
    mote_bytes file = encoded(&r.g);
    assert_int_equal(mote_open(&m, file.data, file.size), MOTE_SUCCESS);
    assert_int_equal(mote_place_size(&m), mote_place_tensors_size(&m, NULL, 0));
    const size_t size = mote_arena_size(&m) + mote_state_size(&m) + mote_place_size(&m);
    uint8_t *memory = exact_memory(size), expected[STEPS][OUTPUT_SIZE];
    expected_outputs(file.data, expected);
    assert_int_equal(mote_begin(&s, &m, memory, size), MOTE_SUCCESS);
    assert_true((const uint8_t *)m.tensors == memory);
    assert_runs(&s, expected);
    assert_int_equal(mote_selftest(&s), MOTE_SUCCESS); /* nothing to compare with */
    free(memory);
    free(file.data);
    mote_graph_free(&r.g);
}

static mote_status selftest_of(const mote_bytes *file)
{
    opened o;
    assert_int_equal(mote_open(&o.model, file->data, file->size), MOTE_SUCCESS);
    start_exactly(&o);
    feed(&o.session, 1); /* must not affect the self-test */
    const mote_status status = mote_selftest(&o.session);
    assert_int_equal(o.session.position, 0);
    for (size_t i = 0; i < mote_state_size(&o.model); i++)
        assert_int_equal(o.session.state[i], 0);
    stop(&o);
    return status;
}

static void golden_of_any_network(void **state)
{
    (void)state;
    mote_bytes file = mixer_file(9);
    mote_model m;
    replay(&file);
    assert_int_equal(selftest_of(&file), MOTE_SUCCESS);
    assert_int_equal(mote_open(&m, file.data, file.size), MOTE_SUCCESS);
    const mote_golden *golden = m.golden;
    assert_int_equal(golden->input_size, 4 * MIXER_WIDTH);
    assert_true(golden->run_count > 1);
    uint8_t *inputs = (uint8_t *)(uintptr_t)(golden + 1);
    for (uint32_t i = 0; i < 2 * golden->run_count; i++, inputs += 2 * MIXER_WIDTH) {
        for (uint32_t k = 0; k < 2 * MIXER_WIDTH; k++) /* a change of any input of any run is detected */
            inputs[k] ^= 0x55;
        seal(file.data, file.size);
        assert_int_equal(selftest_of(&file), MOTE_BAD_GOLDEN);
        for (uint32_t k = 0; k < 2 * MIXER_WIDTH; k++)
            inputs[k] ^= 0x55;
    }
    const mote_tensor_record *head = mote_record(&m, mote_of_role(&m, MOTE_CONSTANT, 0));
    file.data[head->offset + 1] ^= 4;
    seal(file.data, file.size);
    assert_int_equal(selftest_of(&file), MOTE_BAD_GOLDEN);
    free(file.data);
}

/* Golden sections whose fields do not fit the network or the section are refused. */
static void wrong_goldens_are_refused(void **state)
{
    (void)state;
    static const struct {
        size_t field;
        uint32_t value;
    } cases[] = {{0, 0}, {0, 3}, {0, 5}, {0, 0x80000004u}, {4, 4 * MIXER_WIDTH - 1}, {4, 2 * MIXER_WIDTH},
                 {4, 0}, {12, 1}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mote_bytes file = mixer_file(10);
        mote_model m;
        assert_int_equal(mote_open(&m, file.data, file.size), MOTE_SUCCESS);
        memcpy((uint8_t *)(uintptr_t)m.golden + cases[i].field, &cases[i].value, 4);
        seal(file.data, file.size);
        assert_int_equal(mote_open(&m, file.data, file.size), MOTE_BAD_TABLE);
        free(file.data);
    }
}

/* A golden section that is consistent, with 8 runs of half the bytes, but does not fit the network. */
static void golden_of_another_network(void **state)
{
    (void)state;
    mote_bytes file = mixer_file(11);
    mote_model m;
    assert_int_equal(mote_open(&m, file.data, file.size), MOTE_SUCCESS);
    mote_golden *golden = (void *)(uintptr_t)m.golden;
    golden->run_count *= 2;
    golden->input_size /= 2;
    seal(file.data, file.size);
    assert_int_equal(mote_open(&m, file.data, file.size), MOTE_BAD_TABLE);
    free(file.data);
}

/* A self-test of more runs than a chip makes in a few seconds is refused, although the section is consistent. */
static void golden_of_too_many_runs(void **state)
{
    (void)state;
    for (uint32_t more = 0; more < 2; more++) {
        const uint32_t runs = MOTE_GOLDEN_RUNS_MOST + more;
        random_graph r = {.rng = 1};
        mote_error error = {0};
        mote_model m;
        mote_graph_init(&r.g);
        r.g.packed = true;
        const int y = tensor_of(&r, MOTE_I16, MOTE_OUTPUT, 8, 0), x = tensor_of(&r, MOTE_I16, MOTE_INPUT, 8, 0);
        operator_of(&r, MOTE_OP_ADD, MOTE_ADD_INPUTS, (const int[]){x, x}, y);
        assert_true(mote_graph_plan(&r.g, &error));
        r.g.golden_size = (uint32_t)sizeof(mote_golden) + 16 * runs;
        r.g.golden = calloc(1, r.g.golden_size);
        *(mote_golden *)(void *)r.g.golden = (mote_golden){.run_count = runs, .input_size = 16};
        mote_bytes file = encoded(&r.g);
        assert_int_equal(mote_open(&m, file.data, file.size), more ? MOTE_BAD_TABLE : MOTE_SUCCESS);
        free(file.data);
        mote_graph_free(&r.g);
    }
}

/* The sizes of the inputs, all at the beginning of the arena, have a sum beyond 32 bits. If the sum were taken modulo
 * 2^32, a self-test would read far beyond the section. */
static void inputs_of_more_than_4_gb(void **state)
{
    (void)state;
    enum { COUNT = 65000, EACH = 66080 }; /* EACH · COUNT − 2^32 = 232704 */
    random_graph r = {.rng = 1};
    mote_error error = {0};
    mote_graph_init(&r.g);
    r.g.packed = true;
    const int y = tensor_of(&r, MOTE_I16, MOTE_OUTPUT, 8, 0), x = tensor_of(&r, MOTE_I16, MOTE_INPUT, 8, 0);
    operator_of(&r, MOTE_OP_ADD, MOTE_ADD_INPUTS, (const int[]){x, x}, y);
    assert_true(mote_graph_plan(&r.g, &error));
    for (int i = 0; i < COUNT; i++)
        tensor_of(&r, MOTE_I16, MOTE_INPUT, EACH / 2, 0);
    r.g.arena_size = EACH + 64;
    const uint32_t sum = (uint32_t)((uint64_t)COUNT * EACH + 16);
    r.g.golden_size = (uint32_t)sizeof(mote_golden) + sum;
    r.g.golden = calloc(1, r.g.golden_size);
    *(mote_golden *)(void *)r.g.golden = (mote_golden){.run_count = 1, .input_size = sum};
    mote_bytes file = encoded(&r.g);
    mote_model m;
    assert_int_equal(mote_open(&m, file.data, file.size), MOTE_BAD_TABLE);
    free(file.data);
    mote_graph_free(&r.g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_by_number),
        cmocka_unit_test(runs_are_what_the_specification_says),
        cmocka_unit_test(one_piece_of_memory_of_any_size),
        cmocka_unit_test(a_placed_model_does_not_read_the_file),
        cmocka_unit_test(sessions_share_a_placed_model),
        cmocka_unit_test(a_file_without_placement),
        cmocka_unit_test(golden_of_any_network),
        cmocka_unit_test(wrong_goldens_are_refused),
        cmocka_unit_test(golden_of_another_network),
        cmocka_unit_test(golden_of_too_many_runs),
        cmocka_unit_test(inputs_of_more_than_4_gb),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
