/* Line table: lines.c builds its rows from .file and .loc, lines_write.c writes it as .debug_line,
 * debug_info.c the compile unit. */
#ifndef MOTE_XTENSA_ASM_LINES_H
#define MOTE_XTENSA_ASM_LINES_H

#include "xtensa/asm/assembler.h"

enum { ROW_STATEMENT = 1, ROW_BASIC_BLOCK = 2, ROW_PROLOGUE_END = 4, ROW_EPILOGUE_BEGIN = 8 };

typedef struct row {
    struct row *next;
    symbol *at;
    uint32_t file, line, column, isa, discriminator;
    uint8_t flags;
} row;

typedef struct file_entry {
    const char *folder, *name; /* folder "": the one of file 0 */
} file_entry;

struct line_table {
    file_entry *files;
    uint32_t file_count, file_capacity;
    const char *folder; /* of file 0 */
    row *rows, **rows_end;
    row now;                   /* state of the next row, as the last .loc set it */
    bool pending;              /* `now` waits for the next instruction */
    bool from_loc;             /* the source has .loc directives */
    uint32_t view;             /* number of .locs before the last one at the same position */
    const symbol *last;        /* position of the last .loc */
    const source_line *source; /* line of the last row, when the table describes the source itself */
    const section *section;    /* section of that row */
};

/* debug_info.c: writes the compile unit to which the line table in `lines` belongs, unless the source has its own */
void mote_asm_debug_info(mote_xt_assembly *a, section *lines);

/* lines_write.c */
bool mote_asm_has_rows(const struct line_table *t, const section *code);

/* lines.c */
file_entry *mote_asm_line_file(mote_xt_assembly *a, uint32_t number); /* its entry, created if necessary */
void mote_asm_line_row(mote_xt_assembly *a); /* appends `now` at the end of the current section */

#endif
