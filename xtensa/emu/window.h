/* Register windows. The 16 visible registers are kept in s->a, a copy of their part of the 64 in s->ar. */
#ifndef MOTE_XTENSA_WINDOW_H
#define MOTE_XTENSA_WINDOW_H

#include "xtensa/emu/state.h"

void mote_xt_window_to_file(mote_xt_state *s);
void mote_xt_window_from_file(mote_xt_state *s);

/* Takes the window overflow exception for an instruction that uses registers beyond m->window. If the program has no
 * handler, spills the caller's frame as the ABI's handler would. */
void mote_xt_window_overflow(mote_xt_machine *m);

void mote_xt_call_window(mote_xt_machine *m, unsigned increment, uint32_t target);
void mote_xt_entry(mote_xt_machine *m, unsigned s, uint32_t frame);
void mote_xt_retw(mote_xt_machine *m);
bool mote_xt_movsp_allowed(mote_xt_machine *m);
void mote_xt_rotate(mote_xt_machine *m, int32_t by);
void mote_xt_rfw(mote_xt_machine *m, bool underflow);
uint32_t mote_xt_write_windowbase(mote_xt_machine *m, uint32_t value);
uint32_t mote_xt_write_windowstart(mote_xt_machine *m, uint32_t value);

#endif
