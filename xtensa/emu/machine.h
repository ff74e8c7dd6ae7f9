/* One core: registers, memory, and the run loop. */
#ifndef MOTE_XTENSA_MACHINE_H
#define MOTE_XTENSA_MACHINE_H

#include "base/error.h"
#include "xtensa/isa/isa.h"

typedef struct mote_xt_machine mote_xt_machine;

/* Why execution stopped. */
typedef enum mote_xt_stop {
    MOTE_XT_STOP_NONE,      /* the budget of instructions or cycles was used up */
    MOTE_XT_STOP_EXIT,      /* the program called exit; see mote_xt_exit_code */
    MOTE_XT_STOP_BREAK,     /* a breakpoint of the debugger, before the instruction */
    MOTE_XT_STOP_WATCH,     /* a watched address was read or written, after the instruction */
    MOTE_XT_STOP_FAULT,     /* wild access, illegal instruction, unhandled exception; see mote_xt_fault_text */
    MOTE_XT_STOP_INTERRUPT, /* mote_xt_interrupt was called, from a signal handler for instance */
} mote_xt_stop;

typedef enum mote_xt_access { MOTE_XT_MEM_R = 1, MOTE_XT_MEM_W = 2, MOTE_XT_MEM_X = 4 } mote_xt_access;

/* Kind of memory, for the timing model. */
typedef enum mote_xt_memory { MOTE_XT_SRAM, MOTE_XT_FLASH, MOTE_XT_PSRAM, MOTE_XT_DEVICE } mote_xt_memory;

/* A machine with the chip's memory map (emu/map.c). After reset its state is that in which boot code leaves a program:
 * interrupts allowed, windows on (PS = UM | WOE, WINDOWSTART = 1), coprocessors on, VECBASE 0x40000000 where nothing is
 * mapped. Window exceptions without a handler of the program's own spill and fill as the ABI's handlers would; the
 * outermost frame then needs a caller's stack pointer at a1 - 12. Other exceptions without a handler stop the machine.
 */
mote_xt_machine *mote_xt_create(mote_xt_chip chip, mote_error *error);
void mote_xt_destroy(mote_xt_machine *m);
void mote_xt_reset(mote_xt_machine *m);

/* Timing: off for speed, on for cycles; may be changed between runs. */
void mote_xt_set_timing(mote_xt_machine *m, bool on);

/* Invalidates the data cache, at no cost and without writing changed lines back. */
void mote_xt_empty_data_cache(mote_xt_machine *m);

/* Maps `size` bytes at `address`. An alias maps the bytes of `of` a second time (instruction and data views of one
 * SRAM). */
bool mote_xt_map(mote_xt_machine *m, uint32_t address, uint32_t size, unsigned access, mote_xt_memory kind,
                 mote_error *error);
bool mote_xt_map_alias(mote_xt_machine *m, uint32_t address, uint32_t size, unsigned access, uint32_t of,
                       mote_error *error);

/* Host-side memory access, permissions ignored, decoded instructions invalidated; false outside the map. */
bool mote_xt_read(const mote_xt_machine *m, uint32_t address, void *to, size_t size);
bool mote_xt_write(mote_xt_machine *m, uint32_t address, const void *from, size_t size);

/* Registers by name as a programmer writes them: pc a0..a15 ar0..ar63 f0..f15 q0..q7 accx qacc_h qacc_l m0..m3, every
 * special register (b0..b15 are the bits of br), and the words of accx, qacc and ua_state as rur has them (accx_0).
 * `size` is 4, 8 (accx) or 16/20 (q, ua_state, qacc halves) bytes. A write has the effects of a write by the program.
 */
typedef struct mote_xt_register {
    const char *name;
    uint16_t offset, size; /* in the state structure */
} mote_xt_register;
const mote_xt_register *mote_xt_register_find(const char *name);
const mote_xt_register *mote_xt_register_at(size_t index); /* NULL past the end */
void mote_xt_register_read(const mote_xt_machine *m, const mote_xt_register *r, void *to);
void mote_xt_register_write(mote_xt_machine *m, const mote_xt_register *r, const void *from);
uint32_t mote_xt_get(const mote_xt_machine *m, const char *name); /* 32-bit shorthand; 0 for unknown names */
void mote_xt_set(mote_xt_machine *m, const char *name, uint32_t value);

/* Runs at most `max_instructions`. The first instruction runs even if a breakpoint is set there. An instruction that
 * faults or breaks does not count; pc stays at it. */
mote_xt_stop mote_xt_run(mote_xt_machine *m, uint64_t max_instructions);
void mote_xt_interrupt(mote_xt_machine *m); /* async-signal-safe */
const char *mote_xt_fault_text(const mote_xt_machine *m);
bool mote_xt_fault_is_no_memory(const mote_xt_machine *m); /* this computer's memory, not the program, is the cause */
int mote_xt_exit_code(const mote_xt_machine *m);
uint64_t mote_xt_instructions(const mote_xt_machine *m);
uint64_t mote_xt_cycles(const mote_xt_machine *m);

/* Executes one instruction word as if it stood at the current pc (for instructions typed in the debugger). The pc
 * stays, unless the instruction jumps. */
mote_xt_stop mote_xt_execute(mote_xt_machine *m, uint32_t word, unsigned size);

void mote_xt_breakpoint(mote_xt_machine *m, uint32_t address, bool set);
bool mote_xt_watchpoint(mote_xt_machine *m, uint32_t address, uint32_t size, unsigned access, bool set);

/* Hooks. A system call handler serves `simcall`; a store hook sees memory before it changes (for reverse steps); a
 * retire hook sees each instruction with its cycles and stalls (for the profiler). NULL removes one. */
typedef struct mote_xt_hooks {
    void *context;
    /* Returns false to stop the machine (exit). Arguments are in a2..a7; results go to a2 and a3. */
    bool (*syscall)(void *context, mote_xt_machine *m);
    void (*before_store)(void *context, mote_xt_machine *m, uint32_t address, uint32_t size);
    void (*retired)(void *context, mote_xt_machine *m, uint32_t pc, const mote_xt_insn *insn,
                    const uint32_t stalls[MOTE_XT_STALL_KINDS]);
} mote_xt_hooks;
void mote_xt_set_hooks(mote_xt_machine *m, const mote_xt_hooks *hooks);

/* The whole register state as bytes, for snapshots (reverse stepping). */
size_t mote_xt_state_size(void);
void mote_xt_state_save(const mote_xt_machine *m, void *to);
void mote_xt_state_restore(mote_xt_machine *m, const void *from);

#endif
