/* Files of other kinds are named; the first bytes of a model are not taken for one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/foreign.h"

static void kinds(void **state)
{
    (void)state;
    static const struct {
        const char *start, *part;
        size_t size;
    } cases[] = {
        {"", "x: the file is empty", 0},
        {"version https://git-lfs.github.com/spec/v1", "x: a Git LFS pointer", 42},
        {"PK\3\4", "x: a zip archive", 4},
        {"\x80\2\x8a\nl", "x: a Python pickle", 5},
        {"\x80\4\x95", "x: a Python pickle", 3},
        {"\n\n <!DocType HTML>", "x: a web page", 18},
        {"<HTML>", "x: a web page", 6},
        {"\x1f\x8b\x08", "x: compressed by gzip", 3},
        {"GGUF", "x: a GGUF file", 4},
        {"PK\3", NULL, 3},
        {"\x80\2\0\0", NULL, 4}, /* llama2.c checkpoints of dim 640 and 1152 */
        {"\x80\4\0\0", NULL, 4},
        {"RUVM", NULL, 4},
        {"{\"a\": \"<html\"}", NULL, 13},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mote_error error = {0};
        const bool none = mote_foreign_none("x", (const uint8_t *)cases[i].start, cases[i].size, &error);
        assert_int_equal(none, !cases[i].part);
        if (!none)
            assert_memory_equal(error.text, cases[i].part, strlen(cases[i].part));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(kinds)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
