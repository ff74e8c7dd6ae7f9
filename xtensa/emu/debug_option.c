#include "xtensa/emu/debug_option.h"

#include "xtensa/emu/exception.h"
#include "xtensa/emu/watch.h"

enum { DEBUG_LEVEL = 6 };

static bool allowed(const mote_xt_machine *m)
{
    return (m->s.sr[SR_ps] & PS_INTLEVEL) < DEBUG_LEVEL && mote_xt_level_installed(m, DEBUG_LEVEL);
}

static bool take(mote_xt_machine *m, uint32_t cause)
{
    if (!allowed(m))
        return false;
    m->s.pc = m->at;
    m->s.sr[SR_debugcause] = cause;
    mote_xt_take_level(m, DEBUG_LEVEL);
    return true;
}

void mote_xt_break(mote_xt_machine *m, uint32_t cause)
{
    if (take(m, cause) || mote_xt_level_installed(m, DEBUG_LEVEL))
        return;
    m->stop = MOTE_XT_STOP_BREAK;
    m->s.pc = m->at;
    need_attention(m);
}

bool mote_xt_take_ibreak(mote_xt_machine *m)
{
    return take(m, DEBUG_IBREAK);
}

bool mote_xt_take_dbreak(mote_xt_machine *m, uint32_t address, uint32_t size, unsigned access)
{
    for (unsigned k = 0; k < MOTE_XT_BREAK_REGISTERS; k++)
        if (mote_xt_dbreak_covers(m, k, address, size, access))
            return take(m, DEBUG_DBREAK | k << 8);
    return false;
}

bool mote_xt_icount_counts(const mote_xt_machine *m)
{
    return m->s.sr[SR_icountlevel] > (m->s.sr[SR_ps] & PS_INTLEVEL);
}

bool mote_xt_take_icount(mote_xt_machine *m)
{
    m->at = m->s.pc;
    return m->s.sr[SR_icount] == UINT32_MAX && take(m, DEBUG_ICOUNT);
}

uint32_t mote_xt_write_icount(mote_xt_machine *m, uint32_t value)
{
    need_attention(m);
    return value;
}
