/* The header of a line table: its parameters, and the lists of folders and files. For lines_read.c. */
#ifndef MOTE_XTENSA_LINES_HEADER_H
#define MOTE_XTENSA_LINES_HEADER_H

#include "xtensa/debug/cursor.h"
#include "xtensa/debug/lines.h"

/* State shared by the tables of one ELF file. */
typedef struct mote_xt_line_reader {
    const char *name; /* of the ELF file, for messages */
    mote_xt_lines *lines;
    mote_error *error;
    size_t row_room, file_room;
    const mote_xt_elf_section *texts, *line_texts; /* .debug_str, .debug_line_str; NULL: none */
    uint32_t code_begin, code_end;                 /* the lowest and the highest address of code */
} mote_xt_line_reader;

/* The table of one compilation. */
typedef struct mote_xt_line_unit {
    mote_xt_line_reader *r;
    mote_xt_cursor c;
    uint32_t version;
    uint32_t minimum; /* bytes by which addresses advance */
    int line_base;
    unsigned line_range, opcode_base;
    const uint8_t *lengths; /* number of operands of each standard opcode */
    const char **folders;   /* owned by the caller of mote_xt_line_header */
    size_t folder_count, folder_room;
    size_t first_file; /* of the unit, in lines->files */
} mote_xt_line_unit;

/* Makes room for one more entry of `entry` bytes in a table that holds `count`. Returns the table, which may have
 * moved; NULL with a message if it has `most` entries or memory is out. */
void *mote_xt_line_grown(const mote_xt_line_reader *r, void *table, size_t count, size_t *room, size_t entry,
                         size_t most);

/* Reads the header after the length of its unit, and leaves the cursor at the line program. False with a message for
 * an unknown version, or if a list is too long; damage is in u->c.problem. */
bool mote_xt_line_header(mote_xt_line_unit *u);

/* Adds a file to the list: FOLDER TIME SIZE follow its name, in versions 2 to 4 and in a line program. */
bool mote_xt_line_file(mote_xt_line_unit *u, const char *name);

#endif
