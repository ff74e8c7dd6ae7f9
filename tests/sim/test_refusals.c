/* Tests what a simulated chip refuses, with the messages of the host, and the errors when a program is not
 * installed. */
#include "runtime/crc32.h"
#include "runtime/model.h"
#include "runtime/place.h"
#include "tests/sim/models.h"

static const mote_sim_chip *const chips[] = {&mote_sim_chips[2], &mote_sim_chips[3]}; /* Xtensa, RISC-V */

static mote_bytes small_model(void)
{
    return packed_model((mote_tinylm_shape){64, 16, 16, 1, false}, MOTE_SCHEME_INT8, ROWS);
}

static void refused(const mote_sim_chip *chip, mote_bytes file, const mote_sim_options *o, mote_code code,
                    const char *words)
{
    mote_sim_result r;
    mote_error error = {0};
    assert_false(mote_sim_run(chip, file, "some.mote", o, &r, &error));
    if (error.code != code || !strstr(error.text, words))
        fail_msg("%s: expected \"%s\" (%d), got \"%s\" (%d)", chip->name, words, code, error.text, error.code);
}

/* Returns the size of a copy of all constants and tables. */
static size_t file_constants(const mote_model *model)
{
    uint16_t tensors[64];
    size_t count = 0;
    for (uint16_t i = 0; i < mote_header_of(model)->tensor_count; i++)
        if (mote_record(model, i)->role == MOTE_CONSTANT)
            tensors[count++] = i;
    return mote_place_tensors_size(model, tensors, count);
}

static void set_crc(mote_bytes file)
{
    const uint32_t crc = mote_crc32(0, file.data + 16, file.size - 16);
    memcpy(file.data + 12, &crc, sizeof crc);
}

/* One byte is changed, with or without a corrected checksum. */
static void damaged(void **state)
{
    (void)state;
    const struct {
        size_t offset;
        uint8_t value;
        bool right_crc;
        mote_status status;
    } cases[] = {
        {0, 'X', true, MOTE_BAD_MAGIC},   {4, 99, true, MOTE_BAD_VERSION},
        {8, 1, true, MOTE_BAD_SIZE},      {200, 0xa5, false, MOTE_BAD_CRC},
        {26, 0xff, true, MOTE_BAD_TABLE}, {offsetof(mote_header, flags), 0, true, MOTE_NOT_PACKED},
    };
    const mote_sim_options o = talk("", 2);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        mote_bytes file = small_model();
        mote_model model;
        file.data[cases[i].offset] = (uint8_t)(file.data[cases[i].offset] == cases[i].value ? 0x5a : cases[i].value);
        if (cases[i].right_crc)
            set_crc(file);
        assert_int_equal(mote_open(&model, file.data, file.size), cases[i].status);
        for (int c = 0; c < 2; c++)
            if (can_run(chips[c]))
                refused(chips[c], file, &o, cases[i].status == MOTE_NOT_PACKED ? MOTE_E_UNSUPPORTED : MOTE_E_FORMAT,
                        mote_status_text(cases[i].status));
        free(file.data);
    }
}

static void truncated(void **state)
{
    (void)state;
    mote_bytes file = small_model();
    const mote_sim_options o = talk("", 2);
    const size_t sizes[] = {0, 20, 64, file.size - 1};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        for (int c = 0; c < 2; c++)
            if (can_run(chips[c]))
                refused(chips[c], (mote_bytes){file.data, sizes[i]}, &o, MOTE_E_FORMAT,
                        mote_status_text(sizes[i] < 4 ? MOTE_BAD_MAGIC : MOTE_BAD_SIZE));
    free(file.data);
}

/* 65,000 scores of 2 bytes do not fit in the 120 KB of an ESP32-S2; nor does a file larger than its flash. */
static void too_big(void **state)
{
    (void)state;
    const mote_sim_chip *s2 = &mote_sim_chips[1];
    if (!can_run(s2))
        skip();
    mote_bytes file = packed_model((mote_tinylm_shape){65000, 8, 8, 1, false}, MOTE_SCHEME_INT8, ROWS);
    mote_sim_options o = talk("", 1);
    mote_model model;
    assert_int_equal(mote_open(&model, file.data, file.size), MOTE_SUCCESS);
    const size_t need = mote_arena_size(&model) + mote_state_size(&model);
    char words[64];
    snprintf(words, sizeof words, "needs %zu bytes", need);
    refused(s2, file, &o, MOTE_E_UNSUPPORTED, words);
    snprintf(words, sizeof words, "which is %zu more than the 122880", need - 122880);
    refused(s2, file, &o, MOTE_E_UNSUPPORTED, words);
    o.weights = MOTE_IN_SRAM;
    snprintf(words, sizeof words, "which is %zu more than", need + file_constants(&model) - 122880);
    refused(s2, file, &o, MOTE_E_UNSUPPORTED, words);
    free(file.data);

    mote_bytes large = {calloc(1, (3u << 20) + 7), (3u << 20) + 7};
    refused(s2, large, &o, MOTE_E_UNSUPPORTED, "which is 7 more than the 3145728 bytes of flash");
    free(large.data);
}

static void too_long(void **state)
{
    (void)state;
    mote_bytes file = small_model();
    mote_sim_options o = talk("", MOTE_SIM_MAX_TOKENS);
    refused(chips[0], file, &o, MOTE_E_UNSUPPORTED, "tokens; a simulation draws at most");
    o = talk("", 100000);
    o.timeout = 0.05;
    for (int c = 0; c < 2; c++)
        if (can_run(chips[c]))
            refused(chips[c], file, &o, MOTE_E_MISMATCH, "did not end within 0.05 seconds");
    free(file.data);
}

static void not_installed(void **state)
{
    (void)state;
    mote_bytes file = small_model();
    const mote_sim_options o = talk("", 1);
    setenv("MOTE_SIM_DIR", "/nonexistent", 1);
    refused(chips[0], file, &o, MOTE_E_UNSUPPORTED, "apt-get install gcc-xtensa-lx106");
    refused(chips[1], file, &o, MOTE_E_UNSUPPORTED, "apt-get install gcc-riscv64-unknown-elf");
    use_built_programs();
    if (can_run(chips[1])) {
        char *path = strdup(getenv("PATH"));
        setenv("PATH", "/nonexistent", 1);
        refused(chips[1], file, &o, MOTE_E_UNSUPPORTED, "apt-get install qemu-system-misc");
        setenv("PATH", path, 1);
        free(path);
    }
    free(file.data);
}

int main(void)
{
    use_built_programs();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damaged),  cmocka_unit_test(truncated),     cmocka_unit_test(too_big),
        cmocka_unit_test(too_long), cmocka_unit_test(not_installed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
