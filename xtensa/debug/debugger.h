/* Interactive debugger of `mote emu -i`: commands that run, stop, reverse and inspect a program, and instructions that
 * are executed when typed. */
#ifndef MOTE_XTENSA_DEBUGGER_H
#define MOTE_XTENSA_DEBUGGER_H

#include "xtensa/debug/program.h"

typedef struct mote_xt_debugger_options {
    FILE *in, *out;
    bool terminal;             /* line editing, history and completion; changed values are highlighted */
    uint64_t max_instructions; /* limit for one command that runs the program; 0: no limit */
} mote_xt_debugger_options;

/* Reads and executes commands until `quit` or the end of the input. Turns on the program's profile and history.
 * Errors: MOTE_E_INTERNAL out of memory. */
bool mote_xt_debugger_run(mote_xt_program *program, const mote_xt_debugger_options *options, mote_error *error);

#endif
