/* Reader for 32-bit little-endian Xtensa ELF files. Opening a file verifies every header, table, offset and string, so
 * that everything reached through the result lies inside the file. */
#ifndef MOTE_XTENSA_ASM_ELF_H
#define MOTE_XTENSA_ASM_ELF_H

#include <elf.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* Relocation types in use here; <elf.h> has none for Xtensa. */
enum {
    R_XTENSA_NONE = 0,
    R_XTENSA_32 = 1,          /* a word: symbol + addend */
    R_XTENSA_ASM_EXPAND = 11, /* a long call that the linker may shorten */
    R_XTENSA_SLOT0_OP = 20,   /* the target operand of an instruction */
    R_XTENSA_PDIFF8 = 57,     /* a byte: the distance from the target to a later place; then 2 and 4 bytes */
    R_XTENSA_NDIFF8 = 60,     /* the same for an earlier place */
};

typedef struct mote_xt_elf_section {
    const char *name;
    uint32_t type, flags; /* SHT_*, SHF_* */
    uint32_t address, size, align;
    const uint8_t *data; /* `size` bytes; NULL for SHT_NOBITS and SHT_NULL */
} mote_xt_elf_section;

typedef struct mote_xt_elf_segment {
    uint32_t type, flags;            /* PT_*, PF_* */
    uint32_t address;                /* p_vaddr; address + memory_size does not wrap */
    uint32_t physical;               /* p_paddr */
    uint32_t file_size, memory_size; /* file_size <= memory_size for PT_LOAD */
    const uint8_t *data;             /* `file_size` bytes */
} mote_xt_elf_segment;

typedef struct mote_xt_elf_symbol {
    const char *name;
    uint32_t value, size;
    uint8_t type, binding; /* STT_*, STB_* */
    uint16_t section;      /* below section_count, or SHN_UNDEF, SHN_ABS, SHN_COMMON */
} mote_xt_elf_symbol;

typedef struct mote_xt_elf_reloc {
    uint32_t section; /* the section that is changed */
    uint32_t offset;  /* in that section (relocatable) or an address (executable) */
    uint32_t type;    /* R_XTENSA_* */
    uint32_t symbol;  /* index below symbol_count, or 0 */
    int32_t addend;
} mote_xt_elf_reloc;

typedef struct mote_xt_elf {
    uint16_t type; /* ET_REL or ET_EXEC */
    uint32_t entry;
    mote_xt_elf_section *sections;
    mote_xt_elf_segment *segments;
    mote_xt_elf_symbol *symbols; /* in file order, index 0 is the null symbol; none when stripped */
    mote_xt_elf_reloc *relocs;   /* in order of section, then offset */
    uint32_t *by_address;        /* indices of named symbols that lie in a section (within its bounds in an
                                    executable), in order of section (ET_REL only), then value */
    size_t section_count, segment_count, symbol_count, reloc_count, by_address_count;
} mote_xt_elf;

/* Reads an ELF file of `size` bytes at `data`, which must stay valid while the result is used. `name` appears in
 * messages. On success, free the tables with mote_xt_elf_close. Errors: MOTE_E_FORMAT not ELF or damaged,
 * MOTE_E_UNSUPPORTED another machine, class, byte order or type. */
bool mote_xt_elf_open(const uint8_t *data, size_t size, const char *name, mote_xt_elf *out, mote_error *error);
void mote_xt_elf_close(mote_xt_elf *elf);

/* Returns the symbol that covers `address`, or NULL: the nearest symbol at or below it, if `address` is within its
 * size. A symbol without a size covers everything up to the next symbol of its section. *offset gets the distance from
 * the symbol. `section` selects a section of a relocatable file and is ignored in an executable. */
const mote_xt_elf_symbol *mote_xt_elf_symbol_at(const mote_xt_elf *elf, uint32_t section, uint32_t address,
                                                uint32_t *offset);

/* Returns the nearest symbol above `address`, or NULL. `section` as in mote_xt_elf_symbol_at. */
const mote_xt_elf_symbol *mote_xt_elf_symbol_after(const mote_xt_elf *elf, uint32_t section, uint32_t address);

/* Returns the defined symbol of that name, or NULL. A symbol that is not local takes precedence. */
const mote_xt_elf_symbol *mote_xt_elf_symbol_find(const mote_xt_elf *elf, const char *name);

#endif
