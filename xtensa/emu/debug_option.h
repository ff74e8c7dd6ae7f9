/* The core's debug option: break instructions, IBREAK, DBREAK and ICOUNT as debug exceptions, with their cause in
 * DEBUGCAUSE. */
#ifndef MOTE_XTENSA_DEBUG_OPTION_H
#define MOTE_XTENSA_DEBUG_OPTION_H

#include "xtensa/emu/state.h"

/* Bits of DEBUGCAUSE. Bits 8 to 11 hold the number of the DBREAK that matched. */
enum { DEBUG_ICOUNT = 1, DEBUG_IBREAK = 2, DEBUG_DBREAK = 4, DEBUG_BREAK = 8, DEBUG_BREAK_N = 16 };

/* break and break.n. With a debug vector: a debug exception, or nothing if PS.INTLEVEL is at least the debug level.
 * Without one the machine stops before the instruction. */
void mote_xt_break(mote_xt_machine *m, uint32_t cause);

/* Takes the exception of an IBREAK at m->at; false if the level or a missing vector forbids it. */
bool mote_xt_take_ibreak(mote_xt_machine *m);

/* Takes the exception of a DBREAK that covers the access; false if none does or it may not be taken. */
bool mote_xt_take_dbreak(mote_xt_machine *m, uint32_t address, uint32_t size, unsigned access);

/* True if instructions are counted in ICOUNT; then one instruction runs at a time. */
bool mote_xt_icount_counts(const mote_xt_machine *m);

/* Takes the exception before the instruction with which ICOUNT would become 0; false if the next one is another. */
bool mote_xt_take_icount(mote_xt_machine *m);

/* Writes ICOUNT or ICOUNTLEVEL; returns the value to keep. */
uint32_t mote_xt_write_icount(mote_xt_machine *m, uint32_t value);

#endif
