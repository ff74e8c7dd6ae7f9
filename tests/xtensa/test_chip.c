/* Tests of special cases of the architecture: ends of loops, polled timers, debug exceptions, registers that refuse an
 * access, NaNs. Expected results come from the architecture's definition or, where a test says so, from measurements on
 * a chip. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "tests/xtensa/emit.h"

#define CODE    0x40378000u
#define VECTORS (CODE + 0x4000)
#define DEBUG   (VECTORS + 0x280)
#define USER    (VECTORS + 0x340)
#define DATA    0x3fcb0000u

enum { DEBUG_LEVEL = 6 };

static emitter start(void)
{
    mote_error error;
    mote_xt_machine *m = mote_xt_create(MOTE_XT_ESP32S3, &error);
    assert_non_null(m);
    mote_xt_set(m, "pc", CODE);
    mote_xt_set(m, "a1", 0x3fce0000);
    return (emitter){m, CODE};
}

/* Runs to the simcall that ends every test program. */
static void run(emitter *e)
{
    mote_xt_stop stop = mote_xt_run(e->m, 1000000);
    if (stop != MOTE_XT_STOP_FAULT || strcmp(mote_xt_fault_text(e->m), "simcall, and no host answers it") != 0)
        fail_msg("stopped for reason %d at 0x%08x: %s", stop, mote_xt_get(e->m, "pc"), mote_xt_fault_text(e->m));
}

static uint32_t get(const emitter *e, const char *name)
{
    return mote_xt_get(e->m, name);
}

/* Writes a debug vector that counts in a9, copies the exception state to a10 to a13, skips `skip` bytes and returns. */
static void write_debug_vector(emitter *e, int skip)
{
    emitter v = {e->m, DEBUG};
    mote_xt_set(e->m, "vecbase", VECTORS);
    EMIT(&v, "addi", 9, 9, 1);
    EMIT(&v, "rsr.epc6", 10);
    EMIT(&v, "rsr.debugcause", 11);
    EMIT(&v, "rsr.ps", 12);
    EMIT(&v, "addi", 13, 10, skip);
    EMIT(&v, "wsr.epc6", 13);
    EMIT(&v, "rfi", DEBUG_LEVEL);
}

static void taken_branch_to_the_end_leaves_a_loop(void **state)
{
    (void)state;
    for (int timed = 0; timed < 2; timed++) {
        emitter e = start();
        mote_xt_set_timing(e.m, timed);
        EMIT(&e, "nop.n"); /* the target of the branch then lies within one word */
        EMIT(&e, "movi", 2, 0);
        EMIT(&e, "movi", 3, 5);
        EMIT(&e, "loop", 3, e.at + 3 + 6);
        EMIT(&e, "addi", 2, 2, 1);
        EMIT(&e, "beqi", 2, 3, e.at + 3);
        EMIT(&e, "rsr.lcount", 4);
        EMIT(&e, "simcall");
        run(&e);
        assert_int_equal(get(&e, "a2"), 3);
        assert_int_equal(get(&e, "a4"), 2);
        if (timed) /* the taken branch costs 2 more cycles */
            assert_int_equal(mote_xt_cycles(e.m), 3 + 1 + 3 * 2 + 2 + 1);
        mote_xt_destroy(e.m);
    }
}

static void jumps_to_the_end_leave_a_loop(void **state)
{
    (void)state;
    for (int by_register = 0; by_register < 2; by_register++) {
        emitter e = start();
        EMIT(&e, "movi", 2, 0);
        EMIT(&e, "movi", 3, 5);
        uint32_t end = e.at + 3 + 6;
        mote_xt_set(e.m, "a5", end);
        EMIT(&e, "loop", 3, end);
        EMIT(&e, "addi", 2, 2, 1);
        if (by_register)
            EMIT(&e, "jx", 5);
        else
            EMIT(&e, "j", end);
        EMIT(&e, "simcall");
        run(&e);
        assert_int_equal(get(&e, "a2"), 1);
        mote_xt_destroy(e.m);
    }
}

/* retw takes the window increment from a0, and does not change the increment of the latest call in PS. */
static void return_leaves_callinc(void **state)
{
    (void)state;
    emitter e = start();
    uint32_t function = CODE + 0x100;
    EMIT(&e, "call4", function);
    EMIT(&e, "rsr.ps", 2);
    EMIT(&e, "simcall");
    e.at = function;
    EMIT(&e, "entry", 1, 32);
    EMIT(&e, "rsr.ps", 5);
    EMIT(&e, "movi", 6, 3);
    EMIT(&e, "slli", 6, 6, 16);
    EMIT(&e, "or", 5, 5, 6);
    EMIT(&e, "wsr.ps", 5);
    EMIT(&e, "retw");
    run(&e);
    assert_int_equal(get(&e, "a2") >> 16 & 3, 3);
    mote_xt_destroy(e.m);
}

static void interrupt_shows_timers_that_are_not_enabled(void **state)
{
    (void)state;
    for (int timed = 0; timed < 2; timed++) {
        emitter e = start();
        mote_xt_set_timing(e.m, timed);
        EMIT(&e, "movi", 2, 0);
        EMIT(&e, "wsr.intenable", 2);
        EMIT(&e, "rsr.ccount", 3);
        EMIT(&e, "addmi", 3, 3, 1024);
        EMIT(&e, "wsr.ccompare1", 3);
        uint32_t wait = e.at;
        EMIT(&e, "rsr.interrupt", 4);
        EMIT(&e, "rsr.ccount", 5);
        EMIT(&e, "bbci", 4, 15, wait);
        EMIT(&e, "wsr.ccompare1", 2);
        EMIT(&e, "rsr.interrupt", 6);
        EMIT(&e, "simcall");
        run(&e);
        assert_int_equal(get(&e, "a4"), 1 << 15);
        assert_in_range(get(&e, "a5") - get(&e, "a3"), 0, 12);
        assert_int_equal(get(&e, "a6"), 0);
        mote_xt_destroy(e.m);
    }
}

static void break_is_a_debug_exception(void **state)
{
    (void)state;
    for (int narrow = 0; narrow < 2; narrow++) {
        emitter e = start();
        write_debug_vector(&e, narrow ? 2 : 3);
        EMIT(&e, "rsil", 2, DEBUG_LEVEL);
        EMIT(&e, narrow ? "break.n" : "break", 0, 0); /* no effect at this level */
        EMIT(&e, "mov.n", 4, 9);
        EMIT(&e, "rsil", 2, DEBUG_LEVEL - 1);
        uint32_t at = e.at;
        EMIT(&e, narrow ? "break.n" : "break", 0, 0);
        EMIT(&e, "simcall");
        run(&e);
        assert_int_equal(get(&e, "a4"), 0);
        assert_int_equal(get(&e, "a9"), 1);
        assert_int_equal(get(&e, "a10"), at);
        assert_int_equal(get(&e, "a11"), narrow ? 0x10 : 0x08);
        assert_int_equal(get(&e, "a12") & 0x1f, 0x10 | DEBUG_LEVEL);
        assert_int_equal(get(&e, "ps") & 0x1f, DEBUG_LEVEL - 1);
        mote_xt_destroy(e.m);
    }
}

static void ibreak_stops_before_its_instruction(void **state)
{
    (void)state;
    emitter e = start();
    write_debug_vector(&e, 3);
    uint32_t watched = CODE + 3 * 3;
    mote_xt_set(e.m, "a2", watched);
    EMIT(&e, "wsr.ibreaka1", 2);
    EMIT(&e, "movi", 3, 2);
    EMIT(&e, "wsr.ibreakenable", 3);
    EMIT(&e, "addi", 4, 4, 1); /* skipped by the vector */
    EMIT(&e, "movi", 3, 0);
    EMIT(&e, "beqz", 5, e.at + 3 + 3);
    EMIT(&e, "simcall");
    EMIT(&e, "movi", 5, 1);
    EMIT(&e, "wsr.ibreakenable", 3); /* off: the instruction runs the second time */
    EMIT(&e, "j", watched);
    run(&e);
    assert_int_equal(get(&e, "a9"), 1);
    assert_int_equal(get(&e, "a10"), watched);
    assert_int_equal(get(&e, "a11"), 0x02);
    assert_int_equal(get(&e, "a4"), 1);
    mote_xt_destroy(e.m);
}

/* Loads and stores of 4 bytes at `access` with DBREAK at `address`. The mask in the control register has leading ones
 * and gives the number of bytes. */
static void dbreak_stops_before_an_access(void **state)
{
    (void)state;
    static const struct {
        uint32_t control, address, access;
        int store, stops;
    } rows[] = {
        {0x4000003f, DATA + 5, DATA + 4, 0, 1},  {0x4000003f, DATA + 8, DATA + 4, 0, 0},
        {0x40000030, DATA + 3, DATA + 12, 0, 1}, {0x40000030, DATA + 16, DATA + 12, 0, 0},
        {0x40000000, DATA, DATA + 60, 0, 1},     {0x40000020, DATA, DATA + 60, 0, 0},
        {0x8000003c, DATA, DATA, 0, 0},          {0x8000003c, DATA, DATA, 1, 1},
        {0x4000003c, DATA, DATA, 1, 0},          {0xc0000035, DATA, DATA + 12, 1, 1},
        {0x4000003c, 0x10, 0x10, 0, 1}, /* stops before the address is found to be invalid */
    };
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        unsigned which = k & 1;
        emitter e = start();
        write_debug_vector(&e, 3);
        mote_xt_set(e.m, "a2", rows[k].control);
        mote_xt_set(e.m, "a3", rows[k].address);
        mote_xt_set(e.m, "a4", rows[k].access);
        mote_xt_set(e.m, "a5", 0x12345678);
        EMIT(&e, which ? "wsr.dbreaka1" : "wsr.dbreaka0", 3);
        EMIT(&e, which ? "wsr.dbreakc1" : "wsr.dbreakc0", 2);
        uint32_t at = e.at;
        EMIT(&e, rows[k].store ? "s32i" : "l32i", 5, 4, 0);
        EMIT(&e, "simcall");
        run(&e);
        assert_int_equal(get(&e, "a9"), rows[k].stops);
        if (rows[k].stops) {
            assert_int_equal(get(&e, "a10"), at);
            assert_int_equal(get(&e, "a11"), 0x04 | which << 8);
            uint32_t word = 0;
            mote_xt_read(e.m, rows[k].access, &word, 4);
            assert_int_equal(word, 0); /* not stored */
            assert_int_equal(get(&e, "a5"), 0x12345678);
        }
        mote_xt_destroy(e.m);
    }
}

/* Instructions are counted while the interrupt level is below ICOUNTLEVEL. The one that would make ICOUNT 0 does not
 * run. */
static void icount_stops_after_a_number_of_instructions(void **state)
{
    (void)state;
    emitter e = start();
    write_debug_vector(&e, 0);
    emitter v = {e.m, DEBUG + 15};
    EMIT(&v, "wsr.icountlevel", 8); /* 0: stop counting */
    EMIT(&v, "rfi", DEBUG_LEVEL);
    EMIT(&e, "rsil", 2, DEBUG_LEVEL - 1);
    EMIT(&e, "movi", 2, -3);
    EMIT(&e, "wsr.icount", 2);
    EMIT(&e, "movi", 2, 1);
    EMIT(&e, "wsr.icountlevel", 2);
    EMIT(&e, "rsil", 2, 0);
    EMIT(&e, "addi", 4, 4, 1);
    EMIT(&e, "addi", 4, 4, 1);
    uint32_t at = e.at;
    EMIT(&e, "addi", 4, 4, 1);
    EMIT(&e, "simcall");
    run(&e);
    assert_int_equal(get(&e, "a9"), 1);
    assert_int_equal(get(&e, "a10"), at);
    assert_int_equal(get(&e, "a11"), 0x01);
    assert_int_equal(get(&e, "a4"), 3);
    assert_int_equal(get(&e, "icount"), UINT32_MAX);
    mote_xt_destroy(e.m);
}

/* Each register allows some of rsr, wsr and xsr. The words are written by hand, because no assembler has all of
 * them. */
static void special_registers_refuse_accesses(void **state)
{
    (void)state;
    static const struct {
        uint8_t number, allowed; /* 1 rsr, 2 wsr, 4 xsr */
    } rows[] = {
        {3, 7},   {16, 7},  {97, 7},  {98, 0},  {99, 7},  {40, 0},  {91, 0},  {83, 0},  {89, 2},  {104, 7},
        {144, 7}, {160, 7}, {176, 3}, {208, 1}, {224, 7}, {226, 3}, {227, 2}, {228, 7}, {230, 7}, {231, 7},
        {233, 1}, {234, 7}, {235, 1}, {236, 7}, {237, 7}, {238, 7}, {243, 0}, {244, 7},
    };
    static const uint8_t operations[] = {0x03, 0x13, 0x61};
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++)
        for (int form = 0; form < 3; form++) {
            emitter e = start();
            uint32_t word = 0x20u | (uint32_t)rows[k].number << 8 | (uint32_t)operations[form] << 16;
            mote_xt_write(e.m, CODE, &word, 3);
            mote_xt_run(e.m, 1);
            bool illegal = strcmp(mote_xt_fault_text(e.m), "illegal instruction") == 0;
            if (illegal == (bool)(rows[k].allowed >> form & 1))
                fail_msg("special register %u, form %d: %s", rows[k].number, form, mote_xt_fault_text(e.m));
            mote_xt_destroy(e.m);
        }
}

/* xsr returns the old value even when the write discards the decoded instructions of the emulator. */
static void exchange_with_cpenable(void **state)
{
    (void)state;
    emitter e = start();
    mote_xt_set(e.m, "a2", 1);
    EMIT(&e, "xsr.cpenable", 2);
    EMIT(&e, "simcall");
    run(&e);
    assert_int_equal(get(&e, "a2"), 0xff);
    assert_int_equal(get(&e, "a0"), 0);
    assert_int_equal(get(&e, "cpenable"), 1);
    mote_xt_destroy(e.m);
}

enum { INEXACT = 1 << 7, INVALID = 1 << 11 };

/* Below 0, utrunc.s is invalid only for -1 and less; between -1 and 0 it is inexact. */
static void unsigned_conversion_of_negative_numbers(void **state)
{
    (void)state;
    static const struct {
        uint32_t from, scale, to, flags;
    } rows[] = {
        {0xbf400000, 0, 0, INEXACT},          /* -0.75 */
        {0xbf400000, 1, 0xffffffff, INVALID}, /* -1.5 */
        {0xbf800000, 0, 0xffffffff, INVALID}, /* -1 */
        {0x80000000, 0, 0, 0},                /* -0 */
        {0x80000001, 0, 0, INEXACT},          /* the smallest */
        {0xff800000, 0, 0x80000000, INVALID}, /* -infinity */
    };
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        emitter e = start();
        mote_xt_set(e.m, "f1", rows[k].from);
        EMIT(&e, "utrunc.s", 2, 1, (int32_t)rows[k].scale);
        EMIT(&e, "rur.fsr", 3);
        EMIT(&e, "simcall");
        run(&e);
        assert_int_equal(get(&e, "a2"), rows[k].to);
        assert_int_equal(get(&e, "a3"), rows[k].flags);
        mote_xt_destroy(e.m);
    }
}

#define NAN_1 0x7fc00011u
#define NAN_2 0xffc00022u
#define NAN_3 0x7f800033u /* signalling */
#define QUIET 0x00400000u
#define ONE   0x3f800000u

/* The payload of a NaN result is that of the last NaN operand. In a multiply-add, the sum takes precedence over the
 * factors. */
static void payloads_of_results_that_are_no_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *mnemonic;
        uint32_t sum, a, b, to, flags;
    } rows[] = {
        {"add.s", 0, NAN_1, NAN_2, NAN_2, 0},
        {"add.s", 0, NAN_1, ONE, NAN_1, 0},
        {"sub.s", 0, NAN_2, NAN_1, NAN_1, 0},
        {"mul.s", 0, NAN_1, NAN_3, NAN_3 | QUIET, INVALID},
        {"mul.s", 0, NAN_3, NAN_1, NAN_1, INVALID},
        {"madd.s", NAN_1, NAN_2, NAN_3, NAN_1, INVALID},
        {"madd.s", ONE, NAN_2, NAN_3, NAN_3 | QUIET, INVALID},
        {"madd.s", ONE, NAN_2, ONE, NAN_2, 0},
        {"madd.s", NAN_1, 0x7f800000, 0, NAN_1, INVALID}, /* infinity times 0 */
    };
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        emitter e = start();
        mote_xt_set(e.m, "f0", rows[k].sum);
        mote_xt_set(e.m, "f1", rows[k].a);
        mote_xt_set(e.m, "f2", rows[k].b);
        EMIT(&e, rows[k].mnemonic, 0, 1, 2);
        EMIT(&e, "rur.fsr", 3);
        EMIT(&e, "simcall");
        run(&e);
        assert_int_equal(get(&e, "f0"), rows[k].to);
        assert_int_equal(get(&e, "a3"), rows[k].flags);
        mote_xt_destroy(e.m);
    }
}

static void assert_lanes(const emitter *e, const char *name, const uint32_t expected[4])
{
    uint32_t lanes[4];
    mote_xt_register_read(e->m, mote_xt_register_find(name), lanes);
    assert_memory_equal(lanes, expected, sizeof lanes);
}

/* Measured on an ESP32-S3 (espressif/qemu, issue 163): shifts by a SAR of 32. */
static void vector_shifts_by_32(void **state)
{
    (void)state;
    static const uint32_t lanes[4] = {0x12345678, 0xffffffff, 0x80000000, 1}, zeros[4] = {0},
                          saturated[4] = {0x7fffffff, 0x80000000, 0x80000000, 0x7fffffff};
    static const int8_t a[16] = {1, -1, 2, -2, 3, -3, 100, -100, 7, -7, 50, -50, 127, -128, 0, 9},
                        b[16] = {5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5};
    emitter e = start();
    mote_xt_register_write(e.m, mote_xt_register_find("q0"), lanes);
    mote_xt_register_write(e.m, mote_xt_register_find("q3"), a);
    mote_xt_register_write(e.m, mote_xt_register_find("q5"), b);
    mote_xt_set(e.m, "sar", 32);
    EMIT(&e, "ee.vsr.32", 1, 0);
    EMIT(&e, "ee.vsl.32", 2, 0);
    EMIT(&e, "ee.vmul.s8", 4, 3, 5);
    EMIT(&e, "simcall");
    run(&e);
    assert_lanes(&e, "q1", zeros);
    assert_lanes(&e, "q2", saturated);
    assert_lanes(&e, "q4", zeros);
    mote_xt_destroy(e.m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(taken_branch_to_the_end_leaves_a_loop),
        cmocka_unit_test(jumps_to_the_end_leave_a_loop),
        cmocka_unit_test(return_leaves_callinc),
        cmocka_unit_test(interrupt_shows_timers_that_are_not_enabled),
        cmocka_unit_test(break_is_a_debug_exception),
        cmocka_unit_test(ibreak_stops_before_its_instruction),
        cmocka_unit_test(dbreak_stops_before_an_access),
        cmocka_unit_test(icount_stops_after_a_number_of_instructions),
        cmocka_unit_test(special_registers_refuse_accesses),
        cmocka_unit_test(exchange_with_cpenable),
        cmocka_unit_test(unsigned_conversion_of_negative_numbers),
        cmocka_unit_test(payloads_of_results_that_are_no_numbers),
        cmocka_unit_test(vector_shifts_by_32),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
