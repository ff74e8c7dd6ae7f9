/* Who called whom: the frames of a stopped program. */
#ifndef MOTE_XTENSA_BACKTRACE_H
#define MOTE_XTENSA_BACKTRACE_H

#include <stdio.h>

#include "xtensa/debug/program.h"

#define MOTE_XT_FRAMES 64

typedef struct mote_xt_frame {
    uint32_t pc;     /* of the instruction under way: in callers, of the call */
    uint32_t resume; /* where it goes on: pc, or the return address in callers */
    uint32_t sp;
} mote_xt_frame;

/* Fills at most MOTE_XT_FRAMES frames, innermost first, and returns how many. Functions that start with `entry` are
 * unwound through their register windows and the base save areas of the stack; others (call0) by reading the stores
 * and stack adjustments of their code up to the pc, which finds the frames of compiled code and of assembly that saves
 * a0 on the stack. */
size_t mote_xt_backtrace(const mote_xt_program *p, mote_xt_frame frames[MOTE_XT_FRAMES]);

/* One line per frame: "#0  0x42000010  main+0x4". */
void mote_xt_backtrace_write(const mote_xt_program *p, FILE *out);

/* What went wrong, where, in which instruction, with which registers, called from where. `stop` is MOTE_XT_STOP_FAULT.
 */
void mote_xt_fault_report(const mote_xt_program *p, FILE *out);

#endif
