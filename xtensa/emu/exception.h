/* Exceptions, and the ways in which a machine stops. */
#ifndef MOTE_XTENSA_EXCEPTION_H
#define MOTE_XTENSA_EXCEPTION_H

#include "xtensa/emu/state.h"

/* Takes an exception of the instruction at m->at: jumps to the program's vector, or stops with a message if there is
 * none. `address` is that of the faulting access, 0 for other causes. */
void mote_xt_raise(mote_xt_machine *m, unsigned cause, uint32_t address);

/* Stops before the instruction at m->at with a message for mote_xt_fault_text. */
__attribute__((format(printf, 2, 3))) void mote_xt_stop_fault(mote_xt_machine *m, const char *format, ...);

/* True if the program has put code at this offset from VECBASE. */
bool mote_xt_vector_installed(const mote_xt_machine *m, uint32_t offset);

/* The same for the vector of an interrupt level from 2 to 7. */
bool mote_xt_level_installed(const mote_xt_machine *m, unsigned level);

/* Jumps to the vector of an interrupt level from 2 to 7; stops if there is none. */
void mote_xt_take_level(mote_xt_machine *m, unsigned level);

/* Writes PS; returns the value kept. */
uint32_t mote_xt_write_ps(mote_xt_machine *m, uint32_t value);

void mote_xt_simcall(mote_xt_machine *m);
void mote_xt_rfi(mote_xt_machine *m, uint32_t level);

#endif
