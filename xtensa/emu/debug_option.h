/* The core's debug option: break instructions, IBREAK, DBREAK and ICOUNT, as exceptions that DEBUGCAUSE tells apart. */
#ifndef MOTE_XTENSA_DEBUG_OPTION_H
#define MOTE_XTENSA_DEBUG_OPTION_H

#include "xtensa/emu/state.h"

/* Bits of DEBUGCAUSE. Bits 8 to 11 number the DBREAK that matched. */
enum { DEBUG_ICOUNT = 1, DEBUG_IBREAK = 2, DEBUG_DBREAK = 4, DEBUG_BREAK = 8, DEBUG_BREAK_N = 16 };

enum { MOTE_XT_BREAK_REGISTERS = 2 /* of IBREAK and of DBREAK */ };

/* break and break.n. With a debug vector: a debug exception, or nothing from the debug level up. Without one the
 * machine stops before the instruction. */
void mote_xt_break(mote_xt_machine *m, uint32_t cause);

/* True when IBREAKA and IBREAKENABLE stop the instruction at this address, whatever the interrupt level. */
bool mote_xt_ibreak_at(const mote_xt_machine *m, uint32_t address);

/* Takes the exception of an IBREAK at m->at; false when the level or a missing vector forbids it. */
bool mote_xt_take_ibreak(mote_xt_machine *m);

/* True when DBREAK `k` watches bytes of [address, address + size) for this access (MOTE_XT_MEM_R, MOTE_XT_MEM_W). */
bool mote_xt_dbreak_covers(const mote_xt_machine *m, unsigned k, uint32_t address, uint32_t size, unsigned access);

/* Takes the exception of a DBREAK that covers the access; false when there is none. */
bool mote_xt_take_dbreak(mote_xt_machine *m, uint32_t address, uint32_t size, unsigned access);

/* True while instructions are counted in ICOUNT: then one instruction runs at a time. */
bool mote_xt_icount_counts(const mote_xt_machine *m);

/* Takes the exception before the instruction with which ICOUNT would become 0; false when that is not the next one. */
bool mote_xt_take_icount(mote_xt_machine *m);

/* Writes to special registers; each returns the value to keep. */
uint32_t mote_xt_write_ibreak(mote_xt_machine *m, uint32_t value);                  /* IBREAKA or IBREAKENABLE */
uint32_t mote_xt_write_dbreak(mote_xt_machine *m, unsigned number, uint32_t value); /* DBREAKA or DBREAKC */
uint32_t mote_xt_write_icount(mote_xt_machine *m, uint32_t value);                  /* ICOUNT or ICOUNTLEVEL */

#endif
