/* Parts of DWARF sections, for lines_write.c and debug_info.c. */
#ifndef MOTE_XTENSA_ASM_DWARF_H
#define MOTE_XTENSA_ASM_DWARF_H

#include "xtensa/asm/assembler.h"

/* Returns the section of that name, created if necessary; NULL when the source defines its contents. */
section *mote_asm_dwarf_section(mote_xt_assembly *a, const char *name);

void mote_asm_dwarf_number(mote_xt_assembly *a, section *s, uint32_t number, size_t size);
void mote_asm_dwarf_uleb128(mote_xt_assembly *a, section *s, uint32_t number);
void mote_asm_dwarf_sleb128(mote_xt_assembly *a, section *s, int64_t number);
void mote_asm_dwarf_text(mote_xt_assembly *a, section *s, const char *text);
void mote_asm_dwarf_address(mote_xt_assembly *a, section *s, symbol *at);
void mote_asm_dwarf_distance(mote_xt_assembly *a, section *s, symbol *from, symbol *to, int64_t less, uint8_t size);

symbol *mote_asm_dwarf_begin(mote_xt_assembly *a, section *s); /* a nameless symbol at the start of a section */
symbol *mote_asm_dwarf_end(mote_xt_assembly *a, section *s);   /* and at its current end */

/* Starts a unit with its length and the version 5. Returns the symbol of its end, which is to be placed there. */
symbol *mote_asm_dwarf_unit(mote_xt_assembly *a, section *s);

#endif
