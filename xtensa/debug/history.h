/* Going back in time over a window of instructions.
 *
 * A checkpoint, the whole register state, is taken every few thousand instructions and after every system call; the
 * bytes that each store overwrites go to a log. To go back, stores are undone to the nearest checkpoint before the
 * wanted moment, and the machine runs forward again from there. System calls never run twice: going back undoes what
 * they did to the machine, not what they did to the PC. */
#ifndef MOTE_XTENSA_HISTORY_H
#define MOTE_XTENSA_HISTORY_H

#include "xtensa/emu/machine.h"

typedef struct mote_xt_history mote_xt_history;

mote_xt_history *mote_xt_history_new(void); /* NULL: out of memory */
void mote_xt_history_free(mote_xt_history *h);
void mote_xt_history_clear(mote_xt_history *h);

/* mote_xt_run with recording; may run less than `max` and return MOTE_XT_STOP_NONE, when a checkpoint is due. */
mote_xt_stop mote_xt_history_run(mote_xt_history *h, mote_xt_machine *m, uint64_t max);

/* To be called before memory changes. */
void mote_xt_history_store(mote_xt_history *h, const mote_xt_machine *m, uint32_t address, uint32_t size);

/* To be called when something that would not repeat itself has changed the machine: a system call, a register set by
 * hand. During a run, follow it with mote_xt_interrupt, so that it ends there. */
void mote_xt_history_mark(mote_xt_history *h);

/* True while the machine runs forward again on the way back; nobody should count or print then. */
bool mote_xt_history_replaying(const mote_xt_history *h);

/* Instructions that can be gone back from here. */
uint64_t mote_xt_history_depth(const mote_xt_history *h);

/* Goes back to the latest earlier moment for which `when` holds. `when` sees the machine before each instruction and
 * `age`, how many instructions ago that was. False when no moment of the window fits: the machine is then at the oldest
 * one. Breakpoints and watchpoints must be off. */
typedef bool mote_xt_moment(void *context, const mote_xt_machine *m, uint64_t age);
bool mote_xt_history_back(mote_xt_history *h, mote_xt_machine *m, mote_xt_moment *when, void *context);

#endif
