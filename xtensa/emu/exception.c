#include "xtensa/emu/exception.h"

#include <stdarg.h>
#include <stdio.h>

/* Offsets of the vectors from VECBASE, the same on all three chips. */
enum { VECTOR_KERNEL = 0x300, VECTOR_USER = 0x340, VECTOR_DOUBLE = 0x3c0 };
static const uint16_t level_vector[8] = {0, 0, 0x180, 0x1c0, 0x200, 0x240, 0x280, 0x2c0};

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
    mote_xt_write_ps(m, m->s.sr[SR_ps] | PS_EXCM);
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
    mote_xt_write_ps(m, (m->s.sr[SR_ps] & ~(uint32_t)PS_INTLEVEL) | level | PS_EXCM);
    jump(m, m->s.sr[SR_vecbase] + level_vector[level]);
}

uint32_t mote_xt_write_ps(mote_xt_machine *m, uint32_t value)
{
    m->s.sr[SR_ps] = value & PS_ALL;
    update_window(m);
    need_attention(m);
    return value & PS_ALL;
}

void mote_xt_simcall(mote_xt_machine *m)
{
    if (!m->hooks.syscall) {
        mote_xt_stop_fault(m, "simcall, and no host answers it");
    } else if (!m->hooks.syscall(m->hooks.context, m)) {
        m->stop = MOTE_XT_STOP_EXIT;
        m->exit_code = (int)m->s.a[3];
        need_attention(m);
    } else if (m->interrupted) { /* the handler asked to stop before the next instruction */
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
    mote_xt_write_ps(m, m->s.sr[SR_eps2 + level - 2]);
}
