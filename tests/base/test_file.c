/* Tests of file access: outputs appear complete or not at all, and inputs that are not regular files are refused by
 * name. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
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

static unsigned mode_of(const char *name)
{
    struct stat st;
    assert_int_equal(lstat(name, &st), 0);
    return st.st_mode & 07777;
}

/* A new file has the permissions that the mask leaves, a replaced one those that it had. */
static void test_permissions(void **state)
{
    (void)state;
    mote_error error;
    const mode_t mask = umask(027);
    unlink(path);
    assert_true(mote_file_write(path, "new", 3, &error));
    umask(mask);
    assert_int_equal(mode_of(path), 0640);
    assert_int_equal(chmod(path, 0604), 0);
    assert_true(mote_file_write(path, "again", 5, &error));
    assert_int_equal(mode_of(path), 0604);
    assert_int_equal(chmod(path, 0444), 0);
    if (geteuid() != 0) {
        assert_false(mote_file_write(path, "protected", 9, &error));
        assert_int_equal(error.code, MOTE_E_OUTPUT);
        assert_holds("again");
    }
    unlink(path);
}

/* The file that a link points to is replaced, and the link stays. A link to nothing is refused. */
static void test_links_are_followed(void **state)
{
    (void)state;
    mote_error error;
    char link[80], inner[80], target[96];
    snprintf(link, sizeof link, "%s/link", folder);
    snprintf(inner, sizeof inner, "%s/inner", folder);
    snprintf(target, sizeof target, "%s/target", inner);
    assert_int_equal(mkdir(inner, 0700), 0);
    assert_int_equal(symlink("inner/target", link), 0);
    assert_false(mote_file_write(link, "x", 1, &error));
    assert_int_equal(error.code, MOTE_E_OUTPUT);
    assert_non_null(strstr(error.text, "link without a target"));
    assert_true(mote_file_write(target, "old", 3, &error));
    assert_true(mote_file_write(link, "newer", 5, &error));
    struct stat st;
    assert_true(lstat(link, &st) == 0 && S_ISLNK(st.st_mode));
    assert_true(lstat(target, &st) == 0 && S_ISREG(st.st_mode) && st.st_size == 5);
    assert_int_equal(unlink(link), 0);
    assert_int_equal(unlink(target), 0);
    assert_int_equal(rmdir(inner), 0); /* no temporary file is left in it */
}

/* A process that is killed while it writes leaves its temporary file; the next run writes the same output whole and
 * removes the rest. While the process lives, another one cannot write this output. */
static void test_killed_while_writing(void **state)
{
    (void)state;
    mote_error error;
    char beside[96];
    int ready[2], status;
    char byte;
    snprintf(beside, sizeof beside, "%s" MOTE_UNFINISHED, path);
    assert_true(mote_file_write(path, "old", 3, &error));
    assert_int_equal(pipe(ready), 0);
    const pid_t child = fork();
    if (child == 0) {
        mote_output_file out;
        if (!mote_output_begin(&out, path, &error))
            _exit(1);
        fputs("a longer text, of which only a part would be valid", out.stream);
        fflush(out.stream);
        _exit(write(ready[1], "x", 1) == 1 ? pause() : 1);
    }
    assert_true(child > 0);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_false(mote_file_write(path, "new", 3, &error));
    assert_int_equal(error.code, MOTE_E_OUTPUT);
    assert_non_null(strstr(error.text, "another run is writing"));
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_holds("old");
    assert_int_equal(access(beside, F_OK), 0);
    assert_true(mote_file_write(path, "new", 3, &error));
    assert_holds("new");
    assert_int_not_equal(access(beside, F_OK), 0);
    close(ready[0]);
    close(ready[1]);
}

/* Files of the temporary file's name that this program did not make are neither followed nor emptied. */
static void test_foreign_temporary_file(void **state)
{
    (void)state;
    mote_error error;
    char beside[96], other[96];
    snprintf(beside, sizeof beside, "%s" MOTE_UNFINISHED, path);
    snprintf(other, sizeof other, "%s/other", folder);
    assert_true(mote_file_write(other, "precious", 8, &error));
    for (int hard = 0; hard < 2; hard++) {
        assert_int_equal(hard ? link(other, beside) : symlink("other", beside), 0);
        assert_false(mote_file_write(path, "new", 3, &error));
        assert_int_equal(error.code, MOTE_E_OUTPUT);
        assert_non_null(strstr(error.text, MOTE_UNFINISHED));
        assert_int_equal(unlink(beside), 0);
        struct stat st;
        assert_int_equal(stat(other, &st), 0);
        assert_int_equal(st.st_size, 8);
    }
    assert_int_equal(mkdir(beside, 0700), 0);
    assert_false(mote_file_write(path, "new", 3, &error));
    assert_int_equal(rmdir(beside), 0);
    assert_int_equal(unlink(other), 0);
}

static void test_probe(void **state)
{
    (void)state;
    mote_error error;
    unlink(path);
    assert_true(mote_output_probe(path, &error));
    assert_int_not_equal(access(path, F_OK), 0);
    assert_true(mote_file_write(path, "old", 3, &error));
    assert_true(mote_output_probe(path, &error));
    assert_holds("old");
    assert_false(mote_output_probe(folder, &error));
}

/* Opening a pipe that nobody writes to fails at once. */
static void test_pipes_do_not_block(void **state)
{
    (void)state;
    mote_error error;
    mote_bytes bytes;
    mote_input_file in;
    char pipe[96];
    snprintf(pipe, sizeof pipe, "%s/pipe", folder);
    assert_int_equal(mkfifo(pipe, 0600), 0);
    alarm(20);
    assert_false(mote_file_read(pipe, 100, &bytes, &error));
    assert_non_null(strstr(error.text, "not a regular file"));
    assert_false(mote_input_open(&in, pipe, &error));
    assert_non_null(strstr(error.text, "not a regular file"));
    assert_false(mote_output_probe(pipe, &error));
    alarm(0);
    assert_int_equal(unlink(pipe), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_write_then_read),
        cmocka_unit_test(test_discard_keeps_the_old),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_full_disk_is_reported),
        cmocka_unit_test(test_input_in_pieces),
        cmocka_unit_test(test_permissions),
        cmocka_unit_test(test_links_are_followed),
        cmocka_unit_test(test_killed_while_writing),
        cmocka_unit_test(test_foreign_temporary_file),
        cmocka_unit_test(test_probe),
        cmocka_unit_test(test_pipes_do_not_block),
    };
    return cmocka_run_group_tests(tests, enter, leave);
}
