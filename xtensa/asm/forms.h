/* Forms of instructions, shared by plain instructions (plain.c) and branches (relax.c). */
#ifndef MOTE_XTENSA_ASM_FORMS_H
#define MOTE_XTENSA_ASM_FORMS_H

#include "xtensa/asm/assembler.h"

/* Mnemonics of the forms of an instruction, or NULL. A branch to a distant target is its inverse over a jump. */
typedef struct shape {
    const char *wide, *narrow, *inverse;
} shape;

const shape *mote_asm_shape(const mote_xt_insn *insn); /* NULL: only the form that was written */
bool mote_asm_is(const instruction *in, const char *mnemonic);
/* Appends `in` to the current section as it is, to be completed when addresses are known. */
void mote_asm_put(mote_xt_assembly *a, const instruction *in);
/* Appends an instruction without a label in the best form that is known to fit. */
void mote_asm_put_plain(mote_xt_assembly *a, instruction *in);

#endif
