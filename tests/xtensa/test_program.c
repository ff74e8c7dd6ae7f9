/* Tests of loading, running, reversing, profiling and fault reports, with malformed files and faulty programs too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <unistd.h>

#include "tests/xtensa/tiny_program.h"
#include "xtensa/debug/backtrace.h"

static void open_tiny(mote_xt_program *p, const tiny_line *lines, size_t count)
{
    mote_error error = {0};
    if (!mote_xt_program_open_bytes(p, tiny_file(lines, count), "tiny", MOTE_XT_ESP32S3, &error))
        fail_msg("%s", error.text);
}

static void symbols(void **state)
{
    mote_xt_program p;
    char text[160];
    uint32_t address = 0;
    (void)state;
    open_tiny(&p, tiny_square, TINY_COUNT(tiny_square));
    assert_string_equal(mote_xt_program_location(&p, TINY_CODE, text), "_start");
    assert_string_equal(mote_xt_program_location(&p, TINY_DATA + 5, text), "data+0x5");
    assert_string_equal(mote_xt_program_location(&p, 0x50, text), "0x00000050");
    assert_true(mote_xt_program_address(&p, "data+0x10", &address));
    assert_int_equal(address, TINY_DATA + 16);
    assert_true(mote_xt_program_address(&p, "0x1234", &address));
    assert_int_equal(address, 0x1234);
    assert_false(mote_xt_program_address(&p, "nowhere", &address));
    assert_false(mote_xt_program_address(&p, "data+", &address));
    assert_false(mote_xt_program_address(&p, "", &address));
    assert_true(mote_xt_program_address(&p, "square", &address));
    assert_non_null(mote_xt_program_decode(&p, TINY_CODE + 21, NULL, text, sizeof text));
    assert_non_null(strstr(text, "<square>"));
    mote_xt_program_close(&p);
}

static void exit_code(void **state)
{
    mote_xt_program p;
    (void)state;
    open_tiny(&p, tiny_square, TINY_COUNT(tiny_square));
    assert_int_equal(mote_xt_program_run(&p, 1000), MOTE_XT_STOP_EXIT);
    assert_int_equal(p.semihost.exit_code, 49);
    mote_xt_program_close(&p);
}

/* The initial stack pointer is the program's stack or the end of the memory. */
static void stack(void **state)
{
    mote_xt_program p;
    mote_error error;
    (void)state;
    open_tiny(&p, tiny_square, TINY_COUNT(tiny_square));
    assert_int_equal(mote_xt_get(p.machine, "a1"), TINY_STACK);
    mote_xt_program_close(&p);
    mote_bytes file = tiny_file(tiny_square, TINY_COUNT(tiny_square));
    tiny_elf *e = (tiny_elf *)file.data;
    *strchr((char *)memmem(e->names, sizeof e->names, "_stack_top", 10), 'k') = 'g';
    assert_true(mote_xt_program_open_bytes(&p, file, "tiny", MOTE_XT_ESP32S3, &error));
    assert_int_equal(mote_xt_get(p.machine, "a1"), 0x3fcf0000);
    assert_int_equal(mote_xt_program_run(&p, 1000), MOTE_XT_STOP_EXIT);
    mote_xt_program_close(&p);
}

static void budget(void **state)
{
    static const tiny_line endless[] = {{"_start", "j .+0"}};
    mote_xt_program p;
    (void)state;
    open_tiny(&p, endless, 1);
    assert_int_equal(mote_xt_program_run(&p, 100000), MOTE_XT_STOP_NONE);
    assert_int_equal(mote_xt_instructions(p.machine), 100000);
    mote_xt_program_close(&p);
}

static char *report_of(mote_xt_program *p)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    mote_xt_fault_report(p, out);
    fclose(out);
    return text;
}

static void wild_access(void **state)
{
    static const tiny_line wild[] = {
        {"_start", "movi a2, 16"},
        {NULL, "call0 .+9"},
        {NULL, "ill"},
        {NULL, "nop"},
        {"reader", "addi a1, a1, -16"},
        {NULL, "s32i a0, a1, 8"},
        {NULL, "l32i a3, a2, 4"},
        {NULL, "ret"},
    };
    mote_xt_program p;
    (void)state;
    open_tiny(&p, wild, TINY_COUNT(wild));
    assert_int_equal(mote_xt_program_run(&p, 1000), MOTE_XT_STOP_FAULT);
    char *report = report_of(&p);
    assert_non_null(strstr(report, "00000014"));     /* the address, */
    assert_non_null(strstr(report, "l32i"));         /* the instruction, */
    assert_non_null(strstr(report, "<reader+0x6>")); /* its location, */
    assert_non_null(strstr(report, "_start+0x3\n")); /* and the caller */
    free(report);
    mote_xt_program_close(&p);
}

static void illegal_instruction(void **state)
{
    static const tiny_line bad[] = {{"_start", "nop"}, {NULL, "ill"}};
    mote_xt_program p;
    (void)state;
    open_tiny(&p, bad, TINY_COUNT(bad));
    assert_int_equal(mote_xt_program_run(&p, 1000), MOTE_XT_STOP_FAULT);
    assert_int_equal(mote_xt_get(p.machine, "pc"), TINY_CODE + 3);
    mote_xt_program_close(&p);
}

/* Endless recursion leaves the memory below the stack. */
static void stack_overflow(void **state)
{
    static const tiny_line deep[] = {{"_start", "addi a1, a1, -128"}, {NULL, "s32i a0, a1, 0"}, {NULL, "call0 .-6"}};
    mote_xt_program p;
    (void)state;
    open_tiny(&p, deep, TINY_COUNT(deep));
    assert_int_equal(mote_xt_program_run(&p, 10000000), MOTE_XT_STOP_FAULT);
    char *report = report_of(&p);
    assert_non_null(strstr(report, "s32i"));
    assert_non_null(strstr(report, "more frames"));
    free(report);
    mote_xt_program_close(&p);
}

/* Replaces `movi a2, 1` by `movi a2, 2` after it has run once; the second execution must use the new one. */
static void self_modifying(void **state)
{
    static const tiny_line lines[] = {
        {"_start", "movi a6, 0"}, {NULL, "movi a2, 1"},      {NULL, "add a6, a6, a2"}, {NULL, "bnez a7, .+30"},
        {NULL, "movi a7, 1"},     {NULL, "movi a4, 2"},      {NULL, "movi a3, 0x3fc"}, {NULL, "slli a3, a3, 20"},
        {NULL, "movi a5, 0xc0"},  {NULL, "slli a5, a5, 12"}, {NULL, "add a3, a3, a5"}, {NULL, "s8i a4, a3, 5"},
        {NULL, "j .-33"},         {NULL, "mov a3, a6"},      {NULL, "movi a2, 1"},     {NULL, "simcall"},
    };
    mote_xt_program p;
    (void)state;
    open_tiny(&p, lines, TINY_COUNT(lines));
    uint8_t first[6];
    mote_xt_read(p.machine, TINY_CODE, first, 6);
    assert_int_equal(first[5], 1); /* the immediate of movi a2, 1 */
    mote_xt_set(p.machine, "a7", 0);
    assert_int_equal(mote_xt_program_run(&p, 1000), MOTE_XT_STOP_EXIT);
    assert_int_equal(p.semihost.exit_code, 3);
    mote_xt_program_close(&p);
}

/* A loop with stores of every width, whose effects must be undone exactly. */
static const tiny_line busy[] = {
    {"_start", "movi a4, 0x3fc"},
    {NULL, "slli a4, a4, 20"},
    {NULL, "movi a5, 9"},
    {NULL, "slli a5, a5, 16"},
    {NULL, "add a4, a4, a5"},
    {NULL, "movi a3, 0"},
    {NULL, "movi a2, 0"},
    {"turn", "addi a2, a2, 3"},
    {NULL, "mull a3, a3, a2"},
    {NULL, "addi a3, a3, 7"},
    {NULL, "s16i a3, a4, 20"},
    {NULL, "l32i a6, a4, 20"},
    {NULL, "s32i a6, a4, 24"},
    {NULL, "ee.vld.128.ip q0, a4, 0"},
    {NULL, "ee.vadds.s8 q1, q1, q0"},
    {NULL, "ee.vst.128.ip q1, a4, 0"},
    {NULL, "s8i a2, a4, 3"},
    {NULL, "j .-30"},
};

static bool at_age(void *context, const mote_xt_machine *m, uint64_t age)
{
    (void)m;
    return age == *(uint64_t *)context;
}

static void compare_to_fresh(mote_xt_program *p, const tiny_line *lines, size_t count, uint64_t instructions)
{
    mote_xt_program fresh;
    open_tiny(&fresh, lines, count);
    fresh.semihost.out = NULL;
    mote_xt_program_run(&fresh, instructions);
    uint8_t ours[64], theirs[64];
    const mote_xt_register *r;
    for (size_t i = 0; (r = mote_xt_register_at(i)); i++) {
        if (r->size > sizeof ours)
            continue;
        mote_xt_register_read(p->machine, r, ours);
        mote_xt_register_read(fresh.machine, r, theirs);
        assert_memory_equal(ours, theirs, r->size);
    }
    mote_xt_read(p->machine, TINY_DATA, ours, 64);
    mote_xt_read(fresh.machine, TINY_DATA, theirs, 64);
    assert_memory_equal(ours, theirs, 64);
    mote_xt_program_close(&fresh);
}

static void going_back(void **state)
{
    static const uint64_t ages[] = {1, 1, 5, 3000, 4096, 1, 12000};
    mote_xt_program p;
    mote_error error;
    (void)state;
    open_tiny(&p, busy, TINY_COUNT(busy));
    assert_true(mote_xt_program_history(&p, &error));
    uint64_t now = 50000;
    assert_int_equal(mote_xt_program_run(&p, now), MOTE_XT_STOP_NONE);
    for (size_t i = 0; i < sizeof ages / sizeof ages[0]; i++) {
        uint64_t age = ages[i];
        assert_true(mote_xt_program_back(&p, at_age, &age));
        now -= age;
        compare_to_fresh(&p, busy, TINY_COUNT(busy), now);
    }
    mote_xt_program_run(&p, 7777); /* forward again */
    now += 7777;
    compare_to_fresh(&p, busy, TINY_COUNT(busy), now);
    uint64_t far = now + 1;
    assert_false(mote_xt_program_back(&p, at_age, &far)); /* before the beginning: stops at the beginning */
    compare_to_fresh(&p, busy, TINY_COUNT(busy), 0);
    mote_xt_program_close(&p);
}

/* Going back over a change by the user restores the old value. */
static void going_back_over_a_change(void **state)
{
    mote_xt_program p;
    mote_error error;
    uint64_t age = 10;
    uint32_t value = 0xabcdef;
    (void)state;
    open_tiny(&p, busy, TINY_COUNT(busy));
    assert_true(mote_xt_program_history(&p, &error));
    mote_xt_program_run(&p, 100);
    mote_xt_program_set(&p, mote_xt_register_find("a3"), &value);
    assert_true(mote_xt_program_write(&p, TINY_DATA + 40, &value, 4));
    mote_xt_program_run(&p, 5);
    assert_true(mote_xt_program_back(&p, at_age, &age));
    compare_to_fresh(&p, busy, TINY_COUNT(busy), 95);
    mote_xt_program_close(&p);
}

/* Writes a byte of `data` in each of ten iterations of 7 instructions. */
static const tiny_line talking[] = {
    {"_start", "movi a4, 0x3fc"}, {NULL, "slli a4, a4, 20"}, {NULL, "movi a5, 9"},     {NULL, "slli a5, a5, 16"},
    {NULL, "add a4, a4, a5"},     {NULL, "movi a6, 10"},     {NULL, "movi a2, 4"},     {NULL, "movi a3, 1"},
    {NULL, "movi a5, 1"},         {NULL, "simcall"},         {NULL, "addi a4, a4, 1"}, {NULL, "addi a6, a6, -1"},
    {NULL, "bnez a6, .-18"},      {NULL, "movi a2, 1"},      {NULL, "simcall"},
};

/* Going back over system calls does not repeat them: output is written once. */
static void going_back_over_calls(void **state)
{
    mote_xt_program p;
    mote_error error;
    char *text = NULL;
    size_t size = 0;
    uint64_t age;
    (void)state;
    open_tiny(&p, talking, TINY_COUNT(talking));
    p.semihost.out = open_memstream(&text, &size);
    assert_true(mote_xt_program_history(&p, &error));
    assert_int_equal(mote_xt_program_run(&p, 1000), MOTE_XT_STOP_EXIT);
    uint64_t end = mote_xt_history_depth(p.history);
    assert_int_equal(end, 6 + 7 * 10 + 2);
    age = 1;
    assert_true(mote_xt_program_back(&p, at_age, &age)); /* before the exit call */
    compare_to_fresh(&p, talking, TINY_COUNT(talking), end - 1);
    age = 33;
    assert_true(mote_xt_program_back(&p, at_age, &age));
    compare_to_fresh(&p, talking, TINY_COUNT(talking), end - 34);
    fflush(p.semihost.out);
    assert_int_equal(size, 10);
    assert_int_equal(mote_xt_program_run(&p, 1000), MOTE_XT_STOP_EXIT);
    fflush(p.semihost.out);
    assert_int_equal(size, 15); /* five iterations remained */
    fclose(p.semihost.out);
    free(text);
    mote_xt_program_close(&p);
}

static void ask_host(mote_xt_program *p, const uint32_t registers[4])
{
    static const char *const names[] = {"a2", "a3", "a4", "a5"};
    for (int i = 0; i < 4; i++)
        mote_xt_set(p->machine, names[i], registers[i]);
    assert_true(mote_xt_semihost_call(&p->semihost, p->machine));
}

/* System calls with invalid arguments return their error and have no effect. */
static void wrong_calls(void **state)
{
    enum { NOWHERE = 0x10, BADF = 9, ACCES = 13, FAULT = 14, INVAL = 22, SPIPE = 29, NOSYS = 38 };
    static const struct {
        uint32_t registers[4], error;
    } calls[] = {
        {{4, 1, NOWHERE, 4}, FAULT},
        {{4, 1, TINY_DATA, 0xffffffff}, 0}, /* writes the readable part: the rest of the memory */
        {{4, 0, TINY_DATA, 4}, BADF},
        {{4, 77, TINY_DATA, 4}, BADF},
        {{3, 1, TINY_DATA, 4}, BADF},
        {{3, 3, TINY_DATA, 4}, BADF},
        {{5, NOWHERE, 0, 0}, FAULT},
        {{5, TINY_DATA, 0, 0}, ACCES}, /* files are forbidden */
        {{6, 3, 0, 0}, BADF},
        {{6, 0xffffffff, 0, 0}, BADF},
        {{19, 1, 0, 0}, SPIPE},
        {{19, 5, 0, 0}, BADF},
        {{1002, NOWHERE, 0, 0}, FAULT},
        {{0, 0, 0, 0}, NOSYS},
        {{99, 0, 0, 0}, NOSYS},
    };
    static char *argv[] = {"x", NULL};
    mote_xt_program p;
    (void)state;
    open_tiny(&p, tiny_square, TINY_COUNT(tiny_square));
    p.semihost.out = p.semihost.err = NULL;
    p.semihost.argc = 1;
    p.semihost.argv = argv;
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        ask_host(&p, calls[i].registers);
        assert_int_equal(mote_xt_get(p.machine, "a3"), calls[i].error);
        assert_int_equal(mote_xt_get(p.machine, "a2") == UINT32_MAX, calls[i].error != 0);
    }
    ask_host(&p, (const uint32_t[]){1001, 0, 0, 0});
    assert_int_equal(mote_xt_get(p.machine, "a2"), 10); /* a pointer, a NULL, "x" */
    ask_host(&p, (const uint32_t[]){1002, TINY_DATA, 0, 0});
    uint32_t block[3] = {0};
    assert_true(mote_xt_read(p.machine, TINY_DATA, block, 10));
    assert_int_equal(block[0], TINY_DATA + 8);
    assert_int_equal(block[1], 0);
    assert_int_equal(block[2], 'x');
    mote_xt_program_close(&p);
}

/* A folder that a program may use, and files outside that it may not. */
typedef struct permitted {
    char root[64], folder[80];
} permitted;

static void shell(const char *command, const char *argument)
{
    char line[512];
    snprintf(line, sizeof line, command, argument, argument, argument, argument, argument, argument, argument);
    assert_int_equal(system(line), 0);
}

static void make_folder(permitted *f)
{
    snprintf(f->root, sizeof f->root, "/tmp/mote-files-XXXXXX");
    assert_non_null(mkdtemp(f->root));
    shell("cd %s && mkdir -p in/sub && echo outside >secret && echo inside >in/ok && echo inside >in/sub/ok && "
          "ln -s ../secret in/link && ln -s ../.. in/up && mkfifo in/pipe",
          f->root);
    snprintf(f->folder, sizeof f->folder, "%s/in", f->root);
}

enum { PATH_AT = TINY_DATA + 512 };

/* Returns the descriptor that the guest gets for a path, or the negative error. */
static int guest_open(mote_xt_program *p, const char *path, uint32_t flags)
{
    assert_true(mote_xt_write(p->machine, PATH_AT, path, strlen(path) + 1));
    ask_host(p, (const uint32_t[]){5, PATH_AT, flags, 0644});
    uint32_t fd = mote_xt_get(p->machine, "a2");
    return fd == UINT32_MAX ? -(int)mote_xt_get(p->machine, "a3") : (int)fd;
}

static void files_only_where_permitted(void **state)
{
    enum { WRITE_NEW = 0x241, READ_WRITE_TRUNC = 0x202, NOENT = 2, ACCES = 13, NOTDIR = 20 };
    static const struct {
        const char *path;
        uint32_t flags;
        int opened; /* or the error */
    } rows[] = {
        {"ok", 0, 1},
        {"sub/ok", 2, 1},
        {"./ok", 0, 1},
        {"new", WRITE_NEW, 1},
        {"sub/new", WRITE_NEW, 1},
        {"absent", 0, -NOENT},
        {"absent", READ_WRITE_TRUNC, -NOENT},
        {"../secret", 0, -ACCES},
        {"../secret", READ_WRITE_TRUNC, -ACCES},
        {"sub/../../secret", WRITE_NEW, -ACCES},
        {"link", 0, -ACCES},
        {"link", WRITE_NEW, -ACCES},
        {"up/etc/passwd", 0, -NOTDIR},
        {"/etc/passwd", 0, -ACCES},
        {"", 0, -ACCES},
        {"sub", 0, -ACCES},
        {".", 0, -ACCES},
        {"..", 0, -ACCES},
        {"pipe", 0, -ACCES},
    };
    permitted f;
    mote_xt_program p;
    mote_error error;
    (void)state;
    make_folder(&f);
    open_tiny(&p, tiny_square, TINY_COUNT(tiny_square));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) /* no file until a folder is given */
        assert_int_equal(guest_open(&p, rows[i].path, rows[i].flags), -ACCES);
    assert_false(mote_xt_semihost_files(&p.semihost, "/nowhere/at/all", &error));
    assert_true(mote_xt_semihost_files(&p.semihost, f.folder, &error));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int got = guest_open(&p, rows[i].path, rows[i].flags);
        if (rows[i].opened > 0 ? got < 3 : got != rows[i].opened)
            fail_msg("%s with flags 0x%x: %d", rows[i].path, rows[i].flags, got);
        if (got >= 3)
            ask_host(&p, (const uint32_t[]){6, (uint32_t)got, 0, 0});
    }
    shell("cd %s && [ \"$(cat secret)\" = outside ] && [ \"$(cat in/ok)\" = inside ] && [ -e in/sub/new ]", f.root);
    assert_true(guest_open(&p, "ok", READ_WRITE_TRUNC) >= 3);
    shell("[ ! -s %s/in/ok ]", f.root);
    mote_xt_program_close(&p);
    shell("rm -rf %s", f.root);
}

static uint32_t random_state = 7;

static uint32_t random_number(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state;
}

/* Asserts that every open file of the program lies in its folder. */
static void assert_inside(const mote_xt_program *p, const permitted *f)
{
    for (int i = 0; i < MOTE_XT_FILES; i++) {
        char link[64], path[512] = "";
        if (p->semihost.open[i] < 0)
            continue;
        snprintf(link, sizeof link, "/proc/self/fd/%d", p->semihost.open[i]);
        assert_true(readlink(link, path, sizeof path - 1) > 0);
        assert_memory_equal(path, f->folder, strlen(f->folder));
        assert_int_equal(path[strlen(f->folder)], '/');
    }
}

/* Makes calls with random valid and invalid arguments. */
static void random_calls(void **state)
{
    static const char *const pieces[] = {"ok", "sub",  "/",   "..",     ".",         "link",
                                         "up", "pipe", "new", "secret", "etc/passwd"};
    static const uint32_t numbers[] = {0,     1,    2,          3,          4,          5,          6,         19,
                                       1000,  1001, 1002,       TINY_DATA,  PATH_AT,    0x3fcfffff, TINY_CODE, 0x241,
                                       0x202, 0x40, 0x7fffffff, 0x80000000, 0xffffffff, 18,         TINY_STACK};
    permitted f;
    mote_xt_program p;
    mote_error error;
    (void)state;
    make_folder(&f);
    open_tiny(&p, tiny_square, TINY_COUNT(tiny_square));
    assert_true(mote_xt_semihost_files(&p.semihost, f.folder, &error));
    p.semihost.in = p.semihost.out = p.semihost.err = NULL;
    for (int round = 0; round < 20000; round++) {
        char path[64] = "";
        for (uint32_t n = random_number() % 6; n-- > 0;)
            strcat(path, pieces[random_number() % (sizeof pieces / sizeof pieces[0])]);
        assert_true(mote_xt_write(p.machine, PATH_AT, path, sizeof path));
        uint32_t arguments[4];
        for (int i = 0; i < 4; i++)
            arguments[i] = numbers[random_number() % (sizeof numbers / sizeof numbers[0])];
        if (round & 1) {
            arguments[0] = 5;
            arguments[1] = PATH_AT;
        }
        if (arguments[0] != 1 && !(arguments[0] == 4 && arguments[3] > 0x10000)) /* no exit; no files of gigabytes */
            ask_host(&p, arguments);
        assert_inside(&p, &f);
    }
    mote_xt_program_close(&p);
    shell("[ \"$(cat %s/secret)\" = outside ]", f.root);
    shell("rm -rf %s", f.root);
}

static char *profile_of(mote_xt_program *p, mote_xt_profile_form form)
{
    char *text = NULL;
    size_t size = 0;
    mote_error error;
    FILE *out = open_memstream(&text, &size);
    assert_true(mote_xt_profile_write(p, form, out, &error));
    fclose(out);
    return text;
}

static void profile(void **state)
{
    mote_xt_program p;
    mote_error error;
    (void)state;
    open_tiny(&p, tiny_square, TINY_COUNT(tiny_square));
    assert_true(mote_xt_program_profile(&p, &error));
    assert_int_equal(mote_xt_program_run(&p, 1000), MOTE_XT_STOP_EXIT);
    mote_xt_cost total = mote_xt_profile_total(p.profile);
    assert_int_equal(total.count, mote_xt_instructions(p.machine));
    assert_int_equal(total.cycles, mote_xt_cycles(p.machine));
    assert_true(total.cycles > total.count); /* at least the branches of two calls */
    const mote_xt_cost *call = mote_xt_profile_at(p.profile, TINY_CODE + 21);
    assert_non_null(call);
    assert_int_equal(call->count, 1);
    assert_null(mote_xt_profile_at(p.profile, TINY_CODE + 1));
    unsigned outer = 0, inner = 0;
    char *folded = profile_of(&p, MOTE_XT_PROFILE_FOLDED);
    assert_int_equal(sscanf(folded, "_start %u\n_start;square %u\n", &outer, &inner), 2);
    assert_int_equal(outer + inner, total.cycles);
    assert_true(inner >= 6);
    free(folded);
    char *json = profile_of(&p, MOTE_XT_PROFILE_JSON), start[128];
    snprintf(start, sizeof start, "{\n \"instructions\": %u,\n \"cycles\": %u,", (unsigned)total.count,
             (unsigned)total.cycles);
    assert_memory_equal(json, start, strlen(start));
    assert_non_null(strstr(json, "\"name\": \"square\""));
    assert_non_null(strstr(json, "\"text\": \"mull a2, a2, a2\""));
    free(json);
    char *text = profile_of(&p, MOTE_XT_PROFILE_TEXT);
    assert_non_null(strstr(text, "square"));
    assert_non_null(strstr(text, "mull"));
    free(text);
    mote_xt_program_close(&p);
}

static void bad_files(void **state)
{
    mote_xt_program p;
    mote_error error = {0};
    (void)state;
    assert_false(mote_xt_program_open(&p, "/nonexistent/program.elf", MOTE_XT_ESP32S3, &error));
    assert_int_equal(error.code, MOTE_E_INPUT);
    mote_bytes file = tiny_file(tiny_square, TINY_COUNT(tiny_square));
    ((tiny_elf *)file.data)->segments[0].p_vaddr = 0x1000;
    assert_false(mote_xt_program_open_bytes(&p, file, "tiny", MOTE_XT_ESP32S3, &error));
    assert_int_equal(error.code, MOTE_E_FORMAT);
    assert_non_null(strstr(error.text, "outside the memory of esp32s3"));
    file = tiny_file(tiny_square, TINY_COUNT(tiny_square));
    ((tiny_elf *)file.data)->segments[1].p_memsz = 0xc0000000;
    assert_false(mote_xt_program_open_bytes(&p, file, "tiny", MOTE_XT_ESP32S3, &error));
    file = tiny_file(tiny_square, TINY_COUNT(tiny_square));
    ((tiny_elf *)file.data)->header.e_type = ET_REL;
    assert_false(mote_xt_program_open_bytes(&p, file, "tiny", MOTE_XT_ESP32S3, &error));
    file = tiny_file(tiny_square, TINY_COUNT(tiny_square));
    ((tiny_elf *)file.data)->header.e_machine = EM_RISCV;
    assert_false(mote_xt_program_open_bytes(&p, file, "tiny", MOTE_XT_ESP32S3, &error));
    assert_int_equal(error.code, MOTE_E_UNSUPPORTED);
}

/* Opens a possibly damaged file and, if that succeeds, runs it. The program must end in an orderly way. */
static void try(mote_bytes file)
{
    mote_xt_program p;
    mote_error error = {0};
    if (!mote_xt_program_open_bytes(&p, file, "damaged", MOTE_XT_ESP32S3, &error)) {
        assert_true(error.code != MOTE_OK && error.text[0]);
        return;
    }
    p.semihost.in = p.semihost.out = p.semihost.err = NULL;
    assert_true(mote_xt_program_profile(&p, &error) && mote_xt_program_history(&p, &error));
    if (mote_xt_program_run(&p, 2000) == MOTE_XT_STOP_FAULT)
        free(report_of(&p));
    uint64_t age = 100;
    mote_xt_program_back(&p, at_age, &age);
    free(profile_of(&p, MOTE_XT_PROFILE_TEXT));
    free(profile_of(&p, MOTE_XT_PROFILE_FOLDED));
    mote_xt_program_close(&p);
}

static void damaged_files(void **state)
{
    (void)state;
    const size_t interesting = offsetof(tiny_elf, data);
    for (int round = 0; round < 400; round++) {
        mote_bytes file = tiny_file(tiny_square, TINY_COUNT(tiny_square));
        for (uint32_t n = 1 + random_number() % 4; n-- > 0;)
            file.data[random_number() % interesting] = (uint8_t)random_number();
        if (round % 3 == 0)
            file.size = random_number() % file.size;
        try(file);
    }
    for (int round = 0; round < 100; round++) { /* a valid file with random code */
        mote_bytes file = tiny_file(tiny_square, TINY_COUNT(tiny_square));
        tiny_elf *e = (tiny_elf *)file.data;
        for (size_t i = 0; i < sizeof e->code; i++)
            e->code[i] = (uint8_t)random_number();
        e->segments[0].p_filesz = e->segments[0].p_memsz = sizeof e->code;
        try(file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(symbols),
        cmocka_unit_test(exit_code),
        cmocka_unit_test(stack),
        cmocka_unit_test(budget),
        cmocka_unit_test(wild_access),
        cmocka_unit_test(illegal_instruction),
        cmocka_unit_test(stack_overflow),
        cmocka_unit_test(self_modifying),
        cmocka_unit_test(going_back),
        cmocka_unit_test(going_back_over_a_change),
        cmocka_unit_test(going_back_over_calls),
        cmocka_unit_test(wrong_calls),
        cmocka_unit_test(files_only_where_permitted),
        cmocka_unit_test(random_calls),
        cmocka_unit_test(profile),
        cmocka_unit_test(bad_files),
        cmocka_unit_test(damaged_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
