/* Interrupts and timers. */
#ifndef MOTE_XTENSA_INTERRUPT_H
#define MOTE_XTENSA_INTERRUPT_H

#include "xtensa/emu/state.h"

/* Takes the interrupt of the highest level that is pending and allowed. */
void mote_xt_take_interrupts(mote_xt_machine *m);

/* Cycles until the next enabled timer matches; UINT32_MAX if there is none. */
uint32_t mote_xt_until_timer(const mote_xt_machine *m);

/* INTERRUPT as a program reads it: includes timers that have matched, enabled or not. */
uint32_t mote_xt_read_interrupt(const mote_xt_machine *m);

/* Sets the bits of timers that have matched since the last call. */
void mote_xt_match_timers(mote_xt_machine *m);

/* Writes to special registers; each returns the value to keep. */
uint32_t mote_xt_write_intset(mote_xt_machine *m, uint32_t value);
uint32_t mote_xt_write_intclear(mote_xt_machine *m, uint32_t value);
uint32_t mote_xt_write_intenable(mote_xt_machine *m, uint32_t value);
uint32_t mote_xt_write_ccount(mote_xt_machine *m, uint32_t value);
uint32_t mote_xt_write_ccompare(mote_xt_machine *m, unsigned timer, uint32_t value);

void mote_xt_waiti(mote_xt_machine *m, uint32_t level);

#endif
