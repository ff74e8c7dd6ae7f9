/* Writes three small packed networks: a language model of bytes, one of byte pairs, and a network that is not a
 * language model. Usage: models FOLDER */
#include "tests/compiler/mixer.h"

#include "compiler/token/token.h"

static const char *folder;

static void write_file(const char *name, mote_bytes file)
{
    char path[512];
    mote_error error = {0};
    snprintf(path, sizeof path, "%s/%s", folder, name);
    assert_true(mote_file_write(path, file.data, file.size, &error));
    free(file.data);
}

static void write_bytes(void **state)
{
    (void)state;
    const mote_tinylm_shape shape = {20, 16, 32, 1, false};
    const mote_quantize_options options = {.weights = MOTE_SCHEME_TERNARY, .granularity = MOTE_PER_ROW};
    write_file("bytes.mote", packed_file(&shape, &options));
}

static void write_pairs(void **state)
{
    (void)state;
    static const char text[] = "Once upon a time there was a mote, and Once upon a time there was another.";
    const mote_learn_options learn = {.vocabulary = 40};
    const mote_quantize_options options = {.weights = MOTE_SCHEME_INT8, .granularity = MOTE_PER_ROW};
    mote_graph g, packed;
    mote_bytes section;
    mote_error error = {0};
    if (!mote_bpe_learn((const uint8_t *)text, strlen(text), &learn, &section, &error))
        fail_msg("%s", error.text);
    const mote_tinylm_shape shape = {((const mote_tokenizer *)(const void *)section.data)->vocabulary, 16, 32, 1,
                                     false};
    assert_true(mote_tinylm_build(&g, &shape, 5, &error));
    assert_true(mote_graph_set_tokenizer(&g, section.data, (uint32_t)section.size));
    if (!mote_graph_quantize(&g, &options, &packed, &error))
        fail_msg("%s", error.text);
    write_file("pairs.mote", encoded(&packed));
    free(section.data);
    mote_graph_free(&g), mote_graph_free(&packed);
}

static void write_mixer(void **state)
{
    (void)state;
    write_file("mixer.mote", mixer_file(1));
}

int main(int argc, char **argv)
{
    const struct CMUnitTest files[] = {cmocka_unit_test(write_bytes), cmocka_unit_test(write_pairs),
                                       cmocka_unit_test(write_mixer)};
    if (argc != 2)
        return 2;
    folder = argv[1];
    return cmocka_run_group_tests(files, NULL, NULL);
}
