/* Tests that execution in blocks equals execution in single steps, with random programs. Registers, memory, cycles and
 * the stop reason must agree at every comparison. The programs jump within their code, store into it, use both caches,
 * take exceptions and timer interrupts, and have breakpoints set while they run. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "tests/xtensa/emit.h"

#define CODE    0x40378000u
#define VIEW    (0x40378000u - 0x3fc88000u) /* offset from data addresses of SRAM1 to its instruction addresses */
#define FLASH   0x42000000u
#define PSRAM   0x3d000000u
#define DATA    0x3fcb0000u
#define STACK   0x3fce0000u
#define VECTORS 0x40370000u

enum { LENGTH = 96 /* instructions of a program */, AREA = 512 /* bytes around a pointer that are compared */ };

typedef struct source {
    uint32_t state;
} source;

static uint32_t next(source *s, uint32_t below)
{
    s->state = s->state * 1664525 + 1013904223;
    return (uint32_t)((uint64_t)s->state * below >> 32);
}

/* Writes the handler of exceptions and the timer, which sets the timer again and returns to an address that moves
 * through the program. */
static void write_handler(emitter *e, uint32_t start)
{
    e->at = VECTORS + 0x340;
    mote_xt_set(e->m, "excsave2", start);
    EMIT(e, "wsr.excsave1", 2);
    EMIT(e, "wsr.excsave3", 3);
    EMIT(e, "rsr.ccount", 2);
    EMIT(e, "addmi", 2, 2, 512);
    EMIT(e, "wsr.ccompare0", 2);
    EMIT(e, "rsr.misc0", 2);
    EMIT(e, "addi", 2, 2, 37);
    EMIT(e, "wsr.misc0", 2);
    EMIT(e, "extui", 2, 2, 0, 8);
    EMIT(e, "rsr.excsave2", 3);
    EMIT(e, "add", 2, 2, 3);
    EMIT(e, "wsr.epc1", 2);
    EMIT(e, "rsr.excsave1", 2);
    EMIT(e, "rsr.excsave3", 3);
    EMIT(e, "rfe");
}

static int32_t random_operand(source *s, const mote_xt_operand *o, uint32_t start, uint32_t pc)
{
    if (o->kind == MOTE_XT_LABEL)
        return (int32_t)(next(s, 3) ? start + next(s, LENGTH * 3) : pc + 3 + next(s, 12));
    if (o->table)
        return o->table[next(s, o->table_size)];
    return o->min + (int32_t)next(s, (uint32_t)((o->max - o->min) / o->step + 1)) * o->step;
}

/* True for instructions that would end nearly every program at once. */
static bool is_left_out(const char *mnemonic)
{
    static const char *const names[] = {"simcall", "waiti", "ill",  "rf", "rotw",  "break",
                                        "wsr.",    "xsr.",  "retw", "jx", "callx", "ret"};
    for (unsigned k = 0; k < sizeof names / sizeof names[0]; k++)
        if (strncmp(mnemonic, names[k], strlen(names[k])) == 0)
            return true;
    return false;
}

/* Writes one random instruction: half of them are common ones, the others are from the whole table. */
static void write_random(emitter *e, source *s, uint32_t start)
{
    static const char *const common[] = {
        "addi",   "add.n",   "l32i",  "s32i",  "s8i",           "l8ui",          "bnez",
        "beq",    "loopnez", "mull",  "j",     "ee.vld.128.ip", "ee.vst.128.ip", "ee.vsmulas.s8.qacc.ld.incp",
        "madd.s", "lsi",     "call8", "entry", "l32r"};
    int32_t values[MOTE_XT_MAX_OPERANDS] = {0};
    uint32_t word;
    int operand;
    for (;;) {
        const mote_xt_insn *insn = next(s, 2) ? mote_xt_find(common[next(s, sizeof common / sizeof common[0])])
                                              : mote_xt_at(next(s, (uint32_t)mote_xt_count()));
        if (is_left_out(insn->mnemonic) && next(s, 16))
            continue;
        for (int k = 0; k < insn->operand_count; k++)
            values[k] = random_operand(s, &insn->operands[k], start, e->at);
        if (mote_xt_encode(insn, values, e->at, &word, &operand) != MOTE_XT_FINE)
            continue;
        assert_true(mote_xt_write(e->m, e->at, &word, insn->size));
        e->at += insn->size;
        return;
    }
}

static const uint32_t areas[] = {CODE - VIEW, CODE - VIEW + 256, DATA, PSRAM, STACK - 256, FLASH - 0x06000000};

static mote_xt_machine *make(uint32_t seed, bool timed)
{
    mote_error error;
    source s = {seed * 2654435761u + 1};
    mote_xt_machine *m = mote_xt_create(MOTE_XT_ESP32S3, &error);
    assert_non_null(m);
    uint32_t start = next(&s, 2) ? CODE + next(&s, 8) : FLASH + next(&s, 64);
    emitter e = {m, start};
    for (int k = 0; k < LENGTH; k++)
        write_random(&e, &s, start);
    e.at = e.at + 3;
    EMIT(&e, "j", start);
    write_handler(&e, start);
    for (int k = 0; k < 16; k++) {
        char name[16];
        snprintf(name, sizeof name, "a%d", k);
        mote_xt_set(m, name,
                    next(&s, 4) ? areas[next(&s, sizeof areas / sizeof areas[0])] + next(&s, 64) : next(&s, 32));
    }
    mote_xt_set(m, "a1", STACK);
    mote_xt_set(m, "vecbase", VECTORS);
    mote_xt_set(m, "sar_byte", next(&s, 16));
    mote_xt_set(m, "intenable", next(&s, 2) << 6);
    mote_xt_set(m, "ccompare0", 100 + next(&s, 500));
    mote_xt_set(m, "pc", start);
    mote_xt_set_timing(m, timed);
    return m;
}

static void assert_equal(const mote_xt_machine *a, const mote_xt_machine *b, uint32_t seed)
{
    const mote_xt_register *r;
    for (size_t k = 0; (r = mote_xt_register_at(k)); k++) {
        uint8_t x[20], y[20];
        mote_xt_register_read(a, r, x);
        mote_xt_register_read(b, r, y);
        if (memcmp(x, y, r->size))
            fail_msg("program %u: %s differs after %llu instructions, at 0x%08x and 0x%08x", seed, r->name,
                     (unsigned long long)mote_xt_instructions(a), mote_xt_get(a, "pc"), mote_xt_get(b, "pc"));
    }
    assert_int_equal(mote_xt_instructions(a), mote_xt_instructions(b));
    assert_int_equal(mote_xt_cycles(a), mote_xt_cycles(b));
    assert_string_equal(mote_xt_fault_text(a), mote_xt_fault_text(b));
    for (size_t k = 0; k < sizeof areas / sizeof areas[0]; k++) {
        uint8_t x[AREA], y[AREA];
        assert_true(mote_xt_read(a, areas[k], x, AREA) && mote_xt_read(b, areas[k], y, AREA));
        assert_memory_equal(x, y, AREA);
    }
}

static mote_xt_stop run_by_steps(mote_xt_machine *m, uint64_t count)
{
    uint64_t end = mote_xt_instructions(m) + count;
    mote_xt_stop stop = MOTE_XT_STOP_NONE;
    while (mote_xt_instructions(m) < end && stop == MOTE_XT_STOP_NONE)
        stop = mote_xt_run(m, 1);
    return stop;
}

/* Runs `count` instructions and continues after breakpoints, which end blocks and do not affect steps. A break
 * instruction ends the run. */
static mote_xt_stop run_over_breakpoints(mote_xt_machine *m, uint64_t count)
{
    uint64_t end = mote_xt_instructions(m) + count, before;
    mote_xt_stop stop;
    do {
        before = mote_xt_instructions(m);
        stop = mote_xt_run(m, end - before);
    } while (stop == MOTE_XT_STOP_BREAK && mote_xt_instructions(m) > before);
    return stop;
}

static void compare(uint32_t seed, bool timed)
{
    source s = {seed};
    mote_xt_machine *steps = make(seed, timed), *blocks = make(seed, timed);
    for (int part = 0; part < 20; part++) {
        uint64_t count = 1 + next(&s, next(&s, 2) ? 8 : 200);
        if (next(&s, 4) == 0)
            mote_xt_breakpoint(blocks, mote_xt_get(blocks, "pc") + next(&s, 40), next(&s, 4) > 0);
        mote_xt_stop stop = run_over_breakpoints(blocks, count);
        assert_int_equal(run_by_steps(steps, count), stop);
        assert_equal(steps, blocks, seed);
        if (stop == MOTE_XT_STOP_FAULT || stop == MOTE_XT_STOP_BREAK)
            break;
    }
    mote_xt_destroy(steps);
    mote_xt_destroy(blocks);
}

static void steps_and_blocks_agree(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < 100; seed++)
        compare(seed, false);
}

static void steps_and_blocks_take_the_same_cycles(void **state)
{
    (void)state;
    for (uint32_t seed = 0; seed < 200; seed++)
        compare(seed, true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_and_blocks_agree),
        cmocka_unit_test(steps_and_blocks_take_the_same_cycles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
