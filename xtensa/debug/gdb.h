/* Server for gdb's remote serial protocol, with the registers in the order that a gdb built for the ESP32-S3 expects.
 *
 * The protocol code turns received bytes into reply bytes and uses no sockets; mote_xt_gdb_serve connects it to one. */
#ifndef MOTE_XTENSA_GDB_H
#define MOTE_XTENSA_GDB_H

#include "xtensa/debug/program.h"

#define MOTE_XT_GDB_PACKET 4096 /* most characters in the content of a packet, in either direction */

typedef struct mote_xt_gdb {
    mote_xt_program *program;
    bool running;  /* call mote_xt_gdb_advance until this is false */
    bool finished; /* the session is over: send the reply, then close */
    bool refused;  /* the peer is not gdb; further input is ignored */
    bool no_ack;
    bool stop_asked;
    uint8_t state; /* state of the packet reader */
    uint8_t sum, claimed;
    size_t size;
    char packet[MOTE_XT_GDB_PACKET + 1]; /* content received of the current packet, NUL-terminated when complete */
    size_t reply_size;
    char reply[MOTE_XT_GDB_PACKET + 16]; /* framed, to be sent as it is */
    mote_xt_stop stop;
} mote_xt_gdb;

void mote_xt_gdb_begin(mote_xt_gdb *g, mote_xt_program *program);

/* Consumes bytes from gdb up to the end of one packet and returns their number. Send reply[0..reply_size), then call
 * again with the rest. */
size_t mote_xt_gdb_input(mote_xt_gdb *g, const uint8_t *bytes, size_t size);

/* Runs at most `max` instructions if `running` is set. When the program stops, the reply reports that. */
void mote_xt_gdb_advance(mote_xt_gdb *g, uint64_t max);

/* Waits for one gdb on 127.0.0.1:`port` (0: any free port) and serves it until it disconnects. Writes the port to
 * `log`. Closes connections that do not speak the protocol before any of their commands runs, with a line in `log`.
 * Errors: MOTE_E_INPUT the port cannot be listened on, or a connection cannot be accepted. */
bool mote_xt_gdb_serve(mote_xt_program *program, unsigned port, FILE *log, mote_error *error);

#endif
