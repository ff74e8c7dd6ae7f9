/* Damaged tokenizer.json and tokenizer.model are refused or give a valid section. Words that a device cuts cover the
 * text. */
#include "compiler/token/token.h"
#include "runtime/tokenizer.h"
#include "runtime/words.h"
#include "tests/compiler/packed.h"

static uint32_t rng = 5;

static uint32_t random_below(uint32_t n)
{
    rng = rng * 1664525u + 1013904223u;
    return (rng >> 8) % n;
}

typedef bool reader(const mote_bytes *file, mote_bytes *section, mote_error *error);

static bool reads(reader *read, const uint8_t *data, size_t size)
{
    mote_error error = {0};
    mote_bytes section = {0}, file = {exact_memory(size), size};
    memcpy(file.data, data, size);
    const bool done = read(&file, &section, &error);
    if (done)
        assert_true(mote_tokenizer_fits(section.data, (uint32_t)section.size));
    else
        assert_true(error.code && error.text[0]);
    free(done ? section.data : NULL);
    free(file.data);
    return done;
}

/* Cuts the file at every length, then changes bytes of it. */
static void attack(reader *read, const uint8_t *data, size_t size)
{
    uint8_t copy[4096];
    assert_true(size <= sizeof copy && reads(read, data, size));
    for (size_t cut = 0; cut < size; cut++)
        reads(read, data, cut);
    for (int i = 0; i < 1500; i++) {
        memcpy(copy, data, size);
        for (uint32_t n = 1 + random_below(3); n > 0; n--)
            copy[random_below((uint32_t)size)] ^= (uint8_t)(1 << random_below(8));
        reads(read, copy, size);
    }
}

static void damaged_json(void **state)
{
    (void)state;
    static const char text[] =
        "{\"added_tokens\": [{\"id\": 1, \"content\": \"<s>\", \"special\": true}],"
        "\"normalizer\": {\"type\": \"Sequence\", \"normalizers\": [{\"type\": \"Prepend\", \"prepend\": \"▁\"},"
        "{\"type\": \"Replace\", \"pattern\": {\"String\": \" \"}, \"content\": \"▁\"}]},"
        "\"post_processor\": {\"type\": \"TemplateProcessing\", \"single\": [{\"SpecialToken\": {\"id\": \"<s>\"}},"
        "{\"Sequence\": {\"id\": \"A\"}}]}, \"model\": {\"type\": \"BPE\", \"unk_token\": \"<unk>\","
        "\"byte_fallback\": true, \"vocab\": {\"<unk>\": 0, \"<s>\": 1, \"<0x0A>\": 2, \"a\": 3, \"b\": 4, \"▁\": 5,"
        "\"▁a\": 6, \"ab\": 7, \"▁ab\": 8}, \"merges\": [\"▁ a\", [\"a\", \"b\"], \"▁a b\"]}}";
    attack(mote_tokenizer_json_read, (const uint8_t *)text, sizeof text - 1);
}

static void damaged_model(void **state)
{
    (void)state;
    /* <unk>; <s>; </s>; "▁" -1; "a" -2; "▁a" 0; <0x0A>; then the trainer: BPE, and the normalizer: no map. */
    static const uint8_t model[] = "\n\x09\n\5<unk>\x18\2"
                                   "\n\7\n\3<s>\x18\3"
                                   "\n\x08\n\4</s>\x18\3"
                                   "\n\x0a\n\3\xe2\x96\x81\x15\0\0\x80\xbf"
                                   "\n\x08\n\1"
                                   "a\x15\0\0\0\xc0"
                                   "\n\x0b\n\4\xe2\x96\x81"
                                   "a\x15\0\0\0\0"
                                   "\n\x0a\n\6<0x0A>\x18\6"
                                   "\x12\2\x18\2"
                                   "\x1a\2\x18\1";
    attack(mote_sentencepiece_read, model, sizeof model - 1);
}

static void words_cover_the_text(void **state)
{
    (void)state;
    static const char *const parts[] = {"a",        " ",    "'",        "s",    "1", "\n", "é",
                                        "\xc2\xa0", "\xe2", "\xf0\x9f", "\x80", ",", "l"};
    for (int i = 0; i < 5000; i++) {
        char text[128] = "";
        for (uint32_t n = random_below(24); n > 0; n--)
            strcat(text, parts[random_below(13)]);
        const size_t size = strlen(text);
        uint8_t *copy = exact_memory(size);
        memcpy(copy, text, size);
        int space = random_below(2) != 0;
        const uint32_t flags = random_below(2) ? MOTE_TOKENIZER_DIGITS : 0;
        for (size_t at = 0, n; at < size; at += n, space = 0) {
            n = mote_word(copy + at, size - at, flags, space);
            assert_true((n || space) && n <= size - at);
        }
        free(copy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(damaged_json),
        cmocka_unit_test(damaged_model),
        cmocka_unit_test(words_cover_the_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
