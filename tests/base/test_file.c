/* Tests of file access: outputs appear complete or not at all, and inputs that are not regular files are refused by
 * name. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"

static char folder[] = "/tmp/mote-test-file-XXXXXX";
static char path[64];

static int enter(void **state)
{
    (void)state;
    if (!mkdtemp(folder))
        return -1;
    snprintf(path, sizeof path, "%s/out", folder);
    return 0;
}

static int leave(void **state)
{
    (void)state;
    unlink(path);
    return rmdir(folder); /* fails when another file was left behind */
}

static void assert_holds(const char *text)
{
    mote_bytes got;
    mote_error error;
    assert_true(mote_file_read(path, 1 << 20, &got, &error));
    assert_int_equal(got.size, strlen(text));
    assert_memory_equal(got.data, text, got.size);
    assert_int_equal((uintptr_t)got.data % 64, 0);
    free(got.data);
}

static void test_write_then_read(void **state)
{
    (void)state;
    mote_error error;
    assert_true(mote_file_write(path, "one", 3, &error));
    assert_holds("one");
    assert_true(mote_file_write(path, "", 0, &error));
    assert_holds("");
}

static void test_discard_keeps_the_old(void **state)
{
    (void)state;
    mote_error error;
    assert_true(mote_file_write(path, "old", 3, &error));
    mote_output_file out;
    assert_true(mote_output_begin(&out, path, &error));
    fputs("new", out.stream);
    fflush(out.stream);
    assert_holds("old");
    mote_output_discard(&out);
    assert_holds("old");
}

static void test_refusals(void **state)
{
    (void)state;
    mote_error error;
    mote_bytes bytes;
    mote_output_file out;
    assert_false(mote_file_read(folder, 100, &bytes, &error));
    assert_int_equal(error.code, MOTE_E_INPUT);
    assert_non_null(strstr(error.text, "directory"));
    assert_false(mote_file_read("/dev/zero", 100, &bytes, &error));
    assert_non_null(strstr(error.text, "not a regular file"));
    assert_false(mote_file_read("/nowhere/at/all", 100, &bytes, &error));
    assert_non_null(strstr(error.text, "/nowhere/at/all"));
    assert_true(mote_file_write(path, "12345", 5, &error));
    assert_false(mote_file_read(path, 4, &bytes, &error));
    assert_false(mote_output_begin(&out, folder, &error));
    assert_int_equal(error.code, MOTE_E_OUTPUT);
    assert_false(mote_output_begin(&out, "/nowhere/at/all", &error));
    assert_int_equal(error.code, MOTE_E_OUTPUT);
}

/* /dev/full accepts no bytes: a stream that could not be written must not be committed. */
static void test_full_disk_is_reported(void **state)
{
    (void)state;
    mote_error error;
    assert_true(mote_file_write(path, "old", 3, &error));
    mote_output_file out;
    assert_true(mote_output_begin(&out, path, &error));
    assert_non_null(freopen("/dev/full", "w", out.stream));
    fputs("new", out.stream);
    assert_false(mote_output_commit(&out, &error));
    assert_int_equal(error.code, MOTE_E_OUTPUT);
    assert_non_null(strstr(error.text, "No space left"));
    assert_holds("old");
}

/* A file that becomes shorter makes the read fail; it does not end the process. */
static void test_input_in_pieces(void **state)
{
    (void)state;
    mote_error error;
    mote_input_file in;
    char piece[4] = "";
    assert_false(mote_input_open(&in, folder, &error));
    assert_non_null(strstr(error.text, "directory"));
    assert_false(mote_input_open(&in, "/dev/zero", &error));
    assert_non_null(strstr(error.text, "not a regular file"));
    assert_false(mote_input_open(&in, "/nowhere/at/all", &error));
    assert_true(mote_file_write(path, "123456789", 9, &error));
    assert_true(mote_input_open(&in, path, &error));
    assert_int_equal(in.size, 9);
    assert_true(mote_input_read(&in, 5, piece, 4, &error));
    assert_memory_equal(piece, "6789", 4);
    assert_int_equal(truncate(path, 7), 0);
    assert_true(mote_input_read(&in, 4, piece, 3, &error));
    assert_false(mote_input_read(&in, 5, piece, 4, &error));
    assert_int_equal(error.code, MOTE_E_INPUT);
    assert_non_null(strstr(error.text, "became shorter"));
    mote_input_close(&in);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_write_then_read), cmocka_unit_test(test_discard_keeps_the_old),
        cmocka_unit_test(test_refusals),        cmocka_unit_test(test_full_disk_is_reported),
        cmocka_unit_test(test_input_in_pieces),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
