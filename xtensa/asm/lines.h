/* What .file and .loc leave behind: the rows of a line table. lines.c reads them, lines_write.c writes the table. */
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
    row *rows, **rows_end;
    row now;      /* as the last .loc left it */
    bool pending; /* it waits for its instruction */
    bool from_loc;
    uint32_t view;             /* rows at the place of the last .loc before it */
    const symbol *last;        /* that place */
    const source_line *source; /* of the last row when the source itself is described, */
    const section *section;    /* and where that row is */
};

/* lines.c */
file_entry *mote_asm_line_file(mote_xt_assembly *a, uint32_t number); /* room for it */
void mote_asm_line_row(mote_xt_assembly *a);                          /* where the present section ends */

#endif
