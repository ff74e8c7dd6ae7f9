/* Tests with whole programs: compiled with gcc-xtensa-lx106, linked with objects of the assembler and run in the
 * emulator, they must give the output and exit code of the same C code compiled and run by the host. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "xtensa/asm/asm.h"
#include "xtensa/debug/backtrace.h"
#include "xtensa/debug/program.h"

#define PROGRAMS MOTE_SOURCE_DIR "/xtensa/programs"
#define CASES    MOTE_SOURCE_DIR "/tests/xtensa/programs"
#define SPECS    "/usr/lib/xtensa-lx106-elf/picolibc.specs"
#define GCC                                                                                                            \
    "xtensa-lx106-elf-gcc -O2 -w -mlongcalls -mtext-section-literals -ffunction-sections --specs=" SPECS               \
    " -DPICOLIBC_INTEGER_PRINTF_SCANF"

enum { LIMIT = 50000000 /* instructions of each program */ };

static bool have_compiler(void)
{
    return system("command -v xtensa-lx106-elf-gcc >/dev/null") == 0 && access(SPECS, R_OK) == 0;
}

#define NEED_COMPILER()                                                                                                \
    if (!have_compiler()) {                                                                                            \
        print_message("SKIPPED: gcc-xtensa-lx106 with picolibc not present\n");                                        \
        skip();                                                                                                        \
    }

__attribute__((format(printf, 1, 2))) static int shell(const char *format, ...)
{
    char command[4096];
    va_list args;
    va_start(args, format);
    vsnprintf(command, sizeof command, format, args);
    va_end(args);
    int status = system(command);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* Assembles into `object` with the assembler of this project. */
static void assemble(const char *source, const char *object)
{
    mote_error error = {0};
    mote_bytes text, elf;
    if (!mote_xt_preprocess(source, (const char *const[]){NULL}, &text, &error))
        fail_msg("%s", error.text);
    mote_xt_asm_options options = {.name = source, .chips = MOTE_XT_ESP32S3};
    mote_xt_assembly *a = mote_xt_assemble((const char *)text.data, text.size, &options, &error);
    assert_non_null(a);
    mote_xt_assembly_report(a, stderr);
    assert_int_equal(mote_xt_assembly_errors(a), 0);
    assert_true(mote_xt_assembly_elf(a, &elf, &error));
    assert_true(mote_file_write(object, elf.data, elf.size, &error));
    mote_xt_assembly_free(a);
    free(elf.data);
    free(text.data);
}

static char folder[] = "/tmp/xtensa-programs-XXXXXX"; /* also the current folder while the tests run */

static int set_up(void **state)
{
    (void)state;
    if (!mkdtemp(folder) || chdir(folder) != 0 || shell("printf 'one\\ntwo\\nlast' >input") != 0)
        return -1;
    if (!have_compiler())
        return 0;
    assemble(PROGRAMS "/divide.S", "divide.o");
    assemble(PROGRAMS "/windowed.S", "windowed.o");
    return shell(GCC " -ffreestanding -c " PROGRAMS "/wide.c " PROGRAMS "/softfloat.c && " GCC " -c " PROGRAMS
                     "/crt0.S " PROGRAMS "/start.c");
}

static int tear_down(void **state)
{
    (void)state;
    return chdir("/") == 0 ? shell("rm -rf %s", folder) : -1;
}

typedef struct outcome {
    char output[65536];
    int code;
} outcome;

static void run_on_host(const char *name, const char *arguments, outcome *o)
{
    assert_int_equal(shell("cc -O1 -w -ffp-contract=off " CASES "/%s.c -o %s.host", name, name), 0);
    char command[512];
    snprintf(command, sizeof command, "./%s.host %s <input", name, arguments);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    o->output[fread(o->output, 1, sizeof o->output - 1, pipe)] = '\0';
    o->code = WEXITSTATUS(pclose(pipe));
}

static void run_emulated(const char *path, mote_xt_chip chip, bool timing, int argc, char **argv, outcome *o)
{
    mote_xt_program p;
    mote_error error = {0};
    if (!mote_xt_program_open(&p, path, chip, &error))
        fail_msg("%s", error.text);
    char *text = NULL;
    size_t size = 0;
    assert_true(mote_xt_semihost_files(&p.semihost, ".", &error));
    p.semihost.argc = argc;
    p.semihost.argv = argv;
    p.semihost.in = fopen("input", "r");
    p.semihost.out = open_memstream(&text, &size);
    assert_non_null(p.semihost.in);
    mote_xt_set_timing(p.machine, timing);
    mote_xt_stop stop = mote_xt_program_run(&p, LIMIT);
    if (stop == MOTE_XT_STOP_FAULT)
        mote_xt_fault_report(&p, stderr);
    fclose(p.semihost.in);
    fclose(p.semihost.out);
    assert_int_equal(stop, MOTE_XT_STOP_EXIT);
    snprintf(o->output, sizeof o->output, "%s", text);
    o->code = p.semihost.exit_code;
    free(text);
    mote_xt_program_close(&p);
}

static const char *chip_name(mote_xt_chip chip)
{
    return chip == MOTE_XT_ESP32 ? "esp32" : chip == MOTE_XT_ESP32S2 ? "esp32s2" : "esp32s3";
}

static void compare(const char *name, const char *objects, mote_xt_chip chip)
{
    static char *argv[] = {"program", "one", "two words", "3", NULL};
    static outcome host, emulated;
    run_on_host(name, "one 'two words' 3", &host);
    assert_int_equal(shell(GCC " -nostartfiles -L" PROGRAMS " -T " PROGRAMS "/%s.ld " CASES
                               "/%s.c crt0.o start.o wide.o "
                               "softfloat.o divide.o %s -o %s.elf",
                           chip_name(chip), name, objects, name),
                     0);
    char path[64];
    snprintf(path, sizeof path, "%s.elf", name);
    run_emulated(path, chip, false, 4, argv, &emulated);
    assert_string_equal(emulated.output, host.output);
    assert_int_equal(emulated.code, host.code);
    run_emulated(path, chip, true, 4, argv, &emulated);
    assert_string_equal(emulated.output, host.output);
}

static void compiled(void **state)
{
    (void)state;
    NEED_COMPILER();
    static const char *const names[] = {"sort", "crc", "print", "floats", "recursion", "upper"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        print_message("%s\n", names[i]);
        compare(names[i], "", MOTE_XT_ESP32S3);
    }
    compare("sort", "", MOTE_XT_ESP32);
    compare("crc", "", MOTE_XT_ESP32S2);
}

static void vector_kernel(void **state)
{
    (void)state;
    NEED_COMPILER();
    assemble(CASES "/dot.S", "dot_s8.o");
    compare("dot", "dot_s8.o", MOTE_XT_ESP32S3);
}

/* files.c does not run on the host, where it would change the user's files; the expected output is written here. */
static void files(void **state)
{
    (void)state;
    NEED_COMPILER();
    static char *argv[] = {"program", NULL};
    static outcome o;
    assert_int_equal(shell(GCC " -nostartfiles -L" PROGRAMS " -T " PROGRAMS "/esp32s3.ld " CASES
                               "/files.c crt0.o start.o wide.o divide.o -o files.elf"),
                     0);
    run_emulated("files.elf", MOTE_XT_ESP32S3, false, 1, argv, &o);
    assert_string_equal(o.output, "27 bytes, from 22: 5 bytes \"chips\"\n"
                                  "absent.txt: refused 2\n"
                                  "/etc/passwd: refused 13\n"
                                  "../note.txt: refused 13\n"
                                  "folder/../../note.txt: refused 2\n"
                                  "close twice: -1 9\n");
    assert_int_equal(o.code, 27);
    assert_int_equal(shell("test \"$(cat note.txt)\" = 'tiny networks on tiny chips'"), 0);
    assert_int_equal(shell("mkdir -p folder && rm note.txt && ln -s /etc/hostname note.txt"), 0);
    run_emulated("files.elf", MOTE_XT_ESP32S3, false, 1, argv, &o);
    assert_string_equal(o.output, "note.txt cannot be written: 13\n");
}

/* Call stacks of a windowed program are complete and nested like its calls. */
static void windowed_profile(void)
{
    mote_xt_program p;
    mote_error error;
    char *text = NULL;
    size_t size = 0;
    uint64_t cycles = 0;
    FILE *out = open_memstream(&text, &size);
    assert_true(mote_xt_program_open(&p, "windows.elf", MOTE_XT_ESP32S3, &error));
    assert_true(mote_xt_program_profile(&p, &error));
    assert_int_equal(mote_xt_program_run(&p, LIMIT), MOTE_XT_STOP_EXIT);
    assert_true(mote_xt_profile_write(&p, MOTE_XT_PROFILE_FOLDED, out, &error));
    fclose(out);
    assert_non_null(strstr(text, "\n_start;main;sum4;sum4;sum4;"));
    assert_non_null(strstr(text, "\n_start;main;sum8 "));
    assert_non_null(strstr(text, "\n_start;main;sum12;sum12 "));
    assert_null(strstr(text, "sum4;main"));
    assert_null(strstr(text, "sum4;sum8"));
    for (char *space = text; (space = strchr(space, ' ')); space++)
        cycles += strtoull(space, NULL, 10);
    assert_int_equal(cycles, mote_xt_cycles(p.machine));
    free(text);
    mote_xt_program_close(&p);
}

/* A stop deep in the recursion finds every frame, in the register file and on the stack. */
static void windowed_backtrace(void)
{
    mote_xt_program p;
    mote_error error;
    uint32_t address;
    mote_xt_frame frames[MOTE_XT_FRAMES];
    assert_true(mote_xt_program_open(&p, "windows.elf", MOTE_XT_ESP32S3, &error));
    assert_true(mote_xt_program_address(&p, "sum12+3", &address));
    assert_true(mote_xt_program_breakpoint(&p, address, true));
    for (int i = 0; i < 41; i++)
        assert_int_equal(mote_xt_program_run(&p, LIMIT), MOTE_XT_STOP_BREAK);
    assert_int_equal(mote_xt_backtrace(&p, frames), 41 + 2);
    assert_string_equal(mote_xt_program_function(&p, frames[40].pc)->name, "sum12");
    assert_string_equal(mote_xt_program_function(&p, frames[41].pc)->name, "main");
    assert_string_equal(mote_xt_program_function(&p, frames[42].pc)->name, "_start");
    for (int i = 0; i < 41; i++)
        assert_int_equal(frames[i].sp + 48, frames[i + 1].sp);
    mote_xt_program_close(&p);
}

static void windowed(void **state)
{
    (void)state;
    NEED_COMPILER();
    static outcome o;
    assemble(CASES "/windows.S", "windows.o");
    assert_int_equal(
        shell("xtensa-lx106-elf-ld -L" PROGRAMS " -T " PROGRAMS "/esp32s3.ld windowed.o windows.o -o windows.elf"), 0);
    run_emulated("windows.elf", MOTE_XT_ESP32S3, false, 0, NULL, &o);
    assert_int_equal(o.code, 0);
    windowed_profile();
    windowed_backtrace();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compiled),
        cmocka_unit_test(vector_kernel),
        cmocka_unit_test(files),
        cmocka_unit_test(windowed),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
