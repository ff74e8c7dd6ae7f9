/* A program in a machine, with its symbols and its connection to the PC: what `mote emu`, the debugger and the gdb
 * server work on, and the way in for other users of the library:
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
#define MOTE_XT_LOCATION      96 /* bytes that hold a location as text */

typedef struct mote_xt_watch {
    uint32_t address, size; /* bytes */
    unsigned access;        /* MOTE_XT_MEM_R | MOTE_XT_MEM_W */
    uint32_t seen;          /* the first 4 of its bytes, as of the last look */
} mote_xt_watch;

typedef struct mote_xt_program {
    mote_xt_machine *machine;
    mote_xt_chip chip;
    mote_bytes file;
    mote_xt_elf elf; /* points into `file` */
    mote_xt_lines lines;
    mote_error lines_error; /* why there are no lines; code MOTE_OK when they were read, or the file has none */
    mote_xt_semihost semihost;
    mote_xt_profile *profile; /* NULL until mote_xt_program_profile */
    mote_xt_history *history; /* NULL until mote_xt_program_history */
    uint32_t breakpoints[MOTE_XT_BREAKPOINTS];
    size_t breakpoint_count;
    mote_xt_watch watches[MOTE_XT_WATCHPOINTS];
    size_t watch_count;
} mote_xt_program;

/* Reads a static ELF32 executable and makes it ready to run. `p` must stay where it is while open. Errors:
 * MOTE_E_INPUT cannot be read, MOTE_E_FORMAT damaged, MOTE_E_UNSUPPORTED not for this machine or not linked,
 * MOTE_E_FORMAT a segment outside the chip's memory. */
bool mote_xt_program_open(mote_xt_program *p, const char *path, mote_xt_chip chip, mote_error *error);

/* The same for a file in memory; `file` belongs to the program from here on, also on failure. */
bool mote_xt_program_open_bytes(mote_xt_program *p, mote_bytes file, const char *name, mote_xt_chip chip,
                                mote_error *error);
void mote_xt_program_close(mote_xt_program *p);

/* Back to the state a boot loader leaves: segments loaded, pc at the entry, PS = 0x40020 (user mode, windows on,
 * interrupts enabled), a0 = 0, a1 = the symbol `_stack_top`, or the end of the internal memory. Recorded history and
 * profile start anew. */
bool mote_xt_program_reset(mote_xt_program *p, mote_error *error);

/* Starts recording. The profile turns the timing model on. */
bool mote_xt_program_profile(mote_xt_program *p, mote_error *error);
bool mote_xt_program_history(mote_xt_program *p, mote_error *error);

/* Runs at most `max` instructions, at least one of them even when a breakpoint stands at the present pc. Stops before
 * an instruction with a breakpoint, also when `max` is used up just there. */
mote_xt_stop mote_xt_program_run(mote_xt_program *p, uint64_t max);

/* Makes a run under way return MOTE_XT_STOP_INTERRUPT soon; may be called from a signal handler. */
void mote_xt_program_interrupt(mote_xt_program *p);

/* mote_xt_history_back of a program that records its history. */
bool mote_xt_program_back(mote_xt_program *p, mote_xt_moment *when, void *context);

/* Sets or clears one; false when the table is full. */
bool mote_xt_program_breakpoint(mote_xt_program *p, uint32_t address, bool set);
bool mote_xt_program_watchpoint(mote_xt_program *p, mote_xt_watch watch, bool set);
bool mote_xt_program_has_breakpoint(const mote_xt_program *p, uint32_t address);

/* After MOTE_XT_STOP_WATCH: the watchpoint whose bytes changed since the last call, or else the first that is read; and
 * what its first 4 bytes were. Valid until the next change of watchpoints. */
const mote_xt_watch *mote_xt_program_watch_hit(mote_xt_program *p, uint32_t *before);

/* mote_xt_write and mote_xt_register_write that the history knows of. */
bool mote_xt_program_write(mote_xt_program *p, uint32_t address, const void *from, size_t size);
void mote_xt_program_set(mote_xt_program *p, const mote_xt_register *r, const void *from);

/* A number, a symbol, symbol+number / symbol-number, or FILE:LINE; false when it is none of these. */
bool mote_xt_program_address(const mote_xt_program *p, const char *text, uint32_t *address);

/* Writes "main+0x12", or "0x42000012" where no symbol covers the address; returns `to`. */
const char *mote_xt_program_location(const mote_xt_program *p, uint32_t address, char to[MOTE_XT_LOCATION]);

/* Writes "dot.S:12", the line that the instruction at `address` is from, or "" when no line table says; returns `to`.
 */
const char *mote_xt_program_source(const mote_xt_program *p, uint32_t address, char to[MOTE_XT_LOCATION]);

/* The function that covers `address`, or the nearest label where no function does, or NULL. */
const mote_xt_elf_symbol *mote_xt_program_function(const mote_xt_program *p, uint32_t address);

/* Decodes the instruction at `address` and writes its text with the name of its target; NULL, and what stands there
 * instead, when there is none. `values` and `text` may be NULL. */
const mote_xt_insn *mote_xt_program_decode(const mote_xt_program *p, uint32_t address, int32_t *values, char *text,
                                           size_t size);

#endif
