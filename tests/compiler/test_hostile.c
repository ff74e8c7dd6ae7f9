/* Tests of truncated, damaged and malicious files. Every file is read from memory of exactly its size, and every model
 * that opens runs in an arena and a state of exactly the sizes that it states. */
#include "tests/compiler/mixer.h"

#include "runtime/kernels.h"

static const mote_tinylm_shape tiny = {9, 12, 20, 1, false};

static mote_quantize_options ternary(void)
{
    return (mote_quantize_options){.weights = MOTE_SCHEME_TERNARY,
                                   .head = MOTE_SCHEME_INT8,
                                   .embedding = MOTE_SCHEME_TERNARY,
                                   .granularity = MOTE_PER_ROW};
}

static mote_bytes tiny_file(void)
{
    const mote_quantize_options options = ternary();
    return packed_file(&tiny, &options);
}

static void truncated_at_every_length(void **state)
{
    (void)state;
    mote_bytes file = tiny_file();
    for (size_t size = 0; size < file.size; size++) {
        uint8_t *cut = exact_memory(size);
        memcpy(cut, file.data, size);
        mote_model m;
        assert_int_equal(mote_open(&m, cut, size), size < 4 ? MOTE_BAD_MAGIC : MOTE_BAD_SIZE);
        free(cut);
    }
    free(file.data);
}

static void every_single_bit(void **state)
{
    (void)state;
    mote_bytes file = tiny_file();
    uint8_t *copy = exact_memory(file.size);
    memcpy(copy, file.data, file.size);
    mote_model m;
    assert_int_equal(mote_open(&m, copy, file.size), MOTE_SUCCESS);
    for (size_t bit = 0; bit < 8 * file.size; bit++) {
        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_not_equal(mote_open(&m, copy, file.size), MOTE_SUCCESS);
        copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
    free(copy);
    free(file.data);
}

/* Sets one field, corrects the checksum, and expects the refusal. */
static void refused_with(size_t offset, const void *value, size_t size, mote_status status)
{
    mote_bytes file = tiny_file();
    uint8_t *copy = exact_memory(file.size);
    mote_model m;
    memcpy(copy, file.data, file.size);
    memcpy(copy + offset, value, size);
    seal(copy, file.size);
    assert_int_equal(mote_open(&m, copy, file.size), status);
    free(copy);
    free(file.data);
}

static void refused_u32(size_t offset, uint32_t value, mote_status status)
{
    refused_with(offset, &value, 4, status);
}

static size_t table_at(size_t header_field)
{
    mote_bytes file = tiny_file();
    uint32_t offset;
    memcpy(&offset, file.data + header_field, sizeof offset);
    free(file.data);
    return offset;
}

static void named_refusals(void **state)
{
    (void)state;
    const size_t tensors = table_at(offsetof(mote_header, tensor_offset)),
                 ops = table_at(offsetof(mote_header, op_offset));
    const size_t sections = table_at(offsetof(mote_header, section_offset));
    const uint16_t one = 1, three = 3;
    const uint8_t wrong_dtype = 77, opcode = 99;
    refused_u32(0, 0x45544f4e, MOTE_BAD_MAGIC);
    refused_with(4, &one, 2, MOTE_BAD_VERSION);
    refused_with(4, &three, 2, MOTE_BAD_VERSION);
    refused_u32(8, 0xfffffff0u, MOTE_BAD_SIZE);
    refused_u32(offsetof(mote_header, flags), 0, MOTE_NOT_PACKED);
    refused_u32(offsetof(mote_header, flags), 3, MOTE_BAD_TABLE);
    refused_u32(offsetof(mote_header, reserved), 1, MOTE_BAD_TABLE);
    refused_u32(offsetof(mote_header, tensor_count), 0xffffffffu, MOTE_BAD_TABLE);
    refused_u32(offsetof(mote_header, tensor_count), 60000, MOTE_BAD_TABLE);
    refused_u32(offsetof(mote_header, tensor_offset), 0xfffffff0u, MOTE_BAD_TABLE);
    refused_u32(offsetof(mote_header, tensor_offset), 8, MOTE_BAD_TABLE);
    refused_u32(offsetof(mote_header, op_count), 0x04000000, MOTE_BAD_TABLE);
    refused_u32(offsetof(mote_header, string_size), 0, MOTE_BAD_TABLE);
    refused_u32(offsetof(mote_header, string_size), 3, MOTE_BAD_TABLE); /* does not end with NUL */
    refused_u32(offsetof(mote_header, arena_size), 16, MOTE_BAD_TABLE);
    refused_u32(offsetof(mote_header, arena_size), 0xfffffff0u, MOTE_BAD_TABLE);
    refused_u32(offsetof(mote_header, state_size), 0xfffffff0u, MOTE_BAD_TABLE);
    refused_u32(offsetof(mote_header, state_size), 0, MOTE_BAD_TABLE);
    refused_with(tensors + offsetof(mote_tensor_record, dtype), &wrong_dtype, 1, MOTE_BAD_TABLE);
    refused_u32(tensors + offsetof(mote_tensor_record, dims), 0xffffffffu, MOTE_BAD_TABLE);
    refused_u32(tensors + offsetof(mote_tensor_record, dims), 0, MOTE_BAD_TABLE);
    refused_u32(tensors + offsetof(mote_tensor_record, offset), 0xfffffff0u, MOTE_BAD_TABLE);
    const uint32_t infinity = 0x7f800000, quiet_nan = 0x7fc00000, negative = 0xbf800000;
    refused_u32(tensors + offsetof(mote_tensor_record, scale), infinity, MOTE_BAD_TABLE);
    refused_u32(tensors + offsetof(mote_tensor_record, scale), quiet_nan, MOTE_BAD_TABLE);
    refused_u32(tensors + offsetof(mote_tensor_record, scale), negative, MOTE_BAD_TABLE);
    refused_u32(tensors + offsetof(mote_tensor_record, name), 0x7fffffff, MOTE_BAD_TABLE);
    refused_with(ops, &opcode, 1, MOTE_BAD_OPERATOR);
    refused_u32(sections + 4, 0x7ffffff0, MOTE_BAD_TABLE);
}

/* Returns the offset of the record of the first tensor whose name contains `part`. */
static size_t record_of(const mote_bytes *file, const char *part)
{
    mote_header h;
    mote_tensor_record t;
    memcpy(&h, file->data, sizeof h);
    for (uint32_t i = 0; i < h.tensor_count; i++) {
        const size_t at = h.tensor_offset + i * sizeof t;
        memcpy(&t, file->data + at, sizeof t);
        if (strstr((const char *)file->data + h.string_offset + t.name, part))
            return at;
    }
    fail_msg("no tensor %s", part);
    return 0;
}

/* Refuses a bound that does not hold, an invalid code, and a bias that could overflow an accumulator. */
static void unproved_weights(void **state)
{
    (void)state;
    mote_bytes file = tiny_file();
    mote_tensor_record head, recurrent, bias;
    const size_t head_at = record_of(&file, "head.weight");
    memcpy(&head, file.data + head_at, sizeof head);
    memcpy(&recurrent, file.data + record_of(&file, "recurrent.weight"), sizeof recurrent);
    memcpy(&bias, file.data + record_of(&file, "head.offset"), sizeof bias);
    free(file.data);
    refused_u32(head_at + offsetof(mote_tensor_record, bound), head.bound - 1, MOTE_BAD_OPERATOR);
    refused_u32(head_at + offsetof(mote_tensor_record, bound), 0x80000000u, MOTE_BAD_OPERATOR);
    refused_u32(bias.offset, 0x7fffffff, MOTE_BAD_OPERATOR);
    refused_u32(bias.offset, 0x80000000u, MOTE_BAD_OPERATOR);
    refused_u32(recurrent.offset, 0xffffffffu, MOTE_BAD_TABLE);
    refused_u32(recurrent.offset + 12, 0, MOTE_BAD_TABLE); /* columns 20.. are padding and must be zero weights */
}

static uint32_t rng = 12345;

static uint32_t random_below(uint32_t n)
{
    rng = rng * 1664525u + 1013904223u;
    return (rng >> 8) % n;
}

static uint32_t harmful_value(uint32_t old)
{
    static const uint32_t values[] = {0,      1,      2,       15,         16,          17,          64,         255,
                                      0x7fff, 0xffff, 0x10000, 0x7fffffff, 0x80000000u, 0xfffffff0u, 0xffffffffu};
    switch (random_below(4)) {
    case 0:
        return values[random_below(sizeof values / sizeof *values)];
    case 1:
        return old ^ (1u << random_below(32));
    case 2:
        return old + 16 - 8 * random_below(5);
    default:
        return random_below(256) * 16;
    }
}

/* Changes a field of the header or of a table, 1, 2 or 4 bytes wide. */
static void mutate(uint8_t *file, size_t size)
{
    mote_header h;
    memcpy(&h, file, sizeof h);
    const size_t starts[] = {16, h.tensor_offset, h.op_offset, h.operand_offset, h.word_offset, h.section_offset};
    const size_t lengths[] = {sizeof h - 16,
                              h.tensor_count * sizeof(mote_tensor_record),
                              h.op_count * sizeof(mote_op_record),
                              h.operand_count * sizeof(uint16_t),
                              h.word_count * sizeof(uint32_t),
                              h.section_count * sizeof(mote_section_record)};
    const uint32_t table = random_below(8) == 0 ? random_below(6) : 1 + random_below(4);
    if (lengths[table] == 0 || lengths[table] > size)
        return;
    const size_t width = (size_t)1 << random_below(3),
                 at = starts[table] + random_below((uint32_t)lengths[table]) / width * width;
    uint32_t value = 0;
    if (at + width > size)
        return;
    memcpy(&value, file + at, width);
    value = harmful_value(value);
    memcpy(file + at, &value, width);
}

static uint32_t run_a_little(mote_session *s)
{
    mote_sampler sampler = mote_sampler_init(1);
    uint32_t digest = 0;
    for (uint32_t i = 0; i < 4; i++) {
        mote_value v;
        for (uint32_t k = 0; (v = mote_input(s, k)).data; k++)
            memset(v.data, (int)(i * 29 + k), v.size);
        if (mote_is_language_model(s->model)) {
            mote_step(s, i * 3);
            size_t length;
            mote_decode(s->model, i, mote_sample(s, &sampler), &length);
        } else {
            mote_run(s);
        }
        for (uint32_t k = 0; (v = mote_output(s, k)).data; k++)
            digest = mote_crc32(digest, v.data, v.size);
    }
    mote_selftest(s);
    return digest;
}

/* Runs a file that opens with two sets of kernels, and then with copies in half of the room that all copies need. */
static void run_if_it_opens(const uint8_t *file, size_t size, int *ran)
{
    opened o;
    uint32_t digests[2];
    if (mote_open(&o.model, file, size) != MOTE_SUCCESS || mote_arena_size(&o.model) > 1 << 20 ||
        mote_state_size(&o.model) > 1 << 20)
        return;
    start_exactly(&o);
    for (int k = 0; k < 2; k++) {
        o.session.kernels = k ? mote_best_kernels() : &mote_portable_kernels;
        mote_reset(&o.session);
        digests[k] = run_a_little(&o.session);
    }
    assert_int_equal(digests[0], digests[1]);
    stop(&o);
    const size_t whole = mote_arena_size(&o.model) + mote_state_size(&o.model) + mote_place_size(&o.model) / 2;
    void *memory = exact_memory(whole);
    assert_int_equal(mote_begin(&o.session, &o.model, memory, whole), MOTE_SUCCESS);
    assert_int_equal(run_a_little(&o.session), digests[0]);
    free(memory);
    ++*ran;
}

static void sealed_mutations(void **state)
{
    (void)state;
    static const mote_scheme schemes[] = {MOTE_SCHEME_TERNARY, MOTE_SCHEME_INT16, MOTE_SCHEME_INT4, MOTE_SCHEME_SIGN};
    for (int s = 0; s < 4; s++) {
        mote_quantize_options options = ternary();
        options.weights = schemes[s];
        mote_bytes file = packed_file(&tiny, &options);
        uint8_t *copy = exact_memory(file.size);
        int ran = 0;
        for (int i = 0; i < 8000; i++) {
            memcpy(copy, file.data, file.size);
            for (uint32_t n = 1 + random_below(3); n > 0; n--)
                mutate(copy, file.size);
            seal(copy, file.size);
            run_if_it_opens(copy, file.size, &ran);
        }
        assert_true(ran > 40); /* files with harmless changes open, so that the runtime is tested */
        free(copy);
        free(file.data);
    }
}

/* Refuses wrong padding, and int16 weights beyond their bound. */
static void weights_of_other_types(void **state)
{
    (void)state;
    static const struct {
        mote_scheme scheme;
        size_t at; /* in the first row of 20 columns */
        uint8_t byte;
        mote_status status;
    } cases[] = {{MOTE_SCHEME_INT4, 15, 0x08, MOTE_BAD_TABLE},
                 {MOTE_SCHEME_SIGN, 15, 0x02, MOTE_BAD_TABLE},
                 {MOTE_SCHEME_SIGN, 0, 0x04, MOTE_BAD_TABLE},
                 {MOTE_SCHEME_INT16, 39, 0x80, MOTE_BAD_OPERATOR}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mote_quantize_options options = ternary();
        options.weights = cases[i].scheme;
        mote_bytes file = packed_file(&tiny, &options);
        uint8_t *copy = exact_memory(file.size);
        uint32_t offset;
        mote_model m;
        memcpy(copy, file.data, file.size);
        memcpy(&offset, copy + record_of(&file, "recurrent.weight") + offsetof(mote_tensor_record, offset), 4);
        assert_int_equal(mote_open(&m, copy, file.size), MOTE_SUCCESS);
        copy[offset + cases[i].at] = cases[i].byte;
        if (cases[i].scheme == MOTE_SCHEME_INT16)
            for (size_t c = 0; c < 20; c++)
                copy[offset + 2 * c] = 0, copy[offset + 2 * c + 1] = 0x80;
        seal(copy, file.size);
        assert_int_equal(mote_open(&m, copy, file.size), cases[i].status);
        free(copy);
        free(file.data);
    }
}

/* Changes records and parameters of the files that `make` returns for seeds 1..seeds. */
static void mutate_sealed(mote_bytes (*make)(uint32_t seed), uint32_t seeds, int mutations)
{
    int ran = 0;
    for (uint32_t seed = 1; seed <= seeds; seed++) {
        mote_bytes file = make(seed);
        uint8_t *copy = exact_memory(file.size);
        for (int i = 0; i < mutations; i++) {
            memcpy(copy, file.data, file.size);
            for (uint32_t n = 1 + random_below(3); n > 0; n--)
                mutate(copy, file.size);
            seal(copy, file.size);
            run_if_it_opens(copy, file.size, &ran);
        }
        free(copy);
        free(file.data);
    }
    assert_true(ran > 500);
}

static void sealed_mutations_of_any_operator(void **state)
{
    (void)state;
    mutate_sealed(random_file, 40, 300);
}

/* The network is not a language model, and has a golden section and a placement. */
static void sealed_mutations_of_any_network(void **state)
{
    (void)state;
    mutate_sealed(mixer_file, 20, 500);
}

static void any_operator_cut_off_or_flipped(void **state)
{
    (void)state;
    mote_model m;
    for (uint32_t seed = 100; seed < 104; seed++) {
        mote_bytes file = random_file(seed);
        for (size_t size = 0; size < file.size; size += 1 + size / 100) {
            uint8_t *cut = exact_memory(size);
            memcpy(cut, file.data, size);
            assert_int_equal(mote_open(&m, cut, size), size < 4 ? MOTE_BAD_MAGIC : MOTE_BAD_SIZE);
            free(cut);
        }
        for (size_t bit = 0; bit < 8 * file.size; bit += 1 + bit / 50) {
            file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
            assert_int_not_equal(mote_open(&m, file.data, file.size), MOTE_SUCCESS);
            file.data[bit / 8] ^= (uint8_t)(1 << bit % 8);
        }
        free(file.data);
    }
}

/* Every parameter with a range, at its limits and beyond. */
static void parameters_out_of_range(void **state)
{
    (void)state;
    static const struct {
        mote_opcode opcode;
        int param;
        int32_t low, high;
    } ranges[] = {{MOTE_OP_EMBEDDING, MOTE_EMBEDDING_SHIFT, 0, 30},
                  {MOTE_OP_LINEAR, MOTE_PRODUCT_SHIFT, -8, 24},
                  {MOTE_OP_LINEAR, MOTE_PRODUCT_GAIN, 0, 8},
                  {MOTE_OP_MUL, MOTE_MUL_SHIFT, 0, 30},
                  {MOTE_OP_RMSNORM, MOTE_NORM_EPSILON, 1, 1 << 30},
                  {MOTE_OP_RMSNORM, MOTE_NORM_FORM, 4, 14},
                  {MOTE_OP_RMSNORM, MOTE_NORM_SHIFT, 0, 30},
                  {MOTE_OP_LAYERNORM, MOTE_NORM_EPSILON, 1, 1 << 30},
                  {MOTE_OP_LAYERNORM, MOTE_NORM_FORM, 4, 14},
                  {MOTE_OP_LAYERNORM, MOTE_NORM_SHIFT, 0, 30},
                  {MOTE_OP_SILU, MOTE_CURVE_UNIT, 4, 14},
                  {MOTE_OP_GELU, MOTE_CURVE_UNIT, 4, 14},
                  {MOTE_OP_ATTENTION, MOTE_ATTENTION_SCORE, 1, 32767},
                  {MOTE_OP_ATTENTION, MOTE_ATTENTION_SCORE_SHIFT, 8, 30}};
    uint32_t met[MOTE_OPCODE_COUNT] = {0};
    for (uint32_t seed = 200; seed < 230; seed++) {
        mote_bytes file = random_file(seed);
        mote_header h;
        memcpy(&h, file.data, sizeof h);
        for (uint32_t i = 0; i < h.op_count; i++) {
            mote_op_record *op = (mote_op_record *)(void *)(file.data + h.op_offset) + i;
            int32_t *params = (int32_t *)(void *)(file.data + h.word_offset) + op->params;
            for (size_t k = 0; k < sizeof ranges / sizeof *ranges; k++) {
                if (op->opcode != ranges[k].opcode)
                    continue;
                int32_t *param = &params[ranges[k].param], before = *param;
                const int32_t tries[] = {ranges[k].low - 1, ranges[k].high + 1, INT32_MIN,
                                         INT32_MAX,         ranges[k].low,      ranges[k].high};
                for (int t = 0; t < 6; t++) {
                    mote_model m;
                    *param = tries[t];
                    seal(file.data, file.size);
                    assert_int_equal(mote_open(&m, file.data, file.size), t < 4 ? MOTE_BAD_OPERATOR : MOTE_SUCCESS);
                    int ran = 0;
                    run_if_it_opens(file.data, file.size, &ran);
                }
                *param = before;
                met[op->opcode]++;
            }
        }
        free(file.data);
    }
    for (size_t k = 0; k < sizeof ranges / sizeof *ranges; k++)
        assert_true(met[ranges[k].opcode] > 0);
}

/* The same for the reader of the compiler, with packed and float files. */
static void mutations_decoded(void **state)
{
    (void)state;
    mote_graph g, back;
    float_model(&g, &tiny);
    mote_bytes files[2] = {encoded(&g), tiny_file()};
    mote_graph_free(&g);
    int read = 0;
    for (int i = 0; i < 8000; i++) {
        const mote_bytes *file = &files[i % 2];
        uint8_t *copy = exact_memory(file->size);
        memcpy(copy, file->data, file->size);
        for (uint32_t n = 1 + random_below(2); n > 0; n--)
            mutate(copy, file->size);
        seal(copy, file->size);
        mote_error error = {0};
        if (mote_graph_decode(&back, copy, file->size, "file", &error)) {
            mote_graph_free(&back);
            read++;
        } else {
            assert_int_equal(error.code, MOTE_E_FORMAT);
            assert_int_equal(strncmp(error.text, "file: ", 6), 0);
        }
        free(copy);
    }
    assert_true(read > 100);
    free(files[0].data);
    free(files[1].data);
}

static void misaligned_or_too_small(void **state)
{
    (void)state;
    mote_bytes file = tiny_file();
    opened o;
    uint8_t *shifted = exact_memory(file.size + 8);
    memcpy(shifted + 8, file.data, file.size);
    assert_int_equal(mote_open(&o.model, shifted + 8, file.size), MOTE_BAD_ALIGNMENT);
    free(shifted);
    assert_int_equal(mote_open(&o.model, file.data, file.size), MOTE_SUCCESS);
    start_exactly(&o);
    const size_t arena = mote_arena_size(&o.model), persistent = mote_state_size(&o.model);
    mote_session s;
    assert_int_equal(mote_start(&s, &o.model, o.arena, arena - 1, o.state, persistent), MOTE_TOO_SMALL);
    assert_int_equal(mote_start(&s, &o.model, o.arena, arena, o.state, persistent - 1), MOTE_TOO_SMALL);
    assert_int_equal(mote_start(&s, &o.model, (uint8_t *)o.arena + 4, arena, o.state, persistent), MOTE_BAD_ALIGNMENT);
    stop(&o);
    free(file.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(truncated_at_every_length),
        cmocka_unit_test(every_single_bit),
        cmocka_unit_test(named_refusals),
        cmocka_unit_test(unproved_weights),
        cmocka_unit_test(sealed_mutations),
        cmocka_unit_test(weights_of_other_types),
        cmocka_unit_test(sealed_mutations_of_any_operator),
        cmocka_unit_test(sealed_mutations_of_any_network),
        cmocka_unit_test(any_operator_cut_off_or_flipped),
        cmocka_unit_test(parameters_out_of_range),
        cmocka_unit_test(mutations_decoded),
        cmocka_unit_test(misaligned_or_too_small),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
