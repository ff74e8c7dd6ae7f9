/* Xtensa disassembler: formats one instruction, or lists whole sections or raw bytes. */
#ifndef MOTE_XTENSA_ASM_DIS_H
#define MOTE_XTENSA_ASM_DIS_H

#include <stdio.h>

#include "xtensa/asm/elf.h"
#include "xtensa/isa/isa.h"

#define MOTE_XT_TEXT 96 /* size of a buffer that holds the text of any instruction */

/* Writes a decoded instruction as GNU objdump does: "addi a5, a7, -28", "l32i a13, a12, 0x2b8", "j 0x1099". Numbers
 * within -255..255 are decimal, others hexadecimal; label targets are absolute addresses. */
void mote_xt_format(const mote_xt_insn *insn, const int32_t *values, char *text, size_t size);

/* Like mote_xt_format, but writes label targets as `.+12`, which mote_xt_assemble_line accepts at any address. `pc` is
 * the address of the instruction. */
void mote_xt_format_relative(const mote_xt_insn *insn, const int32_t *values, uint32_t pc, char *text, size_t size);

/* Disassembles `size` bytes at address `base`, one line per instruction: address, bytes, text. Bytes that are no
 * instruction of `chips` are listed as `.byte`. Returns false when out of memory. */
bool mote_xt_dis_raw(FILE *out, const uint8_t *bytes, size_t size, uint32_t base, unsigned chips);

/* Disassembles every executable section of an ELF file, or every executable segment when it has no such section. Labels
 * are the file's symbols, and `.L<address>` for other branch targets. Each l32r is followed by the value it loads. In
 * an object file, symbols of relocations replace the operands they fill in. Returns false when out of memory. */
bool mote_xt_dis_elf(FILE *out, const mote_xt_elf *elf, unsigned chips);

#endif
