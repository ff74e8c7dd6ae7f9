/* Tests that a build for tokens of single bytes encodes and decodes them, and refuses byte pairs by name. This file
 * compiles those parts of the runtime itself, so that the library's are not linked. */
#define MOTE_TOKENIZERS (1 << MOTE_TOKENIZER_BYTES)

#include "tests/compiler/packed.h"

#include <stdlib.h>

#include "runtime/tokenizer.c"
#include "runtime/tokenizer_check.c"

static mote_bytes bytes_file(void)
{
    const mote_tinylm_shape shape = {20, 16, 32, 1, false};
    const mote_quantize_options options = {.weights = MOTE_SCHEME_INT8, .granularity = MOTE_PER_ROW};
    return packed_file(&shape, &options);
}

static void bytes_are_read(void **state)
{
    (void)state;
    mote_bytes file = bytes_file();
    mote_model m;
    uint16_t tokens[4];
    size_t size;
    assert_int_equal(mote_open(&m, file.data, file.size), MOTE_SUCCESS);
    assert_int_equal(mote_encode_prompt(&m, "cab", 3, tokens, 4), 3);
    assert_memory_equal(tokens, ((uint16_t[]){2, 0, 1}), sizeof(uint16_t[3]));
    assert_int_equal(*mote_decode(&m, 0, 2, &size), 'c');
    assert_int_equal(size, 1);
    assert_false(mote_ends_text(&m, 2));
    free(file.data);
}

static mote_status opened_with_kind(uint16_t kind)
{
    mote_bytes file = bytes_file();
    mote_model m;
    assert_int_equal(mote_open(&m, file.data, file.size), MOTE_SUCCESS);
    ((mote_tokenizer *)m.tokenizer)->kind = kind;
    seal(file.data, file.size);
    const mote_status status = mote_open(&m, file.data, file.size);
    free(file.data);
    return status;
}

static void byte_pairs_are_refused_by_name(void **state)
{
    (void)state;
    assert_int_equal(opened_with_kind(MOTE_TOKENIZER_BPE), MOTE_NO_KERNEL);
    assert_int_equal(opened_with_kind(2), MOTE_BAD_TABLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bytes_are_read),
        cmocka_unit_test(byte_pairs_are_refused_by_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
