/* Reverse execution over a window of instructions.
 *
 * A checkpoint of the whole register state is taken every few thousand instructions and after every system call. A log
 * keeps the bytes that each store overwrites. To go back, the stores since the nearest checkpoint before the wanted
 * moment are undone, and the machine runs forward again from there. System calls never run twice: going back undoes
 * their effects on the machine, not those on the host. */
#ifndef MOTE_XTENSA_HISTORY_H
#define MOTE_XTENSA_HISTORY_H

#include "xtensa/emu/machine.h"

typedef struct mote_xt_history mote_xt_history;

mote_xt_history *mote_xt_history_new(void); /* NULL: out of memory */
void mote_xt_history_free(mote_xt_history *h);
void mote_xt_history_clear(mote_xt_history *h);

/* Like mote_xt_run, with recording. May return MOTE_XT_STOP_NONE after fewer than `max` instructions, when a checkpoint
 * is due. */
mote_xt_stop mote_xt_history_run(mote_xt_history *h, mote_xt_machine *m, uint64_t max);

/* Logs the present bytes of a piece of memory. Must be called before the memory changes. */
void mote_xt_history_store(mote_xt_history *h, const mote_xt_machine *m, uint32_t address, uint32_t size);

/* Makes a checkpoint due. Must be called after a change of the machine that a replay would not repeat: a system call,
 * or a register set by the user. During a run, call mote_xt_interrupt after it, so that the run ends there. */
void mote_xt_history_mark(mote_xt_history *h);

/* True while mote_xt_history_back runs the machine forward again; those instructions must not be counted or printed. */
bool mote_xt_history_replaying(const mote_xt_history *h);

/* Number of instructions that can be undone from here. */
uint64_t mote_xt_history_depth(const mote_xt_history *h);

/* Goes back to the latest earlier moment for which `when` holds. `when` is called with the machine before each
 * instruction, and with `age`, the number of instructions from there to the present. Returns false when `when` holds at
 * no moment of the window; the machine is then at the oldest one. Breakpoints and watchpoints must be off. */
typedef bool mote_xt_moment(void *context, const mote_xt_machine *m, uint64_t age);
bool mote_xt_history_back(mote_xt_history *h, mote_xt_machine *m, mote_xt_moment *when, void *context);

#endif
