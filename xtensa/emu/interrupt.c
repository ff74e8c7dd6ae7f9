#include "xtensa/emu/interrupt.h"

#include "xtensa/emu/exception.h"

enum { EXCM_LEVEL = 3 };

/* Interrupts 0..31: levels, numbers of the timers, and those that software sets. */
static const uint8_t interrupt_level[32] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 3, 1, 1, 7, 3,
                                            5, 1, 1, 2, 2, 2, 3, 3, 4, 4, 5, 3, 4, 3, 4, 5};
static const uint8_t timer_interrupt[3] = {6, 15, 16};
#define SOFTWARE_INTERRUPTS (1u << 7 | 1u << 29)
#define EDGE_INTERRUPTS     (1u << 10 | 1u << 22 | 1u << 28 | 1u << 30)

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

void mote_xt_waiti(mote_xt_machine *m, uint32_t level)
{
    mote_xt_write_ps(m, (m->s.sr[SR_ps] & ~(uint32_t)PS_INTLEVEL) | level);
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
