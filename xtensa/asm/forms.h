/* The forms an instruction can take, shared by plain instructions (plain.c) and branches (relax.c). */
#ifndef MOTE_XTENSA_ASM_FORMS_H
#define MOTE_XTENSA_ASM_FORMS_H

#include "xtensa/asm/assembler.h"

/* What can stand for what. `inverse` makes a branch that reaches far: the opposite branch over a jump. */
typedef struct shape {
    const char *wide, *narrow, *inverse;
} shape;

const shape *mote_asm_shape(const mote_xt_insn *insn); /* NULL: only the form that was written */
bool mote_asm_is(const instruction *in, const char *mnemonic);
/* Puts `in` down as it is, to be completed when addresses are known. */
void mote_asm_put(mote_xt_assembly *a, const instruction *in);
/* Puts an instruction without a label down in the best form that is known to fit. */
void mote_asm_put_plain(mote_xt_assembly *a, instruction *in);

#endif
