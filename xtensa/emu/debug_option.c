#include "xtensa/emu/debug_option.h"

#include "xtensa/emu/block.h"
#include "xtensa/emu/exception.h"
#include "xtensa/emu/memory.h"

enum { DEBUG_LEVEL = 6, DBREAK_LOADS = 1u << 30, DBREAK_BLOCK = 64 /* most bytes that one DBREAK watches */ };
#define DBREAK_STORES (1u << 31)

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

bool mote_xt_ibreak_at(const mote_xt_machine *m, uint32_t address)
{
    for (unsigned k = 0; k < MOTE_XT_BREAK_REGISTERS; k++)
        if ((m->s.sr[SR_ibreakenable] >> k & 1) && m->s.sr[SR_ibreaka0 + k] == address)
            return true;
    return false;
}

bool mote_xt_take_ibreak(mote_xt_machine *m)
{
    return take(m, DEBUG_IBREAK);
}

/* The mask in DBREAKC has leading ones only; ones behind a zero are without effect. */
bool mote_xt_dbreak_covers(const mote_xt_machine *m, unsigned k, uint32_t address, uint32_t size, unsigned access)
{
    uint32_t control = m->s.sr[SR_dbreakc0 + k], watched = 1;
    uint32_t wanted = (access & MOTE_XT_MEM_R ? DBREAK_LOADS : 0) | (access & MOTE_XT_MEM_W ? DBREAK_STORES : 0);
    if (!(control & wanted))
        return false;
    for (uint32_t bit = DBREAK_BLOCK / 2; watched == 1 && bit; bit /= 2)
        if (!(control & bit))
            watched = 2 * bit;
    uint64_t first = m->s.sr[SR_dbreaka0 + k] & ~(watched - 1);
    return first + watched > address && first < (uint64_t)address + size;
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

/* The gate of an instruction tells whether an IBREAK stands there. */
uint32_t mote_xt_write_ibreak(mote_xt_machine *m, uint32_t value)
{
    mote_xt_forget_code(m);
    return value;
}

uint32_t mote_xt_write_dbreak(mote_xt_machine *m, unsigned number, uint32_t value)
{
    m->s.sr[number] = value;
    mote_xt_mark_pages(m);
    return value;
}

uint32_t mote_xt_write_icount(mote_xt_machine *m, uint32_t value)
{
    need_attention(m);
    return value;
}
