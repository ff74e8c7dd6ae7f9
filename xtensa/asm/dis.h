/* The disassembler: an instruction as text, and whole sections or raw bytes as listings. */
#ifndef MOTE_XTENSA_ASM_DIS_H
#define MOTE_XTENSA_ASM_DIS_H

#include <stdio.h>

#include "xtensa/asm/elf.h"
#include "xtensa/isa/isa.h"

#define MOTE_XT_TEXT 96 /* bytes that hold the text of any instruction */

/* Writes a decoded instruction as GNU objdump does: "addi a5, a7, -28", "l32i a13, a12, 0x2b8", "j 0x1099". Numbers
 * within -255..255 are decimal, others hexadecimal; label targets are absolute addresses. */
void mote_xt_format(const mote_xt_insn *insn, const int32_t *values, char *text, size_t size);

/* The same with label targets as `.+12`, which mote_xt_assemble_line takes back at any address. */
void mote_xt_format_relative(const mote_xt_insn *insn, const int32_t *values, uint32_t pc, char *text, size_t size);

/* Disassembles `size` bytes that stand at address `base`, a line each: address, bytes, text. Bytes that are no
 * instruction of `chips` appear as `.byte`. False when out of memory. */
bool mote_xt_dis_raw(FILE *out, const uint8_t *bytes, size_t size, uint32_t base, unsigned chips);

/* Disassembles every executable section of an ELF file (without sections: every executable segment), with its symbols
 * and `.L<address>` for other branch targets as labels, the value behind each l32r, and in an object file the symbols
 * of relocations in place of the operands they fill in. False when out of memory. */
bool mote_xt_dis_elf(FILE *out, const mote_xt_elf *elf, unsigned chips);

#endif
