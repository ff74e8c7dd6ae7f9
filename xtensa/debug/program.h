/* A program in an emulated machine, with its symbols and semihosting. `mote emu`, the debugger and the gdb server use
 * it; other users of the library start here:
 *
 *     mote_xt_program p;
 *     if (!mote_xt_program_open(&p, "hello.elf", MOTE_XT_ESP32S3, &error)) ...
 *     mote_xt_program_run(&p, 1000);
 *     printf("%#x\n", mote_xt_get(p.machine, "pc"));
 *     mote_xt_program_close(&p);
 *
 * Registers, memory, stepping and timing are in emu/machine.h; assembling is in asm/asm.h. */
#ifndef MOTE_XTENSA_PROGRAM_H
#define MOTE_XTENSA_PROGRAM_H

#include "base/file.h"
#include "xtensa/asm/elf.h"
#include "xtensa/debug/history.h"
#include "xtensa/debug/lines.h"
#include "xtensa/debug/profile.h"
#include "xtensa/debug/semihost.h"
#include "xtensa/emu/machine.h"

#define MOTE_XT_PROGRAM_LIMIT (64u << 20) /* largest ELF file that is read, in bytes */
#define MOTE_XT_BREAKPOINTS   64
#define MOTE_XT_WATCHPOINTS   16
#define MOTE_XT_LOCATION      96 /* size of a buffer for a location as text */

typedef struct mote_xt_watch {
    uint32_t address, size; /* bytes */
    unsigned access;        /* MOTE_XT_MEM_R | MOTE_XT_MEM_W */
    uint32_t seen;          /* its first 4 bytes when they were last read */
} mote_xt_watch;

typedef struct mote_xt_program {
    mote_xt_machine *machine;
    mote_xt_chip chip;
    mote_bytes file;
    mote_xt_elf elf; /* points into `file` */
    mote_xt_lines lines;
    mote_error lines_error; /* reason why there are no lines; code MOTE_OK when they were read, or the file has none */
    mote_xt_semihost semihost;
    mote_xt_profile *profile; /* NULL until mote_xt_program_profile */
    mote_xt_history *history; /* NULL until mote_xt_program_history */
    uint32_t breakpoints[MOTE_XT_BREAKPOINTS];
    size_t breakpoint_count;
    mote_xt_watch watches[MOTE_XT_WATCHPOINTS];
    size_t watch_count;
} mote_xt_program;

/* Reads a static ELF32 executable and makes it ready to run. `p` must not move while it is open. Errors: MOTE_E_INPUT
 * cannot be read, MOTE_E_FORMAT damaged or a segment outside the chip's memory, MOTE_E_UNSUPPORTED not for this machine
 * or not linked. */
bool mote_xt_program_open(mote_xt_program *p, const char *path, mote_xt_chip chip, mote_error *error);

/* Like mote_xt_program_open, for a file in memory. Takes ownership of `file`, even on failure. */
bool mote_xt_program_open_bytes(mote_xt_program *p, mote_bytes file, const char *name, mote_xt_chip chip,
                                mote_error *error);
void mote_xt_program_close(mote_xt_program *p);

/* Resets to the state that a boot loader leaves: segments loaded, pc at the entry, PS = 0x40020 (user mode, windows on,
 * interrupts enabled), a0 = 0, a1 = the symbol `_stack_top`, or the end of the internal memory. Clears the recorded
 * history and profile. */
bool mote_xt_program_reset(mote_xt_program *p, mote_error *error);

/* Start recording a profile or the history. The profile turns the timing model on. */
bool mote_xt_program_profile(mote_xt_program *p, mote_error *error);
bool mote_xt_program_history(mote_xt_program *p, mote_error *error);

/* Runs at most `max` instructions; a breakpoint at the current pc is ignored. Returns MOTE_XT_STOP_BREAK before an
 * instruction with a breakpoint, even when `max` is reached just there. */
mote_xt_stop mote_xt_program_run(mote_xt_program *p, uint64_t max);

/* Makes the current run return MOTE_XT_STOP_INTERRUPT soon. May be called from a signal handler. */
void mote_xt_program_interrupt(mote_xt_program *p);

/* Like mote_xt_history_back; turns breakpoints and watchpoints off meanwhile. Returns false when the program records no
 * history. */
bool mote_xt_program_back(mote_xt_program *p, mote_xt_moment *when, void *context);

/* Set or clear a breakpoint or watchpoint. Return false when it cannot be set, as when the table is full. */
bool mote_xt_program_breakpoint(mote_xt_program *p, uint32_t address, bool set);
bool mote_xt_program_watchpoint(mote_xt_program *p, mote_xt_watch watch, bool set);
bool mote_xt_program_has_breakpoint(const mote_xt_program *p, uint32_t address);

/* Returns the watchpoint that caused MOTE_XT_STOP_WATCH: the first whose bytes have changed since the last call, or
 * else the first that watches reads, or else the first. *before gets its first 4 bytes before the change. Returns NULL
 * when there are no watchpoints. The result is valid until watchpoints are set or cleared. */
const mote_xt_watch *mote_xt_program_watch_hit(mote_xt_program *p, uint32_t *before);

/* Like mote_xt_write and mote_xt_register_write, but recorded in the history. */
bool mote_xt_program_write(mote_xt_program *p, uint32_t address, const void *from, size_t size);
void mote_xt_program_set(mote_xt_program *p, const mote_xt_register *r, const void *from);

/* Parses a number, a symbol, symbol+number, symbol-number, or FILE:LINE. Returns false when `text` is none of these. */
bool mote_xt_program_address(const mote_xt_program *p, const char *text, uint32_t *address);

/* Writes "main+0x12", or "0x42000012" where no symbol covers the address; returns `to`. */
const char *mote_xt_program_location(const mote_xt_program *p, uint32_t address, char to[MOTE_XT_LOCATION]);

/* Writes "dot.S:12", the source line of the instruction at `address`, or "" when it is not known; returns `to`. */
const char *mote_xt_program_source(const mote_xt_program *p, uint32_t address, char to[MOTE_XT_LOCATION]);

/* Returns the function that covers `address`, or the nearest label when no function does, or NULL. */
const mote_xt_elf_symbol *mote_xt_program_function(const mote_xt_program *p, uint32_t address);

/* Decodes the instruction at `address` and writes its text with the name of its target. When there is none, returns
 * NULL and writes a text for the bytes instead. `values` and `text` may be NULL. */
const mote_xt_insn *mote_xt_program_decode(const mote_xt_program *p, uint32_t address, int32_t *values, char *text,
                                           size_t size);

#endif
