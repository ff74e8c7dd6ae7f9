/* A 32-bit little-endian Xtensa ELF file, read safely: opening it verifies every header, table, offset and string, so
 * that everything reached through this structure afterwards lies inside the file. */
#ifndef MOTE_XTENSA_ASM_ELF_H
#define MOTE_XTENSA_ASM_ELF_H

#include <elf.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/* The relocations that matter here; <elf.h> has none for this machine. */
enum {
    R_XTENSA_NONE = 0,
    R_XTENSA_32 = 1,          /* a word: symbol + addend */
    R_XTENSA_ASM_EXPAND = 11, /* a long call that the linker may shorten */
    R_XTENSA_SLOT0_OP = 20,   /* the target operand of an instruction */
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

/* Reads `size` bytes at `data`, which must stay while the result is used. `name` appears in messages. Errors:
 * MOTE_E_FORMAT not ELF or damaged, MOTE_E_UNSUPPORTED another machine, class, byte order or type. On success the
 * tables are freed with mote_xt_elf_close. */
bool mote_xt_elf_open(const uint8_t *data, size_t size, const char *name, mote_xt_elf *out, mote_error *error);
void mote_xt_elf_close(mote_xt_elf *elf);

/* The symbol at or nearest below `address` and still covering it (its size, or up to the next symbol when it has
 * none, within its section); *offset gets the distance. `section` restricts the search in a relocatable file and is
 * ignored in an executable. NULL when there is none. */
const mote_xt_elf_symbol *mote_xt_elf_symbol_at(const mote_xt_elf *elf, uint32_t section, uint32_t address,
                                                uint32_t *offset);

/* The nearest symbol above `address`, or NULL. */
const mote_xt_elf_symbol *mote_xt_elf_symbol_after(const mote_xt_elf *elf, uint32_t section, uint32_t address);

/* The defined symbol of that name, global before local, or NULL. */
const mote_xt_elf_symbol *mote_xt_elf_symbol_find(const mote_xt_elf *elf, const char *name);

#endif
