/* Instruction identifiers, operand slots and label bases, shared by the table and the code that runs instructions. */
#ifndef MOTE_XTENSA_DECODED_H
#define MOTE_XTENSA_DECODED_H

#include <stdint.h>

/* INSN_add, INSN_addx2, ...: index of each instruction in the table. */
#define INSN(id, ...) INSN_##id,
enum {
#include "xtensa/isa/insns.def"
    INSN_COUNT
};
#undef INSN

/* Slots of operand values in the decoded form of an instruction. */
enum { SLOT_r, SLOT_s, SLOT_t, SLOT_u, SLOT_v, SLOT_w, SLOT_x, SLOT_y, SLOT_z, SLOT_imm, SLOT_constant };

/* Bases to which the offset of a label is added. BASE_NEXT: address of the instruction plus 4. BASE_NEXT_WORD: that,
 * rounded down to a word. BASE_LITERAL, for l32r: address plus 3, rounded down to a word. */
enum { BASE_NONE, BASE_NEXT, BASE_NEXT_WORD, BASE_LITERAL };

#endif
