/* Breakpoints and watchpoints: the debugger's tables and the core's IBREAK and DBREAK registers. Predicates only. */
#ifndef MOTE_XTENSA_WATCH_H
#define MOTE_XTENSA_WATCH_H

#include "xtensa/emu/state.h"

enum { MOTE_XT_BREAK_REGISTERS = 2 /* of IBREAK and of DBREAK */ };

/* True if the debugger set a breakpoint at this address. */
bool mote_xt_is_breakpoint(const mote_xt_machine *m, uint32_t address);

/* True if IBREAKA and IBREAKENABLE select this address, whatever the interrupt level. */
bool mote_xt_ibreak_at(const mote_xt_machine *m, uint32_t address);

/* True if a watchpoint of the debugger covers bytes of [address, address + size) for this access (MOTE_XT_MEM_R,
 * MOTE_XT_MEM_W). */
bool mote_xt_is_watched(const mote_xt_machine *m, uint32_t address, uint32_t size, unsigned access);

/* The same for DBREAK number `k`. */
bool mote_xt_dbreak_covers(const mote_xt_machine *m, unsigned k, uint32_t address, uint32_t size, unsigned access);

#endif
