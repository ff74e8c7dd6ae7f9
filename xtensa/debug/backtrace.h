/* Backtraces and fault reports of a stopped program. */
#ifndef MOTE_XTENSA_BACKTRACE_H
#define MOTE_XTENSA_BACKTRACE_H

#include <stdio.h>

#include "xtensa/debug/program.h"

#define MOTE_XT_FRAMES 64

typedef struct mote_xt_frame {
    uint32_t pc;     /* address of the current instruction; in callers, of the call */
    uint32_t resume; /* address at which execution continues: pc; in callers, the return address */
    uint32_t sp;
} mote_xt_frame;

/* Fills at most MOTE_XT_FRAMES frames, innermost first, and returns their number. Functions that start with `entry` are
 * unwound through the register windows and the base save areas of the stack. Other functions (call0) are unwound by
 * decoding the stores and stack adjustments of their code up to the pc, which works for compiled code and for assembly
 * that saves a0 on the stack. */
size_t mote_xt_backtrace(const mote_xt_program *p, mote_xt_frame frames[MOTE_XT_FRAMES]);

/* Writes one line per frame: "#0  0x42000010  main+0x4". */
void mote_xt_backtrace_write(const mote_xt_program *p, FILE *out);

/* Writes a report of the fault that has stopped the program (MOTE_XT_STOP_FAULT): cause, location, instruction,
 * registers and backtrace. */
void mote_xt_fault_report(const mote_xt_program *p, FILE *out);

#endif
