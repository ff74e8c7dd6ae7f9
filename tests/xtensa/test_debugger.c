/* Tests of the interactive debugger with scripts: the output of each command, and the state of the program after it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/xtensa/tiny_program.h"
#include "xtensa/debug/debugger.h"

/* Each iteration adds 3 to a2, and stores the sum of all a2 at data+16. */
static const tiny_line turns[] = {
    {"_start", "movi a4, 0x3fc"}, {NULL, "slli a4, a4, 20"}, {NULL, "movi a5, 9"},      {NULL, "slli a5, a5, 16"},
    {NULL, "add a4, a4, a5"},     {NULL, "movi a3, 0"},      {NULL, "movi a2, 0"},      {NULL, "movi a6, 20"},
    {"turn", "addi a2, a2, 3"},   {NULL, "add a3, a3, a2"},  {NULL, "s32i a3, a4, 16"}, {NULL, "addi a6, a6, -1"},
    {NULL, "bnez a6, .-12"},      {NULL, "movi a2, 1"},      {NULL, "simcall"},
};

static char *transcript_of(const tiny_line *lines, size_t count, const char *script)
{
    mote_xt_program p;
    mote_error error = {0};
    char *text = NULL;
    size_t size = 0;
    if (!mote_xt_program_open_bytes(&p, tiny_file(lines, count), "tiny", MOTE_XT_ESP32S3, &error))
        fail_msg("%s", error.text);
    p.semihost.in = p.semihost.out = p.semihost.err = NULL;
    FILE *in = fmemopen((void *)(uintptr_t)script, strlen(script), "r"), *out = open_memstream(&text, &size);
    mote_xt_debugger_options options = {.in = in, .out = out, .max_instructions = 100000};
    assert_true(mote_xt_debugger_run(&p, &options, &error));
    fclose(in);
    fclose(out);
    mote_xt_program_close(&p);
    return text;
}

/* Runs a script and checks that the texts appear in that order. The list of texts ends with NULL. */
static void expect(const tiny_line *lines, size_t count, const char *script, ...)
{
    char *text = transcript_of(lines, count, script);
    const char *at = text, *wanted;
    va_list args;
    va_start(args, script);
    while ((wanted = va_arg(args, const char *))) {
        const char *found = strstr(at, wanted);
        if (!found)
            fail_msg("no \"%s\" in the rest of:\n%s", wanted, text);
        at = found + strlen(wanted);
    }
    va_end(args);
    free(text);
}

#define SQUARE tiny_square, TINY_COUNT(tiny_square)
#define TURNS  turns, TINY_COUNT(turns)

static void stepping(void **state)
{
    (void)state;
    expect(SQUARE, "step\nstep\n", "_start  ", "=>", "_start+0x3", "a2", "7", "_start+0x6", NULL);
    expect(SQUARE, "step 8\n", "=>", "<", "=>", " square ", NULL);
    expect(SQUARE, "step 7\nnext\nprint a2\n", "_start+0x15", "=>", "_start+0x18", "a2", "0x00000031", NULL);
    expect(SQUARE, "break square\ncontinue\nbacktrace\nfinish\n", "1: break", "breakpoint 1", "#0  ", "square\n",
           "#1  ", "_start+0x15\n", "=>", "_start+0x18", NULL);
    expect(SQUARE, "b square+6\nc\nbt\n", "breakpoint 1", "square+0x6", "#1 ", "_start+0x15\n", NULL);
    expect(TURNS, "step 12\nuntil\nprint a6\n", "turn+0xc", "=>", "turn+0xf", "a6", "0x00000000", NULL);
    expect(TURNS, "until turn+6\nprint a2\n", "turn+0x6", "0x00000003", NULL);
    expect(SQUARE, "continue\nstep\nreverse-step\n", "exit code 49", "the program is over", "simcall", NULL);
}

static void stopping(void **state)
{
    (void)state;
    expect(TURNS, "break turn if a2 == 30\ncontinue\nprint a2\ninfo break\ndelete 1\ncontinue\n", "1: break",
           "if a2 == 30", "breakpoint 1", "0x0000001e", "hit 1 times", "the program ended", NULL);
    expect(TURNS, "watch data+16 if a3 > 100\nc\nprint a3\n", "1: watch w", "4 bytes", "data+0x10: ", "-> 0x0000006c",
           "watchpoint 1", "0x0000006c", NULL); /* 3 + 6 + ... + 24 = 108 */
    expect(TURNS, "watch data+16 4 r\nc\n", "watch r", "the program ended", NULL);
    expect(TURNS, "break a2 if\nbreak nowhere\nwatch\ndelete 9\nbreak turn if a2 = 3\n", "expected `if",
           "nowhere is no", "watch what", "no number 9", "is no comparison", NULL);
}

/* A `break` in the program stops it every time at the same place; the debugger says how to continue. */
static void own_break(void **state)
{
    static const tiny_line lines[] = {
        {"_start", "movi a2, 1"}, {NULL, "break 1, 15"}, {NULL, "movi a3, 5"}, {NULL, "simcall"}};
    (void)state;
    expect(lines, TINY_COUNT(lines), "c\nc\nstep\nset pc 0x403b0006\nc\n", "own break", "_start+0x3", "own break",
           "_start+0x3", "own break", "exit code 5", NULL);
}

static void going_back(void **state)
{
    (void)state;
    expect(SQUARE, "step 7\nnext\nreverse-next\nprint a2\n", "_start+0x18", "=>", "_start+0x15", "0x00000007", NULL);
    expect(SQUARE, "step 8\nrs\nrs\n", " square ", "=>", "_start+0x15", "=>", "_start+0x12", NULL);
    expect(SQUARE, "b square\nc\nfinish\nreverse-continue\nprint a2\n", "breakpoint 1", "_start+0x18", "=>*",
           " square ", "0x00000007", NULL);
    expect(TURNS, "break turn if a2 == 30\nbreak turn+15\nc\nc\nrc\nprint a2 a6\nx data+16 1 s32\n", "breakpoint 1",
           "breakpoint 2", "0x0000001e", "0x0000000a", ": 165 ", NULL);
    expect(SQUARE, "step 2\nrs 9\n", "oldest moment", "=>", "_start ", NULL);
}

static void looking(void **state)
{
    (void)state;
    expect(SQUARE, "set q3 0xfffe0001 0x80007fff 3 4\nlanes s16\nprint q3\nlanes u8\nprint q3\nlanes s32\nprint q3\n",
           "q3", "s16     1* -2* 32767* -32768* 3* 0 4* 0\n", "u8      1* 0 254* 255* 255* 127* 0 128*",
           "s32     -131071* -2147450881* 3* 4*", NULL);
    expect(SQUARE,
           "set qacc_l 0x00180001\nprint qacc_l\nlanes s16\nprint qacc_l\nset accx 0xfffffff0 0xff\nprint accx\n",
           "20 bits -524287* 1* 0 0", "40 bits 1572865* 0", "40 bits -16*", NULL);
    expect(SQUARE, "x data 8 s8\nx data 2 x32\nx 0x10\nstep 7\nx a4+8 1\nx a4- 1\n", ": -8 -7 -6 -5 -4 -3 -2 -1",
           ": fbfaf9f8 fffefdfc", "no memory at 0x00000010", ": 03020100", "a4- is no address", NULL);
    expect(SQUARE, "set f1 0x40490fdb\nprint f1\n", "3.14159274", NULL);
    expect(SQUARE, "list\n", "cycles", "=>", "movi", "_start+0x3", "square", NULL);
    expect(TURNS, "c\nlist turn 5\n", "turn ", "addi", "turn+0xc", "bnez", "; branch", NULL);
    expect(SQUARE, "help\ninfo\ninfo history\ninfo cycles\ninfo special\n", "reverse-next", "info registers|vector",
           "0 instr", "0 instructions, 0 cycles", "windowbase", NULL);
}

static void typed_instructions(void **state)
{
    (void)state;
    expect(SQUARE, "step 2\naddi a2, a2, 5\nprint a2 pc\n", "a2 ", "0x0000000c", "=>", "_start+0x6", "0x0000000c",
           "0x403b0006", NULL);
    expect(SQUARE, "step 7\nee.vld.128.ip q2, a4, 16\nprint q2 a4\n", "q2 ", "-8* -7* -6*", "a4", "0x3fc90010", NULL);
    expect(SQUARE, "j square\n", "=>", " square ", NULL);
    expect(SQUARE, "movi a9, 16\nl32i a2, a9, 0\nprint pc\nnonsense a1, a2\n", "00000010", "pc", "0x403b0000",
           "nonsense", NULL);
    expect(SQUARE, "step 7\ns32i a2, a4, 20\nreverse-step\nx data+20 1\n", "=>", "_start+0x12", ": 0f0e0d0c", NULL);
}

static uint32_t random_state = 99;

static uint32_t random_number(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 17;
    random_state ^= random_state << 5;
    return random_state;
}

static void senseless_scripts(void **state)
{
    static const char *const pieces[] = {
        "step",
        "next",
        "until",
        "finish",
        "continue",
        "break",
        "watch",
        "delete",
        "rs",
        "rn",
        "rc",
        "reset",
        "info",
        "print",
        "set",
        "lanes",
        "x",
        "list",
        "bt",
        "square",
        "data",
        "_start",
        "a2",
        "q0",
        "accx",
        "qacc_h",
        "pc",
        "=",
        "if",
        "==",
        "<",
        "7",
        "-1",
        "0x403b0000",
        "0xffffffff",
        "s8",
        "x32",
        "r",
        "w",
        "rw",
        "vector",
        "ee.vld.128.ip q0, a4, 16",
        "call0 square",
        "retw",
        "addi a1, a1, -16",
        "wsr a2, ps",
        "jx a2",
        "simcall",
        "99999999999999999999",
        "%s%n",
        "profile",
        "history",
        "100",
    };
    (void)state;
    for (int round = 0; round < 60; round++) {
        char script[4096] = "";
        for (int line = 0; line < 40; line++) {
            for (uint32_t n = 1 + random_number() % 4; n-- > 0;) {
                strcat(script, pieces[random_number() % TINY_COUNT(pieces)]);
                strcat(script, n ? " " : "\n");
            }
        }
        free(transcript_of(SQUARE, script));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stepping),  cmocka_unit_test(stopping),           cmocka_unit_test(going_back),
        cmocka_unit_test(looking),   cmocka_unit_test(typed_instructions), cmocka_unit_test(senseless_scripts),
        cmocka_unit_test(own_break),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
