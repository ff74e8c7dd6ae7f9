/* The instruction set of ESP32, ESP32-S2 and ESP32-S3 as one table.
 *
 * Every instruction is described once, in the table files of this folder: mnemonic, operands, encoding, the chips that
 * have it, pipeline stages, behaviour. The assembler, disassembler, emulator, timing model and help use this table. */
#ifndef MOTE_XTENSA_ISA_H
#define MOTE_XTENSA_ISA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MOTE_XT_MAX_OPERANDS 8
#define MOTE_XT_MAX_BYTES    4
#define MOTE_XT_MAX_SLICES   5

typedef enum mote_xt_chip { MOTE_XT_ESP32 = 1, MOTE_XT_ESP32S2 = 2, MOTE_XT_ESP32S3 = 4 } mote_xt_chip; /* a mask */

typedef enum mote_xt_kind {
    MOTE_XT_AR,    /* a0..a15 */
    MOTE_XT_FR,    /* f0..f15 */
    MOTE_XT_BR,    /* b0..b15; a group starts at a multiple of `step` (1, 4, 8) */
    MOTE_XT_MR,    /* m0..m3 */
    MOTE_XT_QR,    /* q0..q7 */
    MOTE_XT_IMM,   /* an integer, as the programmer writes it */
    MOTE_XT_LABEL, /* a target, given as an absolute address: branches, calls, loops, l32r */
} mote_xt_kind;

enum { MOTE_XT_READ = 1, MOTE_XT_WRITE = 2 };

typedef struct mote_xt_operand {
    const char *name;    /* as in the manual: "art", "qx", "imm16" */
    uint8_t kind;        /* mote_xt_kind */
    uint8_t direction;   /* MOTE_XT_READ | MOTE_XT_WRITE */
    uint8_t read_stage;  /* 1 = E, 2 = M; 0 when not read */
    uint8_t write_stage; /* 1 = E, 2 = M, 4 = float results; 0 when not written */
    int32_t min, max;    /* range of register number, immediate, or byte offset of a label from the instruction;
                            calls and l32r count from a word boundary, for which only mote_xt_encode is exact */
    int32_t step;
    const int32_t *table; /* for immediates drawn from a list (b4const): `table_size` values, else NULL */
    uint8_t table_size;
    /* For encoding, decoding and execution: the base of a label, the slot in the decoded form, and the bits of the
     * instruction word as {position, width}, least significant first, ending with width 0. */
    uint8_t base, slot;
    uint8_t bits[MOTE_XT_MAX_SLICES + 1][2];
} mote_xt_operand;

/* Special state that instructions read or write. */
typedef enum mote_xt_state_name {
    MOTE_XT_STATE_acc,
    MOTE_XT_STATE_accx,
    MOTE_XT_STATE_qacc_l,
    MOTE_XT_STATE_qacc_h,
    MOTE_XT_STATE_ua_state,
    MOTE_XT_STATES
} mote_xt_state_name;

typedef struct mote_xt_state_use {
    uint8_t state; /* mote_xt_state_name */
    uint8_t read_stage, write_stage;
} mote_xt_state_use;

/* Reasons why an instruction takes more than one cycle. */
typedef enum mote_xt_stall {
    MOTE_XT_STALL_NONE,
    MOTE_XT_STALL_LOAD_USE, /* a result used too early */
    MOTE_XT_STALL_BRANCH,   /* redirect of the pipeline */
    MOTE_XT_STALL_FETCH,    /* straddling target, instruction cache miss */
    MOTE_XT_STALL_MEMORY,   /* data cache miss, flash or PSRAM */
    MOTE_XT_STALL_LONG,     /* divide, float, multi-cycle PIE */
    MOTE_XT_STALL_WINDOW,   /* window overflow and underflow */
    MOTE_XT_STALL_KINDS
} mote_xt_stall;

/* Position that an instruction can have in a block of instructions, which are decoded and run together (emu/block.h).
 */
typedef enum mote_xt_flow {
    MOTE_XT_GOES_ON, /* goes on to the next address, unless it raises an exception */
    MOTE_XT_ENDS,    /* may jump, or changes the window or the loop: last in a block */
    MOTE_XT_ALONE,   /* accesses the clock, interrupts or the host: not in a block */
} mote_xt_flow;

typedef struct mote_xt_insn {
    const char *mnemonic;
    uint16_t id;   /* index in the table */
    uint8_t size;  /* bytes: 2, 3 or 4 */
    uint8_t chips; /* mask of mote_xt_chip */
    uint8_t operand_count;
    uint32_t match, mask; /* little-endian instruction word: (word & mask) == match */
    const mote_xt_operand *operands;
    const char *help; /* one-line description */
    const mote_xt_state_use *states;
    uint8_t state_count;
    uint8_t coprocessor; /* bit of CPENABLE that must be set: 1 = float, 8 = PIE; 0 = none */
    uint8_t flow;        /* mote_xt_flow */
    uint8_t extra_kind;  /* mote_xt_stall and cycles beyond the first that it always takes */
    uint8_t extra_cycles;
} mote_xt_insn;

size_t mote_xt_count(void);
const mote_xt_insn *mote_xt_at(size_t index);

/* Returns the instruction with exactly this mnemonic ("add.n", "ee.vmulas.s8.accx.ld.ip"; lower case), or NULL. The
 * table has no assembler idioms (mov, j.l, widening of `l32i`, …). */
const mote_xt_insn *mote_xt_find(const char *mnemonic);
/* Like mote_xt_find, but prefers an instruction that all of `chips` have: rur.gpio_out has two encodings. */
const mote_xt_insn *mote_xt_find_for(const char *mnemonic, unsigned chips);

/* Returns the nearest mnemonic by edit distance, for "did you mean", or NULL. */
const char *mote_xt_nearest(const char *mnemonic);

typedef enum mote_xt_fault {
    MOTE_XT_FINE = 0,
    MOTE_XT_OUT_OF_RANGE,  /* operand `operand` beyond min..max */
    MOTE_XT_MISALIGNED,    /* not a multiple of step, or not in the table */
    MOTE_XT_SAME_REGISTER, /* two results in one register */
} mote_xt_fault;

/* Encodes an instruction at address `pc`. `values` are the operands in written order: register numbers, immediates,
 * absolute target addresses. On success sets *word (little endian, insn->size bytes). On a fault sets *operand to the
 * index of the operand. */
mote_xt_fault mote_xt_encode(const mote_xt_insn *insn, const int32_t *values, uint32_t pc, uint32_t *word,
                             int *operand);

/* Decodes the instruction at `bytes`, of which `available` may be read. `pc` is its address. Returns NULL when none of
 * `chips` has such an instruction. `values` gets the operands, labels as absolute addresses, and must have room for
 * MOTE_XT_MAX_OPERANDS. */
const mote_xt_insn *mote_xt_decode(const uint8_t *bytes, size_t available, unsigned chips, uint32_t pc,
                                   int32_t *values);

/* Returns the size in bytes of an instruction with this first byte (2, 3 or 4), whether or not it exists. */
unsigned mote_xt_size(uint8_t first_byte);

#endif
