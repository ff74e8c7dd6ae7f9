/* Maps addresses to source lines and back, with the line tables of DWARF 2 to 5 that assemblers and compilers write to
 * the section .debug_line. */
#ifndef MOTE_XTENSA_LINES_H
#define MOTE_XTENSA_LINES_H

#include "xtensa/asm/elf.h"

typedef struct mote_xt_source {
    const char *folder, *name; /* as in the table; both "" when it names none */
} mote_xt_source;

typedef struct mote_xt_line {
    uint32_t address; /* first address of the row, which extends to that of the next row */
    uint32_t file;    /* index into `files` */
    uint32_t line;    /* 0: no line is known */
} mote_xt_line;

typedef struct mote_xt_lines {
    mote_xt_line *rows;    /* sorted by address */
    mote_xt_source *files; /* the strings lie in the ELF file */
    size_t row_count, file_count;
} mote_xt_lines;

/* Reads the line tables of an executable, which must stay open. There are no rows when the file has no tables, or is an
 * object, whose addresses are not final. Code that the linker dropped is left out. `name` appears in messages. On
 * success, free the tables with mote_xt_lines_free. Errors: MOTE_E_FORMAT damaged, MOTE_E_UNSUPPORTED another version,
 * compressed, or more than 2^23 rows or 2^18 files. */
bool mote_xt_lines_read(const mote_xt_elf *elf, const char *name, mote_xt_lines *out, mote_error *error);
void mote_xt_lines_free(mote_xt_lines *lines);

/* Returns the row that covers `address`, or NULL when no line is known there. */
const mote_xt_line *mote_xt_lines_at(const mote_xt_lines *lines, uint32_t address);

/* Finds the lowest address of a line, or of the next line with code, in the file whose path is `file` (`length` bytes)
 * or ends with "/" and `file`. Returns false when there is none. */
bool mote_xt_lines_find(const mote_xt_lines *lines, const char *file, size_t length, uint32_t line, uint32_t *address);

#endif
