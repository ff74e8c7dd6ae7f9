/* Commands of gdb's protocol: from the content of a packet to the content of the answer. */
#ifndef MOTE_XTENSA_GDB_COMMANDS_H
#define MOTE_XTENSA_GDB_COMMANDS_H

#include "xtensa/debug/gdb.h"

typedef struct mote_xt_gdb_answer {
    bool none; /* send nothing now: the program runs, or gdb expects no answer */
    size_t size;
    char text[MOTE_XT_GDB_PACKET];
} mote_xt_gdb_answer;

/* Append text, or bytes in hexadecimal. Drop what does not fit. */
__attribute__((format(printf, 2, 3))) void mote_xt_gdb_say(mote_xt_gdb_answer *a, const char *format, ...);
void mote_xt_gdb_hex(mote_xt_gdb_answer *a, const void *bytes, size_t size);

/* Executes g->packet. An unknown packet gets an empty answer, a malformed one gets an error. */
void mote_xt_gdb_command(mote_xt_gdb *g, mote_xt_gdb_answer *a);
void mote_xt_gdb_stop_reply(const mote_xt_gdb *g, mote_xt_gdb_answer *a);

/* Answers with a part of the target description (gdb_target.c), after 'm' if more follows and after 'l' if not. */
void mote_xt_gdb_description(uint32_t offset, uint32_t length, mote_xt_gdb_answer *a);

/* Executes `monitor LINE`; the answer is text in hexadecimal. */
void mote_xt_gdb_monitor(mote_xt_gdb *g, const char *line, mote_xt_gdb_answer *a);

#endif
