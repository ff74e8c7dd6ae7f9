/* Profile of a program: executions and cycles per instruction address and per call stack. */
#ifndef MOTE_XTENSA_PROFILE_H
#define MOTE_XTENSA_PROFILE_H

#include <stdio.h>

#include "xtensa/emu/machine.h"

typedef struct mote_xt_profile mote_xt_profile;
struct mote_xt_program;

/* Cost of one instruction, or a sum over several. */
typedef struct mote_xt_cost {
    uint64_t count, cycles; /* executions; cycles: one for each execution, and the stalls */
    uint64_t stalls[MOTE_XT_STALL_KINDS];
} mote_xt_cost;

mote_xt_profile *mote_xt_profile_new(void); /* NULL: out of memory */
void mote_xt_profile_free(mote_xt_profile *p);
void mote_xt_profile_clear(mote_xt_profile *p);

/* Counts one executed instruction. Memory is bounded: at most 2^20 addresses and 2^16 call stacks are distinguished.
 * Other addresses count only in the total; other call stacks count as that of the caller. */
void mote_xt_profile_add(mote_xt_profile *p, uint32_t pc, const mote_xt_insn *insn,
                         const uint32_t stalls[MOTE_XT_STALL_KINDS]);

/* Returns the cost so far of the instruction at `pc`, or NULL when it never ran. */
const mote_xt_cost *mote_xt_profile_at(const mote_xt_profile *p, uint32_t pc);
mote_xt_cost mote_xt_profile_total(const mote_xt_profile *p);

/* "load-use", "branch", ... */
const char *mote_xt_stall_name(mote_xt_stall stall);

typedef enum mote_xt_profile_form {
    MOTE_XT_PROFILE_TEXT,
    MOTE_XT_PROFILE_JSON,
    MOTE_XT_PROFILE_FOLDED
} mote_xt_profile_form;

/* Writes the profile. Text: a table of functions, one of source lines if the program has line tables, then each line of
 * disassembly that ran. JSON: the same as objects. Folded: one line per call stack, "main;sort;swap 1234" with its own
 * cycles, for flame graphs. Names come from the program's symbols. */
bool mote_xt_profile_write(const struct mote_xt_program *program, mote_xt_profile_form form, FILE *out,
                           mote_error *error);

#endif
