/* Tests of the emulator with whole programs: windows, loops, exceptions, interrupts, self-modifying code, features that
 * a chip lacks, timing, and random bytes. Expected results follow from the architecture's definition, computed by hand
 * or in C. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "tests/xtensa/emit.h"

#define CODE  0x40378000u
#define DATA  0x3fcb0000u
#define STACK 0x3fce0000u
#define VIEW  (0x40378000u - 0x3fc88000u) /* offset from data addresses of SRAM1 to its instruction addresses */

static emitter start(mote_xt_chip chip)
{
    mote_error error;
    mote_xt_machine *m = mote_xt_create(chip, &error);
    assert_non_null(m);
    mote_xt_set(m, "pc", CODE);
    mote_xt_set(m, "a1", STACK);
    /* The outermost frame has a caller: its stack pointer is where the ABI expects it. */
    uint32_t caller = STACK + 64;
    assert_true(mote_xt_write(m, STACK - 12, &caller, 4));
    return (emitter){m, CODE};
}

/* Runs to the break instruction that ends every test program. */
static void run(emitter *e)
{
    mote_xt_stop stop = mote_xt_run(e->m, 10000000);
    if (stop != MOTE_XT_STOP_BREAK)
        fail_msg("stopped for reason %d at 0x%08x: %s", stop, mote_xt_get(e->m, "pc"), mote_xt_fault_text(e->m));
}

static void zero_overhead_loops(void **state)
{
    (void)state;
    emitter e = start(MOTE_XT_ESP32S3);
    EMIT(&e, "movi", 2, 0);
    EMIT(&e, "movi", 3, 10);
    EMIT(&e, "loop", 3, e.at + 3 + 4);
    EMIT(&e, "addi.n", 2, 2, 1);
    EMIT(&e, "addi.n", 2, 2, 1);
    EMIT(&e, "movi", 4, 0);
    EMIT(&e, "loopnez", 4, e.at + 3 + 3);
    EMIT(&e, "addi", 2, 2, 100);
    EMIT(&e, "movi", 4, -5);
    EMIT(&e, "loopgtz", 4, e.at + 3 + 3);
    EMIT(&e, "addi", 2, 2, 100);
    EMIT(&e, "break", 0, 0);
    run(&e);
    assert_int_equal(mote_xt_get(e.m, "a2"), 20);
    mote_xt_destroy(e.m);
}

/* Writes f(n) = n == 0 ? 0 : n + f(n - 1), whose calls move the window by `size` registers and exceed the register
 * file. */
static void write_recursion(emitter *e, int size, int depth)
{
    static const char *const calls[] = {"call4", "call8", "call12"};
    int callee = size + 2;
    EMIT(e, "movi", callee, depth);
    uint32_t main_call = e->at;
    e->at += 3;
    EMIT(e, "break", 0, 0);
    uint32_t function = (e->at + 3) & ~3u;
    e->at = main_call;
    EMIT(e, calls[size / 4 - 1], function);
    e->at = function;
    EMIT(e, "entry", 1, 64);
    EMIT(e, "movi", 3, 0);
    EMIT(e, "beqz", 2, e->at + 3 + 3 + 3 + 3);
    EMIT(e, "addi", callee, 2, -1);
    EMIT(e, calls[size / 4 - 1], function);
    EMIT(e, "add", 3, 2, callee);
    EMIT(e, "mov.n", 2, 3);
    EMIT(e, "retw.n");
}

static void deep_recursion_through_windows(void **state)
{
    (void)state;
    for (int size = 4; size <= 12; size += 4) {
        emitter e = start(MOTE_XT_ESP32S3);
        write_recursion(&e, size, 300);
        run(&e);
        assert_int_equal(mote_xt_get(e.m, size == 4 ? "a6" : size == 8 ? "a10" : "a14"), 300 * 301 / 2);
        assert_int_equal(mote_xt_get(e.m, "a1"), STACK);
        assert_int_equal(mote_xt_get(e.m, "windowbase"), 0);
        assert_int_equal(mote_xt_get(e.m, "windowstart"), 1);
        mote_xt_destroy(e.m);
    }
}

/* Writes the window handlers of the windowed ABI, as operating systems have them. */
static void write_window_vectors(emitter *e, uint32_t base)
{
    emitter v = {e->m, base + 0x00};
    for (int k = 0; k < 4; k++)
        EMIT(&v, "s32e", k, 5, -16 + 4 * k);
    EMIT(&v, "rfwo");
    v.at = base + 0x40;
    EMIT(&v, "l32e", 0, 5, -16);
    EMIT(&v, "l32e", 1, 5, -12);
    EMIT(&v, "l32e", 2, 5, -8);
    EMIT(&v, "l32e", 3, 5, -4);
    EMIT(&v, "rfwu");
    v.at = base + 0x80;
    EMIT(&v, "s32e", 0, 9, -16);
    EMIT(&v, "l32e", 0, 1, -12);
    for (int k = 1; k < 4; k++)
        EMIT(&v, "s32e", k, 9, -16 + 4 * k);
    for (int k = 4; k < 8; k++)
        EMIT(&v, "s32e", k, 0, -32 + 4 * (k - 4));
    EMIT(&v, "rfwo");
    v.at = base + 0xc0;
    EMIT(&v, "l32e", 0, 9, -16);
    EMIT(&v, "l32e", 1, 9, -12);
    EMIT(&v, "l32e", 2, 9, -8);
    EMIT(&v, "l32e", 7, 1, -12);
    EMIT(&v, "l32e", 3, 9, -4);
    for (int k = 4; k < 8; k++)
        EMIT(&v, "l32e", k, 7, -32 + 4 * (k - 4));
    EMIT(&v, "rfwu");
    v.at = base + 0x100;
    EMIT(&v, "s32e", 0, 13, -16);
    EMIT(&v, "l32e", 0, 1, -12);
    for (int k = 1; k < 4; k++)
        EMIT(&v, "s32e", k, 13, -16 + 4 * k);
    for (int k = 4; k < 12; k++)
        EMIT(&v, "s32e", k, 0, -48 + 4 * (k - 4));
    EMIT(&v, "rfwo");
    v.at = base + 0x140;
    EMIT(&v, "l32e", 0, 13, -16);
    EMIT(&v, "l32e", 1, 13, -12);
    EMIT(&v, "l32e", 2, 13, -8);
    EMIT(&v, "l32e", 11, 1, -12);
    EMIT(&v, "l32e", 3, 13, -4);
    for (int k = 4; k < 12; k++)
        EMIT(&v, "l32e", k, 11, -48 + 4 * (k - 4));
    EMIT(&v, "rfwu");
}

/* The handlers of a program and the built-in spill write the same stack. */
static void window_vectors_do_what_the_built_in_does(void **state)
{
    (void)state;
    for (int size = 4; size <= 12; size += 4) {
        static uint8_t stack[2][0x8000];
        for (int with_vectors = 0; with_vectors < 2; with_vectors++) {
            emitter e = start(MOTE_XT_ESP32S3);
            if (with_vectors) {
                write_window_vectors(&e, CODE + 0x4000);
                mote_xt_set(e.m, "vecbase", CODE + 0x4000);
            }
            write_recursion(&e, size, 200);
            run(&e);
            assert_int_equal(mote_xt_get(e.m, size == 4 ? "a6" : size == 8 ? "a10" : "a14"), 200 * 201 / 2);
            assert_true(mote_xt_read(e.m, STACK - sizeof stack[0], stack[with_vectors], sizeof stack[0]));
            mote_xt_destroy(e.m);
        }
        /* Frames of 12 registers also save registers that the program never wrote, in which the handlers leave
         * values. */
        if (size < 12)
            assert_memory_equal(stack[0], stack[1], sizeof stack[0]);
    }
}

static void exceptions_go_to_the_vector(void **state)
{
    (void)state;
    emitter e = start(MOTE_XT_ESP32S3);
    uint32_t base = CODE + 0x4000, faulting;
    mote_xt_set(e.m, "vecbase", base);
    EMIT(&e, "movi", 2, 0);
    EMIT(&e, "movi", 3, 7);
    faulting = e.at;
    EMIT(&e, "quou", 4, 3, 2);
    EMIT(&e, "l32i", 5, 2, 0);
    EMIT(&e, "break", 0, 0);
    e.at = base + 0x340;
    EMIT(&e, "rsr.exccause", 6);
    EMIT(&e, "rsr.epc1", 7);
    EMIT(&e, "rsr.excvaddr", 8);
    EMIT(&e, "addi", 9, 7, 3);
    EMIT(&e, "wsr.epc1", 9);
    EMIT(&e, "addi", 10, 10, 1);
    EMIT(&e, "rfe");
    run(&e);
    assert_int_equal(mote_xt_get(e.m, "a10"), 2);
    assert_int_equal(mote_xt_get(e.m, "a6"), 28);
    assert_int_equal(mote_xt_get(e.m, "a7"), faulting + 3);
    assert_int_equal(mote_xt_get(e.m, "a8"), 0);
    assert_int_equal(mote_xt_get(e.m, "ps") & 0x10, 0);
    mote_xt_destroy(e.m);
}

static void timer_interrupts(void **state)
{
    (void)state;
    for (int timed = 0; timed < 2; timed++) {
        emitter e = start(MOTE_XT_ESP32S3);
        uint32_t base = CODE + 0x4000;
        mote_xt_set_timing(e.m, timed);
        mote_xt_set(e.m, "vecbase", base);
        EMIT(&e, "movi", 2, 0);
        EMIT(&e, "rsr.ccount", 3);
        EMIT(&e, "addmi", 3, 3, 1024);
        EMIT(&e, "wsr.ccompare0", 3);
        EMIT(&e, "movi", 4, 64);
        EMIT(&e, "wsr.intenable", 4);
        EMIT(&e, "movi", 8, 0);
        uint32_t wait = e.at;
        EMIT(&e, "addi", 8, 8, 1);
        EMIT(&e, "beqz", 2, wait);
        EMIT(&e, "waiti", 0);
        EMIT(&e, "break", 0, 0);
        e.at = base + 0x340;
        EMIT(&e, "rsr.exccause", 5);
        EMIT(&e, "rsr.ccount", 6);
        EMIT(&e, "sub", 7, 6, 3);
        EMIT(&e, "addmi", 3, 3, 1024);
        EMIT(&e, "wsr.ccompare0", 3);
        EMIT(&e, "addi", 2, 2, 1);
        EMIT(&e, "rfe");
        run(&e);
        assert_int_equal(mote_xt_get(e.m, "a2"), 2);
        assert_int_equal(mote_xt_get(e.m, "a5"), 4);
        assert_in_range(mote_xt_get(e.m, "a7"), 0, 12);
        assert_in_range(mote_xt_get(e.m, "a8"), timed ? 200 : 480, 520);
        mote_xt_destroy(e.m);
    }
}

/* A software interrupt of level 3 interrupts the level-1 handler. */
static void interrupts_nest_by_level(void **state)
{
    (void)state;
    emitter e = start(MOTE_XT_ESP32S3);
    uint32_t base = CODE + 0x4000;
    mote_xt_set(e.m, "vecbase", base);
    mote_xt_set(e.m, "intenable", 1u << 7 | 1u << 29);
    EMIT(&e, "movi", 2, 128);
    EMIT(&e, "wsr.intset", 2);
    EMIT(&e, "break", 0, 0);
    e.at = base + 0x340;
    EMIT(&e, "wsr.intclear", 2);
    EMIT(&e, "addi", 4, 4, 1);
    EMIT(&e, "movi", 3, 1);
    EMIT(&e, "slli", 3, 3, 29);
    EMIT(&e, "rsil", 5, 0);
    EMIT(&e, "wsr.intset", 3);
    EMIT(&e, "addi", 6, 4, 0);
    EMIT(&e, "rfe");
    e.at = base + 0x1c0;
    EMIT(&e, "wsr.intclear", 3);
    EMIT(&e, "addi", 4, 4, 10);
    EMIT(&e, "rfi", 3);
    run(&e);
    /* EXCM masks level 3 inside the level-1 handler, so it runs after rfe. */
    assert_int_equal(mote_xt_get(e.m, "a6"), 1);
    assert_int_equal(mote_xt_get(e.m, "a4"), 11);
    mote_xt_destroy(e.m);
}

static void faults_explain_themselves(void **state)
{
    (void)state;
    static const struct {
        uint32_t a2;
        const char *mnemonic;
        int32_t v0, v1, v2;
        const char *text;
    } faults[] = {
        {0x10, "l32i", 3, 2, 0, "load from 0x00000010: nothing is mapped there"},
        {0x3c000000, "s32i", 3, 2, 0, "store to 0x3c000000: the memory there does not allow it"},
        {0x3fc90000, "jx", 2, 0, 0, "jump to 0x3fc90000: the memory there does not allow it"},
        {0, "ill", 0, 0, 0, "illegal instruction"},
        {0, "simcall", 0, 0, 0, "simcall, and no host answers it"},
        {0x3fcb0001, "s32c1i", 3, 2, 0, "unaligned l32ai, s32ri or s32c1i"},
        {0x3fcb0002, "l32ai", 3, 2, 0, "unaligned l32ai, s32ri or s32c1i"},
        {0x3fcb0002, "s32ri", 3, 2, 0, "unaligned l32ai, s32ri or s32c1i"},
    };
    for (size_t k = 0; k < sizeof faults / sizeof faults[0]; k++) {
        emitter e = start(MOTE_XT_ESP32S3);
        mote_xt_set(e.m, "a2", faults[k].a2);
        EMIT(&e, faults[k].mnemonic, faults[k].v0, faults[k].v1, faults[k].v2);
        assert_int_equal(mote_xt_run(e.m, 10), MOTE_XT_STOP_FAULT);
        assert_string_equal(mote_xt_fault_text(e.m), faults[k].text);
        assert_int_equal(mote_xt_get(e.m, "pc"), strcmp(faults[k].mnemonic, "jx") == 0 ? faults[k].a2 : CODE);
        mote_xt_destroy(e.m);
    }
}

/* A loop rewrites, through data addresses, the instruction that comes next. */
static void self_modifying_code(void **state)
{
    (void)state;
    emitter e = start(MOTE_XT_ESP32S3);
    uint32_t words[4], patched, at = 0;
    int operand;
    for (int k = 0; k < 4; k++) {
        int32_t values[] = {5, 5, k + 1};
        assert_int_equal(mote_xt_encode(mote_xt_find("addi.n"), values, 0, &words[k], &operand), MOTE_XT_FINE);
        mote_xt_write(e.m, DATA + 2 * (uint32_t)k, &words[k], 2);
    }
    mote_xt_set(e.m, "a2", DATA);
    mote_xt_set(e.m, "a3", 0);
    mote_xt_set(e.m, "a4", 4);
    uint32_t loop = e.at;
    EMIT(&e, "l16ui", 6, 2, 0);
    EMIT(&e, "addi", 2, 2, 2);
    at = e.at;
    EMIT(&e, "s16i", 6, 3, 0);
    patched = e.at;
    EMIT(&e, "addi.n", 5, 5, 15);
    EMIT(&e, "addi", 4, 4, -1);
    EMIT(&e, "bnez", 4, loop);
    EMIT(&e, "break", 0, 0);
    mote_xt_set(e.m, "a3", patched - VIEW);
    run(&e);
    assert_int_equal(mote_xt_get(e.m, "a5"), 1 + 2 + 3 + 4);
    assert_true(at < patched);
    mote_xt_destroy(e.m);
}

/* An instruction across a page boundary runs, and a change of its last byte takes effect. */
static void code_across_pages(void **state)
{
    (void)state;
    emitter e = start(MOTE_XT_ESP32S3);
    uint32_t boundary = CODE + 0x1000;
    e.at = boundary - 4;
    EMIT(&e, "mov.n", 2, 2);
    EMIT(&e, "movi", 3, 0x123);
    EMIT(&e, "break", 0, 0);
    mote_xt_set(e.m, "pc", boundary - 4);
    run(&e);
    assert_int_equal(mote_xt_get(e.m, "a3"), 0x123);
    uint8_t low = 0x45;
    assert_true(mote_xt_write(e.m, boundary - VIEW, &low, 1));
    mote_xt_set(e.m, "pc", boundary - 4);
    run(&e);
    assert_int_equal(mote_xt_get(e.m, "a3"), 0x145);
    mote_xt_destroy(e.m);
}

static void chips_lack_instructions(void **state)
{
    (void)state;
    static const struct {
        const char *mnemonic;
        unsigned chips;
    } rows[] = {
        {"add", 7},           {"quou", 7},  {"loop", 5},          {"mula.aa.ll", 5},    {"add.s", 5},
        {"s32c1i", 5},        {"andb", 5},  {"ee.zero.q", 4},     {"ee.vld.128.ip", 4}, {"salt", 6},
        {"rsr.threadptr", 0}, {"entry", 7}, {"rur.threadptr", 7}, {"rsr.scompare1", 5}, {"rsr.lbeg", 5},
    };
    static const uint32_t code[3] = {0x40080000, 0x40020000, CODE};
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        const mote_xt_insn *insn = mote_xt_find(rows[k].mnemonic);
        if (!rows[k].chips) {
            assert_null(insn);
            continue;
        }
        for (unsigned c = 0; c < 3; c++) {
            mote_error error;
            mote_xt_machine *m = mote_xt_create((mote_xt_chip)(1u << c), &error);
            assert_non_null(m);
            assert_true(mote_xt_write(m, code[c], &insn->match, insn->size));
            mote_xt_set(m, "pc", code[c]);
            mote_xt_set(m, "a0", 0x3ffb1000);
            mote_xt_run(m, 1);
            bool illegal = strcmp(mote_xt_fault_text(m), "illegal instruction") == 0;
            if (illegal == (bool)(rows[k].chips >> c & 1))
                fail_msg("%s on chip %u: %s", rows[k].mnemonic, 1u << c, mote_xt_fault_text(m));
            mote_xt_destroy(m);
        }
    }
}

static void coprocessors_can_be_off(void **state)
{
    (void)state;
    emitter e = start(MOTE_XT_ESP32S3);
    uint32_t loop = e.at;
    EMIT(&e, "ee.zero.q", 1);
    EMIT(&e, "movi", 2, 1);
    EMIT(&e, "wsr.cpenable", 2);
    EMIT(&e, "mov.s", 1, 2);
    EMIT(&e, "j", loop);
    assert_int_equal(mote_xt_run(e.m, 100), MOTE_XT_STOP_FAULT);
    assert_int_equal(mote_xt_get(e.m, "pc"), loop);
    assert_string_equal(mote_xt_fault_text(e.m), "PIE instruction with coprocessor 3 off in CPENABLE");
    assert_int_equal(mote_xt_instructions(e.m), 5);
    mote_xt_destroy(e.m);
}

static void breakpoints_and_watchpoints(void **state)
{
    (void)state;
    emitter e = start(MOTE_XT_ESP32S3);
    mote_xt_set(e.m, "a2", DATA);
    uint32_t loop = e.at;
    EMIT(&e, "addi", 3, 3, 1);
    uint32_t store = e.at;
    EMIT(&e, "s32i", 3, 2, 8);
    EMIT(&e, "j", loop);
    mote_xt_breakpoint(e.m, store, true);
    for (uint32_t k = 1; k < 4; k++) {
        assert_int_equal(mote_xt_run(e.m, 1000), MOTE_XT_STOP_BREAK);
        assert_int_equal(mote_xt_get(e.m, "pc"), store);
        assert_int_equal(mote_xt_get(e.m, "a3"), k);
    }
    mote_xt_breakpoint(e.m, store, false);
    assert_true(mote_xt_watchpoint(e.m, DATA + 10, 1, MOTE_XT_MEM_W, true));
    assert_int_equal(mote_xt_run(e.m, 1000), MOTE_XT_STOP_WATCH);
    assert_int_equal(mote_xt_get(e.m, "pc"), store + 3);
    assert_true(mote_xt_watchpoint(e.m, DATA + 10, 1, MOTE_XT_MEM_W, false));
    assert_int_equal(mote_xt_run(e.m, 1000), MOTE_XT_STOP_NONE);
    mote_xt_destroy(e.m);
}

static void typed_instructions(void **state)
{
    (void)state;
    emitter e = start(MOTE_XT_ESP32S3);
    mote_xt_set(e.m, "a3", 40);
    uint32_t word;
    int operand;
    assert_int_equal(mote_xt_encode(mote_xt_find("addi"), (int32_t[]){2, 3, 2}, 0, &word, &operand), MOTE_XT_FINE);
    assert_int_equal(mote_xt_execute(e.m, word, 3), MOTE_XT_STOP_NONE);
    assert_int_equal(mote_xt_get(e.m, "a2"), 42);
    assert_int_equal(mote_xt_get(e.m, "pc"), CODE);
    mote_xt_destroy(e.m);
}

static void state_can_be_saved(void **state)
{
    (void)state;
    emitter e = start(MOTE_XT_ESP32S3);
    uint8_t *saved = malloc(mote_xt_state_size());
    write_recursion(&e, 8, 50);
    mote_xt_run(e.m, 200);
    mote_xt_state_save(e.m, saved);
    uint32_t base = mote_xt_get(e.m, "windowbase"), pc = mote_xt_get(e.m, "pc");
    mote_xt_run(e.m, 30);
    mote_xt_state_restore(e.m, saved);
    assert_int_equal(mote_xt_get(e.m, "windowbase"), base);
    assert_int_equal(mote_xt_get(e.m, "pc"), pc);
    assert_int_equal(mote_xt_instructions(e.m), 200);
    free(saved);
    mote_xt_destroy(e.m);
}

/* Returns the cycles of a piece of code, without the break instruction at its end. */
static uint64_t cycles_of(void (*write)(emitter *e))
{
    emitter e = start(MOTE_XT_ESP32S3);
    mote_xt_set_timing(e.m, true);
    mote_xt_set(e.m, "a2", DATA);
    write(&e);
    EMIT(&e, "break", 0, 0);
    run(&e);
    uint64_t cycles = mote_xt_cycles(e.m);
    mote_xt_destroy(e.m);
    return cycles;
}

static void three_adds(emitter *e)
{
    for (int k = 0; k < 3; k++)
        EMIT(e, "add", 3, 3, 3);
}

static void load_then_use(emitter *e)
{
    EMIT(e, "l32i", 3, 2, 0);
    EMIT(e, "add", 4, 3, 3);
}

static void load_gap_use(emitter *e)
{
    EMIT(e, "l32i", 3, 2, 0);
    EMIT(e, "add", 5, 5, 5);
    EMIT(e, "add", 4, 3, 3);
}

static void multiply_accumulate_twice(emitter *e)
{
    EMIT(e, "ee.vmulas.s8.accx", 0, 1);
    EMIT(e, "ee.vmulas.s8.accx", 0, 1);
}

static void multiply_accumulate_read(emitter *e)
{
    EMIT(e, "ee.vmulas.s8.accx", 0, 1);
    EMIT(e, "ee.srs.accx", 3, 4, 0);
}

static void vector_load_use(emitter *e)
{
    EMIT(e, "ee.vld.128.ip", 0, 2, 16);
    EMIT(e, "ee.vadds.s8", 1, 0, 0);
}

static void float_chain(emitter *e)
{
    EMIT(e, "add.s", 1, 1, 1);
    EMIT(e, "add.s", 1, 1, 1);
}

static void float_load_use(emitter *e)
{
    EMIT(e, "lsi", 1, 2, 0);
    EMIT(e, "add.s", 3, 1, 1);
}

static void float_pair_load_use(emitter *e)
{
    EMIT(e, "ee.ldf.64.ip", 1, 0, 2, 8);
    EMIT(e, "add.s", 3, 1, 0);
}

/* Stores read their data in stage M. */
static void load_then_store(emitter *e)
{
    EMIT(e, "l32i", 3, 2, 0);
    EMIT(e, "s32i", 3, 2, 4);
}

static void accumulate_then_narrow(emitter *e)
{
    EMIT(e, "ee.vmulas.s8.qacc", 0, 1);
    EMIT(e, "ee.srcmb.s8.qacc", 2, 3, 0);
}

static void branch_not_taken(emitter *e)
{
    EMIT(e, "movi", 3, 1);
    EMIT(e, "beqz", 3, e->at + 8);
}

/* 4-byte aligned targets, so that none straddles a word. */
static void branch_taken(emitter *e)
{
    EMIT(e, "movi", 3, 0);
    EMIT(e, "beqz", 3, e->at + 5);
    e->at = (e->at + 3) & ~3u;
}

static void branch_to_straddling(emitter *e)
{
    EMIT(e, "movi", 3, 0);
    EMIT(e, "beqz", 3, e->at + 8);
    e->at += 5;
}

static void loop_of_ten(emitter *e)
{
    EMIT(e, "movi", 3, 10);
    EMIT(e, "loop", 3, e->at + 3 + 3);
    EMIT(e, "add", 4, 4, 4);
}

static void five_vector_stores(emitter *e)
{
    for (int k = 0; k < 5; k++)
        EMIT(e, "ee.vst.128.ip", 0, 2, 16);
}

static void divide(emitter *e)
{
    EMIT(e, "movi", 3, 5);
    EMIT(e, "quou", 3, 3, 3);
}

static void cycles_follow_the_rules(void **state)
{
    (void)state;
    assert_int_equal(cycles_of(three_adds), 3);
    assert_int_equal(cycles_of(load_then_use), 3);
    assert_int_equal(cycles_of(load_gap_use), 3);
    assert_int_equal(cycles_of(multiply_accumulate_twice), 2);
    assert_int_equal(cycles_of(multiply_accumulate_read), 3);
    assert_int_equal(cycles_of(vector_load_use), 3);
    assert_int_equal(cycles_of(float_chain), 1 + 4);
    assert_int_equal(cycles_of(branch_not_taken), 2);
    assert_int_equal(cycles_of(branch_taken), 1 + 3);
    assert_int_equal(cycles_of(branch_to_straddling), 1 + 3 + 1);
    assert_int_equal(cycles_of(loop_of_ten), 1 + 1 + 10);
    assert_int_equal(cycles_of(five_vector_stores), 5);
    assert_int_equal(cycles_of(float_load_use), 2);
    assert_int_equal(cycles_of(float_pair_load_use), 2);
    assert_int_equal(cycles_of(load_then_store), 2);
    assert_int_equal(cycles_of(accumulate_then_narrow), 3);
    assert_int_equal(cycles_of(divide), 1 + 4);
}

static void multiply_then_read(emitter *e)
{
    EMIT(e, "mula.aa.ll", 3, 3);
    EMIT(e, "rsr.acclo", 4);
    EMIT(e, "add", 4, 4, 4);
}

static void load_into_m_then_multiply(emitter *e)
{
    EMIT(e, "ldinc", 0, 2);
    EMIT(e, "add", 5, 5, 5);
    EMIT(e, "mula.da.ll", 0, 3);
}

static uint64_t cycles_on_esp32(void (*write)(emitter *e))
{
    mote_error error;
    emitter e = {mote_xt_create(MOTE_XT_ESP32, &error), 0x40080000};
    assert_non_null(e.m);
    mote_xt_set(e.m, "pc", e.at);
    mote_xt_set(e.m, "a2", 0x3ffb8000);
    mote_xt_set_timing(e.m, true);
    write(&e);
    EMIT(&e, "break", 0, 0);
    run(&e);
    uint64_t cycles = mote_xt_cycles(e.m);
    mote_xt_destroy(e.m);
    return cycles;
}

/* Results of loads come one stage later on the ESP32 than on the S3, except floats. */
static void loads_on_two_pipelines(void **state)
{
    (void)state;
    assert_int_equal(cycles_on_esp32(load_then_use), 4);
    assert_int_equal(cycles_on_esp32(load_gap_use), 4);
    assert_int_equal(cycles_on_esp32(load_then_store), 2);
    assert_int_equal(cycles_on_esp32(float_load_use), 2);
    assert_int_equal(cycles_on_esp32(load_into_m_then_multiply), 4);
    assert_int_equal(cycles_of(load_into_m_then_multiply), 3);
    assert_int_equal(cycles_of(multiply_then_read), 5);
    assert_int_equal(cycles_on_esp32(multiply_then_read), 5);
}

typedef struct seen {
    uint64_t instructions, stalls[MOTE_XT_STALL_KINDS];
} seen;

static void see(void *context, mote_xt_machine *m, uint32_t pc, const mote_xt_insn *insn,
                const uint32_t stalls[MOTE_XT_STALL_KINDS])
{
    seen *s = context;
    (void)m, (void)pc;
    assert_non_null(insn);
    s->instructions++;
    for (int k = 0; k < MOTE_XT_STALL_KINDS; k++)
        s->stalls[k] += stalls[k];
}

/* Every cycle beyond one per instruction has a cause. */
static void stalls_add_up(void **state)
{
    (void)state;
    emitter e = start(MOTE_XT_ESP32S3);
    seen s = {0};
    mote_xt_hooks hooks = {.context = &s, .retired = see};
    mote_xt_set_timing(e.m, true);
    mote_xt_set_hooks(e.m, &hooks);
    mote_xt_set(e.m, "a2", 0x3c000000);
    EMIT(&e, "movi", 3, 64);
    EMIT(&e, "loop", 3, e.at + 3 + 6);
    EMIT(&e, "l32i", 4, 2, 0);
    EMIT(&e, "addi", 2, 2, 4);
    EMIT(&e, "break", 0, 0);
    run(&e);
    uint64_t sum = 0;
    for (int k = 0; k < MOTE_XT_STALL_KINDS; k++)
        sum += s.stalls[k];
    assert_int_equal(s.instructions, mote_xt_instructions(e.m));
    assert_int_equal(s.instructions + sum, mote_xt_cycles(e.m));
    /* 256 bytes of flash in sequence: 8 lines at 0.125 bytes per cycle */
    assert_int_equal(s.stalls[MOTE_XT_STALL_MEMORY], 8 * 256);
    mote_xt_destroy(e.m);
}

static uint32_t next_random(uint32_t *x)
{
    *x ^= *x << 13;
    *x ^= *x >> 17;
    *x ^= *x << 5;
    return *x;
}

/* Random bytes run, fault or stop, without accesses out of bounds, which the sanitizers detect. */
static void random_instructions(void **state)
{
    (void)state;
    uint32_t x = 0x2545f491;
    for (int chip = 1; chip <= 4; chip *= 2) {
        uint32_t code = chip == 1 ? 0x40080000 : chip == 2 ? 0x40020000 : CODE;
        for (int round = 0; round < 120; round++) {
            mote_error error;
            mote_xt_machine *m = mote_xt_create((mote_xt_chip)chip, &error);
            assert_non_null(m);
            mote_xt_set_timing(m, round & 1);
            uint32_t bytes[64];
            for (int k = 0; k < 64; k++)
                bytes[k] = next_random(&x);
            assert_true(mote_xt_write(m, code, bytes, sizeof bytes));
            for (int k = 0; k < 16; k++) {
                char name[16];
                snprintf(name, sizeof name, "a%d", k);
                mote_xt_set(m, name, k & 1 ? code + (next_random(&x) & 0xffff) : next_random(&x));
            }
            mote_xt_set(m, "pc", code);
            for (int k = 0; k < 40; k++) {
                mote_xt_run(m, 50);
                mote_xt_set(m, "pc", code + (next_random(&x) & 255));
            }
            mote_xt_destroy(m);
        }
    }
}

/* Runs every instruction with random operands and registers. */
static void every_instruction_with_random_operands(void **state)
{
    (void)state;
    uint32_t x = 0x9e3779b9;
    mote_error error;
    mote_xt_machine *m = mote_xt_create(MOTE_XT_ESP32S3, &error);
    assert_non_null(m);
    for (size_t n = 0; n < mote_xt_count(); n++) {
        const mote_xt_insn *insn = mote_xt_at(n);
        for (int round = 0; round < 12; round++) {
            mote_xt_reset(m);
            mote_xt_set(m, "pc", CODE);
            for (size_t k = 0; mote_xt_register_at(k); k++) {
                const mote_xt_register *r = mote_xt_register_at(k);
                uint32_t value[5] = {0};
                for (int w = 0; w < 5; w++)
                    value[w] = round & 1 ? DATA + (next_random(&x) & 0xfff) : next_random(&x);
                if (r->name[0] == 'q' || r->name[0] == 'f' || (r->name[0] == 'a' && r->name[1] != 'r') ||
                    strcmp(r->name, "sar") == 0)
                    mote_xt_register_write(m, r, value);
            }
            mote_xt_execute(m, insn->match | (next_random(&x) & ~insn->mask), insn->size);
        }
    }
    mote_xt_destroy(m);
}

static void reserved_mappings(void **state)
{
    (void)state;
    mote_error error;
    emitter e = start(MOTE_XT_ESP32S3);
    assert_false(mote_xt_map(e.m, 0x1001, 0x1000, MOTE_XT_MEM_R, MOTE_XT_SRAM, &error));
    assert_false(mote_xt_map(e.m, 0xfffff000, 0x2000, MOTE_XT_MEM_R, MOTE_XT_SRAM, &error));
    assert_false(mote_xt_map(e.m, CODE, 0x1000, MOTE_XT_MEM_R, MOTE_XT_SRAM, &error));
    assert_true(mote_xt_map(e.m, 0xfffff000, 0x1000, MOTE_XT_MEM_R | MOTE_XT_MEM_W, MOTE_XT_SRAM, &error));
    uint32_t word = 0;
    assert_true(mote_xt_read(e.m, 0xfffffffc, &word, 4));
    assert_false(mote_xt_read(e.m, 0xfffffffd, &word, 4));
    mote_xt_destroy(e.m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zero_overhead_loops),
        cmocka_unit_test(deep_recursion_through_windows),
        cmocka_unit_test(window_vectors_do_what_the_built_in_does),
        cmocka_unit_test(exceptions_go_to_the_vector),
        cmocka_unit_test(timer_interrupts),
        cmocka_unit_test(interrupts_nest_by_level),
        cmocka_unit_test(faults_explain_themselves),
        cmocka_unit_test(self_modifying_code),
        cmocka_unit_test(code_across_pages),
        cmocka_unit_test(chips_lack_instructions),
        cmocka_unit_test(coprocessors_can_be_off),
        cmocka_unit_test(breakpoints_and_watchpoints),
        cmocka_unit_test(typed_instructions),
        cmocka_unit_test(state_can_be_saved),
        cmocka_unit_test(cycles_follow_the_rules),
        cmocka_unit_test(loads_on_two_pipelines),
        cmocka_unit_test(stalls_add_up),
        cmocka_unit_test(reserved_mappings),
        cmocka_unit_test(every_instruction_with_random_operands),
        cmocka_unit_test(random_instructions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
