#include "xtensa/emu/watch.h"

enum { DBREAK_LOADS = 1u << 30, DBREAK_BLOCK = 64 /* most bytes that one DBREAK watches */ };
#define DBREAK_STORES (1u << 31)

bool mote_xt_is_breakpoint(const mote_xt_machine *m, uint32_t address)
{
    for (unsigned k = 0; k < m->breakpoint_count; k++)
        if (m->breakpoints[k] == address)
            return true;
    return false;
}

bool mote_xt_ibreak_at(const mote_xt_machine *m, uint32_t address)
{
    for (unsigned k = 0; k < MOTE_XT_BREAK_REGISTERS; k++)
        if ((m->s.sr[SR_ibreakenable] >> k & 1) && m->s.sr[SR_ibreaka0 + k] == address)
            return true;
    return false;
}

bool mote_xt_is_watched(const mote_xt_machine *m, uint32_t address, uint32_t size, unsigned access)
{
    for (unsigned k = 0; k < m->watchpoint_count; k++) {
        const watchpoint *w = &m->watchpoints[k];
        if ((w->access & access) && (uint64_t)w->address + w->size > address && w->address < (uint64_t)address + size)
            return true;
    }
    return false;
}

/* The mask in DBREAKC is a run of leading ones; ones after the first zero have no effect. */
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
