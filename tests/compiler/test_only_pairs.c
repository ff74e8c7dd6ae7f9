/* Tests that a build for byte pairs without words encodes them, and refuses a tokenizer that cuts words by name. This
 * file compiles those parts of the runtime itself, so that the library's are not linked. */
#define MOTE_TOKENIZERS (1 << MOTE_TOKENIZER_BPE)

#include "tests/compiler/packed.h"

#include <stdlib.h>

#include "compiler/token/token.h"
#include "runtime/tokenizer.c"
#include "runtime/tokenizer_check.c"

/* Returns a section of the tokens of "aaab aaab ..." with these flags, which the caller frees. */
static mote_bytes section_with(uint32_t flags)
{
    static const char text[] = "aaab aaab aaab aaab";
    const mote_learn_options options = {.vocabulary = 5};
    mote_bytes section;
    mote_error error = {0};
    if (!mote_bpe_learn((const uint8_t *)text, sizeof text - 1, &options, &section, &error))
        fail_msg("%s", error.text);
    ((mote_bpe_tokenizer *)section.data)->flags |= (uint16_t)flags;
    assert_true(mote_tokenizer_fits(section.data, (uint32_t)section.size));
    return section;
}

static void pairs_are_read(void **state)
{
    (void)state;
    mote_bytes section = section_with(0);
    uint16_t tokens[8];
    assert_false(mote_tokenizer_is_left_out((const void *)section.data));
    const int32_t count = mote_tokenizer_encode((const void *)section.data, (const uint8_t *)"aaab", 4, tokens, 8);
    assert_true(count > 0 && count < 4); /* pairs were merged */
    free(section.data);
}

static void words_and_bytes_are_left_out(void **state)
{
    (void)state;
    mote_bytes section = section_with(MOTE_TOKENIZER_WORDS);
    assert_true(mote_tokenizer_is_left_out((const void *)section.data));
    const mote_byte_tokenizer bytes = {.kind = MOTE_TOKENIZER_BYTES};
    assert_true(mote_tokenizer_is_left_out((const void *)&bytes));
    free(section.data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_are_read),
        cmocka_unit_test(words_and_bytes_are_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
