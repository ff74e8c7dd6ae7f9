/* Exceptions, interrupts, timers, and the ways a machine stops. */
#ifndef MOTE_XTENSA_EXCEPTION_H
#define MOTE_XTENSA_EXCEPTION_H

#include "xtensa/emu/state.h"

/* Takes the exception at m->at: to the program's vector, or a stop that says what happened when there is none.
 * `address` is that of the access at fault, 0 for other causes. */
void mote_xt_raise(mote_xt_machine *m, unsigned cause, uint32_t address);

/* Stops before the instruction at m->at with a sentence for mote_xt_fault_text. */
__attribute__((format(printf, 2, 3))) void mote_xt_stop_fault(mote_xt_machine *m, const char *format, ...);

/* True when the program has put code at this offset from VECBASE. */
bool mote_xt_vector_installed(const mote_xt_machine *m, uint32_t offset);

/* The same for the vector of an interrupt level from 2 to 7. */
bool mote_xt_level_installed(const mote_xt_machine *m, unsigned level);

/* Goes to the vector of such a level; a stop when there is none. */
void mote_xt_take_level(mote_xt_machine *m, unsigned level);

/* Takes the most urgent interrupt that is pending and allowed. */
void mote_xt_take_interrupts(mote_xt_machine *m);

/* Cycles until the next timer matches; UINT32_MAX when none is awaited. */
uint32_t mote_xt_until_timer(const mote_xt_machine *m);

/* INTERRUPT as a program sees it: with the timers that have matched, whether or not they are enabled. */
uint32_t mote_xt_read_interrupt(const mote_xt_machine *m);

/* Makes interrupts of timers whose time has come since the last call. */
void mote_xt_match_timers(mote_xt_machine *m);

/* Writes to special registers that do something; each returns the value to keep. */
uint32_t mote_xt_write_ps(mote_xt_machine *m, uint32_t value);
uint32_t mote_xt_write_cpenable(mote_xt_machine *m, uint32_t value);
uint32_t mote_xt_write_intset(mote_xt_machine *m, uint32_t value);
uint32_t mote_xt_write_intclear(mote_xt_machine *m, uint32_t value);
uint32_t mote_xt_write_intenable(mote_xt_machine *m, uint32_t value);
uint32_t mote_xt_write_ccount(mote_xt_machine *m, uint32_t value);
uint32_t mote_xt_write_ccompare(mote_xt_machine *m, unsigned timer, uint32_t value);

void mote_xt_simcall(mote_xt_machine *m);
void mote_xt_rfi(mote_xt_machine *m, uint32_t level);
void mote_xt_waiti(mote_xt_machine *m, uint32_t level);

#endif
