/* Tests that docs/manifest.md lists what the program writes and reads. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "compiler/graph/functions.h"
#include "compiler/graph/graph.h"
#include "compiler/graph/names.h"

/* Returns the row of a tensor's key in the table, without the key: "| `f32`, `int32` |". The caller frees it. */
static char *row_of(const char *key)
{
    mote_bytes file;
    mote_error error = {0};
    char start[64];
    if (!mote_file_read(MOTE_SOURCE_DIR "/docs/manifest.md", 1 << 20, &file, &error))
        fail_msg("%s", error.text);
    char *text = strndup((const char *)file.data, file.size), *row = NULL;
    free(file.data);
    snprintf(start, sizeof start, "\n| `%s` ", key);
    const char *at = strstr(text, start);
    assert_non_null(at);
    at += strlen(start);
    row = strndup(at, strcspn(at, "\n"));
    free(text);
    return row;
}

static void check_row(const char *key, const char *const *names, int count)
{
    char *row = row_of(key);
    int ticks = 0;
    for (const char *p = row; *p; p++)
        ticks += *p == '`';
    assert_int_equal(ticks, 2 * count);
    for (int i = 0; i < count; i++) {
        char word[64];
        snprintf(word, sizeof word, "`%s`", names[i]);
        if (!strstr(row, word))
            fail_msg("docs/manifest.md, %s: no %s", key, word);
    }
    free(row);
}

static void names_of_the_manifest(void **state)
{
    (void)state;
    const char *types[MOTE_DTYPE_COUNT];
    for (int i = 0; i < MOTE_DTYPE_COUNT; i++)
        types[i] = mote_dtype_name((mote_dtype)i);
    check_row("type", types, MOTE_DTYPE_COUNT);
    check_row("role", mote_role_names, MOTE_ROLE_COUNT);
    check_row("layout", mote_layout_names, MOTE_LAYOUT_COUNT);
}

/* SPEC numbers the functions of `map`. */
static void functions_of_map(void **state)
{
    (void)state;
    mote_bytes file;
    mote_error error = {0};
    if (!mote_file_read(MOTE_SOURCE_DIR "/docs/SPEC.md", 1 << 20, &file, &error))
        fail_msg("%s", error.text);
    char *text = strndup((const char *)file.data, file.size);
    for (int i = 0; i < MOTE_FUNCTION_COUNT; i++) {
        char row[64];
        snprintf(row, sizeof row, "\n| %d | %s | ", i, mote_function_name((mote_function)i));
        if (!strstr(text, row))
            fail_msg("docs/SPEC.md has no row%s", row);
    }
    free(file.data);
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_of_the_manifest),
        cmocka_unit_test(functions_of_map),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
