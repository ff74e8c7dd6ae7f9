/* gdb's remote serial protocol, with the registers in the order a gdb built for the ESP32-S3 expects.
 *
 * The protocol is a function from bytes to bytes and knows nothing of sockets; mote_xt_gdb_serve joins it to one. */
#ifndef MOTE_XTENSA_GDB_H
#define MOTE_XTENSA_GDB_H

#include "xtensa/debug/program.h"

#define MOTE_XT_GDB_PACKET 4096 /* most characters of a packet's content, either way */

typedef struct mote_xt_gdb {
    mote_xt_program *program;
    bool running;  /* call mote_xt_gdb_advance until it is not */
    bool finished; /* gdb said goodbye: send the reply, then close */
    bool refused;  /* it was not gdb; nothing more is taken */
    bool no_ack;
    bool stop_asked;
    uint8_t state; /* of the packet reader */
    uint8_t sum, claimed;
    size_t size;
    char packet[MOTE_XT_GDB_PACKET + 1]; /* what has come of the present packet, NUL-terminated when complete */
    size_t reply_size;
    char reply[MOTE_XT_GDB_PACKET + 16]; /* framed, to be sent as it is */
    mote_xt_stop stop;
} mote_xt_gdb;

void mote_xt_gdb_begin(mote_xt_gdb *g, mote_xt_program *program);

/* Takes bytes from gdb up to the end of one packet and returns how many; reply[0..reply_size) is to be sent before the
 * next call. Call again with the rest. */
size_t mote_xt_gdb_input(mote_xt_gdb *g, const uint8_t *bytes, size_t size);

/* Runs at most `max` instructions of a program that gdb has let run; when it stops, the reply says so. */
void mote_xt_gdb_advance(mote_xt_gdb *g, uint64_t max);

/* Waits for one gdb on 127.0.0.1:`port` (0: any free port) and serves it until it leaves. A line on `log` tells the
 * port. Connections that speak anything else are closed, with a line on `log`, before they are obeyed. Errors:
 * MOTE_E_INPUT the port cannot be had. */
bool mote_xt_gdb_serve(mote_xt_program *program, unsigned port, FILE *log, mote_error *error);

#endif
