/* What table lines share with the code that runs them: identifiers, operand slots, label bases. */
#ifndef MOTE_XTENSA_DECODED_H
#define MOTE_XTENSA_DECODED_H

#include <stdint.h>

/* INSN_add, INSN_addx2, ...: the index of each line. */
#define INSN(id, ...) INSN_##id,
enum {
#include "xtensa/isa/insns.def"
    INSN_COUNT
};
#undef INSN

/* Where an operand's value goes in the decoded form of an instruction. */
enum { SLOT_r, SLOT_s, SLOT_t, SLOT_u, SLOT_v, SLOT_w, SLOT_x, SLOT_y, SLOT_z, SLOT_imm, SLOT_constant };

/* What a label's offset is added to: the address after a 4-byte instruction; that rounded down to a word; for l32r the
 * address after the instruction rounded down to a word. */
enum { BASE_NONE, BASE_NEXT, BASE_NEXT_WORD, BASE_LITERAL };

#endif
