/* The behaviours of the instruction table, and writes to special registers by number. */
#ifndef MOTE_XTENSA_EXEC_H
#define MOTE_XTENSA_EXEC_H

#include "xtensa/emu/state.h"

extern behaviour *const mote_xt_behaviours[]; /* by instruction id */

/* Carries out a write of `value`; returns the value to keep. */
uint32_t mote_xt_write_special(mote_xt_machine *m, unsigned number, uint32_t value);

#endif
