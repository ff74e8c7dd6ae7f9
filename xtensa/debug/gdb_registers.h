/* Registers in the numbering of gdb. */
#ifndef MOTE_XTENSA_GDB_REGISTERS_H
#define MOTE_XTENSA_GDB_REGISTERS_H

#include "xtensa/debug/program.h"

enum {
    MOTE_XT_GDB_REGISTERS = 128,
    MOTE_XT_GDB_BYTES = 608 /* of all registers, in a g packet */,
    MOTE_XT_GDB_WIDEST = 16,
    MOTE_XT_GDB_NAME = 20
};

/* Returns the size in bytes of register `number`, or 0 when there is no such number. *offset gets its offset in a g
 * packet, `name` (MOTE_XT_GDB_NAME bytes) its name; both may be NULL. */
size_t mote_xt_gdb_register(unsigned number, size_t *offset, char *name);

/* Return false when there is no such number. A register that the emulator lacks reads as 0 and ignores writes. */
bool mote_xt_gdb_register_read(const mote_xt_machine *m, unsigned number, uint8_t to[MOTE_XT_GDB_WIDEST]);
bool mote_xt_gdb_register_write(mote_xt_program *p, unsigned number, const uint8_t from[MOTE_XT_GDB_WIDEST]);

#endif
