/* What each packet of gdb's protocol does, from its content to the content of the answer. */
#ifndef MOTE_XTENSA_GDB_COMMANDS_H
#define MOTE_XTENSA_GDB_COMMANDS_H

#include "xtensa/debug/gdb.h"

typedef struct mote_xt_gdb_answer {
    bool none; /* send nothing now: the program runs, or gdb wants no answer */
    size_t size;
    char text[MOTE_XT_GDB_PACKET];
} mote_xt_gdb_answer;

/* Appends; what does not fit is dropped. */
__attribute__((format(printf, 2, 3))) void mote_xt_gdb_say(mote_xt_gdb_answer *a, const char *format, ...);
void mote_xt_gdb_hex(mote_xt_gdb_answer *a, const void *bytes, size_t size);

/* Carries out g->packet. A packet that is unknown gets an empty answer, one that makes no sense an error. */
void mote_xt_gdb_command(mote_xt_gdb *g, mote_xt_gdb_answer *a);
void mote_xt_gdb_stop_reply(const mote_xt_gdb *g, mote_xt_gdb_answer *a);

/* A piece of the target description (gdb_target.c): 'm' before one that more follows, 'l' before the last. */
void mote_xt_gdb_description(uint32_t offset, uint32_t length, mote_xt_gdb_answer *a);

/* `monitor ...`: one line of text in, text out. */
void mote_xt_gdb_monitor(mote_xt_gdb *g, const char *line, mote_xt_gdb_answer *a);

#endif
