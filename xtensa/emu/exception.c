#include "xtensa/emu/exception.h"

#include <stdarg.h>
#include <stdio.h>

#include "xtensa/emu/block.h"
#include "xtensa/emu/memory.h"
#include "xtensa/emu/window.h"

/* Offsets of the vectors from VECBASE, the same on all three chips. */
enum { VECTOR_KERNEL = 0x300, VECTOR_USER = 0x340, VECTOR_DOUBLE = 0x3c0, EXCM_LEVEL = 3 };
static const uint16_t level_vector[8] = {0, 0, 0x180, 0x1c0, 0x200, 0x240, 0x280, 0x2c0};

/* Interrupts 0..31: the level of each, the timers', and those that software sets. */
static const uint8_t interrupt_level[32] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 1, 1, 7, 3,
                                            5, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 3, 4, 3, 4, 5};
static const uint8_t timer_interrupt[3] = {6, 15, 16};
#define SOFTWARE_INTERRUPTS (1u << 7 | 1u << 29)
#define EDGE_INTERRUPTS     (1u << 10 | 1u << 22 | 1u << 28 | 1u << 30)

void mote_xt_stop_fault(mote_xt_machine *m, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(m->fault, sizeof m->fault, format, arguments);
    va_end(arguments);
    m->stop = MOTE_XT_STOP_FAULT;
    m->s.pc = m->at;
    need_attention(m);
}

bool mote_xt_vector_installed(const mote_xt_machine *m, uint32_t offset)
{
    uint32_t word, address = m->s.sr[SR_vecbase] + offset;
    return (page_at(m, address)->access & MOTE_XT_MEM_X) && mote_xt_read(m, address, &word, 4) && word != 0;
}

static void set_ps(mote_xt_machine *m, uint32_t value)
{
    m->s.sr[SR_ps] = mote_xt_write_ps(m, value);
}

static void explain(mote_xt_machine *m, unsigned cause, uint32_t address)
{
    static const struct {
        uint8_t cause;
        const char *text;
    } causes[] = {
        {CAUSE_ILLEGAL, "illegal instruction"},
        {CAUSE_SYSCALL, "syscall instruction, and no exception vector is installed"},
        {CAUSE_INTERRUPT, "interrupt, and no exception vector is installed"},
        {CAUSE_ALLOCA, "movsp while the caller's registers are spilled, and no exception vector is installed"},
        {CAUSE_DIVIDE_BY_ZERO, "division by zero"},
        {CAUSE_ALIGNMENT, "unaligned l32ai, s32ri or s32c1i"},
        {CAUSE_COPROCESSOR, "float instruction with coprocessor 0 off in CPENABLE"},
        {CAUSE_COPROCESSOR + 3, "PIE instruction with coprocessor 3 off in CPENABLE"},
    };
    const page *p = page_at(m, address);
    const char *doing = cause == CAUSE_LOAD ? "load from" : cause == CAUSE_STORE ? "store to" : "jump to";
    if (cause == CAUSE_LOAD || cause == CAUSE_STORE || cause == CAUSE_FETCH) {
        mote_xt_stop_fault(m, "%s 0x%08x: %s", doing, address,
                           p->bytes ? "the memory there does not allow it" : "nothing is mapped there");
        return;
    }
    for (unsigned k = 0; k < sizeof causes / sizeof causes[0]; k++)
        if (causes[k].cause == cause) {
            mote_xt_stop_fault(m, "%s", causes[k].text);
            return;
        }
    mote_xt_stop_fault(m, "exception with cause %u", cause);
}

void mote_xt_raise(mote_xt_machine *m, unsigned cause, uint32_t address)
{
    bool again = m->s.sr[SR_ps] & PS_EXCM;
    uint32_t vector = again ? VECTOR_DOUBLE : m->s.sr[SR_ps] & PS_UM ? VECTOR_USER : VECTOR_KERNEL;
    if (!mote_xt_vector_installed(m, vector)) {
        explain(m, cause, address);
        return;
    }
    m->s.sr[again ? SR_depc : SR_epc1] = m->at;
    m->s.sr[SR_exccause] = cause;
    if (cause == CAUSE_LOAD || cause == CAUSE_STORE || cause == CAUSE_FETCH || cause == CAUSE_ALIGNMENT)
        m->s.sr[SR_excvaddr] = address;
    set_ps(m, m->s.sr[SR_ps] | PS_EXCM);
    jump(m, m->s.sr[SR_vecbase] + vector);
}

bool mote_xt_level_installed(const mote_xt_machine *m, unsigned level)
{
    return mote_xt_vector_installed(m, level_vector[level]);
}

void mote_xt_take_level(mote_xt_machine *m, unsigned level)
{
    if (!mote_xt_level_installed(m, level)) {
        mote_xt_stop_fault(m, "interrupt of level %u, and its vector is not installed", level);
        return;
    }
    m->s.sr[SR_epc1 + level - 1] = m->s.pc;
    m->s.sr[SR_eps2 + level - 2] = m->s.sr[SR_ps];
    set_ps(m, (m->s.sr[SR_ps] & ~(uint32_t)PS_INTLEVEL) | level | PS_EXCM);
    jump(m, m->s.sr[SR_vecbase] + level_vector[level]);
}

/* The highest level among pending and enabled interrupts, 0 for none; NMI cannot be disabled. */
static unsigned pending_level(const mote_xt_machine *m)
{
    uint32_t pending = m->s.sr[SR_interrupt] & (m->s.sr[SR_intenable] | 1u << 14);
    unsigned highest = 0;
    for (; pending; pending &= pending - 1) {
        unsigned level = interrupt_level[__builtin_ctz(pending)];
        highest = level > highest ? level : highest;
    }
    return highest;
}

void mote_xt_take_interrupts(mote_xt_machine *m)
{
    unsigned level = pending_level(m);
    unsigned masked = m->s.sr[SR_ps] & PS_INTLEVEL;
    if ((m->s.sr[SR_ps] & PS_EXCM) && masked < EXCM_LEVEL)
        masked = EXCM_LEVEL;
    if (level <= masked)
        return;
    m->at = m->s.pc;
    if (level == 1)
        mote_xt_raise(m, CAUSE_INTERRUPT, 0);
    else
        mote_xt_take_level(m, level);
}

uint32_t mote_xt_until_timer(const mote_xt_machine *m)
{
    uint32_t soonest = UINT32_MAX;
    for (unsigned k = 0; k < 3; k++) {
        if (!(m->s.sr[SR_intenable] >> timer_interrupt[k] & 1) || m->s.sr[SR_interrupt] >> timer_interrupt[k] & 1)
            continue;
        uint32_t left = m->s.sr[SR_ccompare0 + k] - ccount(m);
        if (left && left < soonest)
            soonest = left;
    }
    return soonest;
}

uint32_t mote_xt_read_interrupt(const mote_xt_machine *m)
{
    uint32_t pending = m->s.sr[SR_interrupt];
    uint64_t passed = cycles(m) - m->timers_at;
    for (unsigned k = 0; k < 3; k++)
        if (ccount(m) - m->s.sr[SR_ccompare0 + k] < passed)
            pending |= 1u << timer_interrupt[k];
    return pending;
}

void mote_xt_match_timers(mote_xt_machine *m)
{
    m->s.sr[SR_interrupt] = mote_xt_read_interrupt(m);
    m->timers_at = cycles(m);
}

uint32_t mote_xt_write_ps(mote_xt_machine *m, uint32_t value)
{
    m->s.sr[SR_ps] = value & PS_ALL;
    mote_xt_update_window(m);
    need_attention(m);
    return value & PS_ALL;
}

/* Whether a coprocessor is on is decided when its instructions are decoded. */
uint32_t mote_xt_write_cpenable(mote_xt_machine *m, uint32_t value)
{
    if ((value & 255) != m->s.sr[SR_cpenable])
        mote_xt_forget_code(m);
    return value & 255;
}

uint32_t mote_xt_write_intset(mote_xt_machine *m, uint32_t value)
{
    need_attention(m);
    return m->s.sr[SR_interrupt] | (value & SOFTWARE_INTERRUPTS);
}

uint32_t mote_xt_write_intclear(mote_xt_machine *m, uint32_t value)
{
    m->s.sr[SR_interrupt] &= ~(value & (SOFTWARE_INTERRUPTS | EDGE_INTERRUPTS));
    return value;
}

uint32_t mote_xt_write_intenable(mote_xt_machine *m, uint32_t value)
{
    need_attention(m);
    return value;
}

uint32_t mote_xt_write_ccount(mote_xt_machine *m, uint32_t value)
{
    mote_xt_match_timers(m);
    m->s.ccount_offset += value - ccount(m);
    need_attention(m);
    return value;
}

uint32_t mote_xt_write_ccompare(mote_xt_machine *m, unsigned timer, uint32_t value)
{
    mote_xt_match_timers(m);
    m->s.sr[SR_interrupt] &= ~(1u << timer_interrupt[timer]);
    need_attention(m);
    return value;
}

void mote_xt_simcall(mote_xt_machine *m)
{
    if (!m->hooks.syscall) {
        mote_xt_stop_fault(m, "simcall, and no host answers it");
    } else if (!m->hooks.syscall(m->hooks.context, m)) {
        m->stop = MOTE_XT_STOP_EXIT;
        m->exit_code = (int)m->s.a[3];
        need_attention(m);
    } else if (m->interrupted) { /* the handler wants to be back before the next instruction */
        need_attention(m);
    }
}

void mote_xt_rfi(mote_xt_machine *m, uint32_t level)
{
    if (level < 2 || level > 7) {
        mote_xt_raise(m, CAUSE_ILLEGAL, 0);
        return;
    }
    jump(m, m->s.sr[SR_epc1 + level - 1]);
    set_ps(m, m->s.sr[SR_eps2 + level - 2]);
}

void mote_xt_waiti(mote_xt_machine *m, uint32_t level)
{
    set_ps(m, (m->s.sr[SR_ps] & ~(uint32_t)PS_INTLEVEL) | level);
    if (pending_level(m) > level)
        return;
    uint32_t sleep = mote_xt_until_timer(m);
    if (sleep == UINT32_MAX) {
        mote_xt_stop_fault(m, "waiti waits for ever: no timer interrupt is enabled");
        return;
    }
    m->s.stalls += sleep;
    mote_xt_match_timers(m);
}
