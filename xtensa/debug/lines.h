/* From an address to the line of the source it was made from, and back: the line tables of DWARF 2 to 5, which
 * assemblers and compilers leave in the section .debug_line. */
#ifndef MOTE_XTENSA_LINES_H
#define MOTE_XTENSA_LINES_H

#include "xtensa/asm/elf.h"

typedef struct mote_xt_source {
    const char *folder, *name; /* as the table has them; both "" when it names none */
} mote_xt_source;

typedef struct mote_xt_line {
    uint32_t address; /* where it begins; it reaches to the next */
    uint32_t file;    /* index into `files` */
    uint32_t line;    /* 0: from here on no line is known */
} mote_xt_line;

typedef struct mote_xt_lines {
    mote_xt_line *rows;    /* by address */
    mote_xt_source *files; /* their texts lie in the ELF file */
    size_t row_count, file_count;
} mote_xt_lines;

/* Reads the tables of an executable, which must stay open; without tables, or in an object, whose addresses are not
 * final, there are no rows. Code that the linker dropped is left out. `name` appears in messages. Errors: MOTE_E_FORMAT
 * damaged, MOTE_E_UNSUPPORTED another version, compressed, or more than 2^23 rows or 2^18 files. On success the tables
 * are freed with mote_xt_lines_free. */
bool mote_xt_lines_read(const mote_xt_elf *elf, const char *name, mote_xt_lines *out, mote_error *error);
void mote_xt_lines_free(mote_xt_lines *lines);

/* The row that covers `address`, or NULL; its line is not 0. */
const mote_xt_line *mote_xt_lines_at(const mote_xt_lines *lines, uint32_t address);

/* The lowest address of a line of the file whose path is `file` or ends with "/" and `file` (`length` bytes); of the
 * next line that has code when it has none. False when there is none. */
bool mote_xt_lines_find(const mote_xt_lines *lines, const char *file, size_t length, uint32_t line, uint32_t *address);

#endif
