/* The mailbox between the PC and a simulated chip: a window of memory that both access, at an address that is unused on
 * every chip. Little endian, with the same layout on both sides. */
#ifndef MOTE_SIM_BOX_H
#define MOTE_SIM_BOX_H

#include <stdint.h>

#define MOTE_SIM_WINDOW_XTENSA 0x20000000u
#define MOTE_SIM_WINDOW_RISCV  0x84000000u

enum { /* offsets in the window */
       MOTE_SIM_PROMPT = 0x1000,
       MOTE_SIM_PLACED = 0x20000, /* uint16_t[]: indices of constants to place in SRAM */
       MOTE_SIM_TOKENS = 0x40000,
       MOTE_SIM_DATA = 0x100000, /* inputs of all runs, then outputs of all runs, then the trace */
       MOTE_SIM_WINDOW_SIZE = 0x800000,
};

#define MOTE_SIM_MAX_PROMPT (MOTE_SIM_PLACED - MOTE_SIM_PROMPT)     /* bytes */
#define MOTE_SIM_MAX_TOKENS ((MOTE_SIM_DATA - MOTE_SIM_TOKENS) / 2) /* prompt and output together */
#define MOTE_SIM_MAX_DATA   (MOTE_SIM_WINDOW_SIZE - MOTE_SIM_DATA)  /* bytes */

/* Slots of time: the parts of the work whose time is measured. Operators beyond the last slot share it. */
enum {
    MOTE_SIM_AT_OTHER,     /* the harness: digest, trace */
    MOTE_SIM_AT_OPEN,      /* mote_open and mote_start */
    MOTE_SIM_AT_SAMPLE,    /* mote_sample */
    MOTE_SIM_AT_OPERATORS, /* the first operator; the others follow */
    MOTE_SIM_SLOTS = 128,
};

enum { MOTE_SIM_STATUS_RAM = 1 }; /* status in addition to mote_status: the model does not fit the chip's memory */

typedef struct mote_sim_request {
    uint32_t prompt_size;                       /* bytes at MOTE_SIM_PROMPT; 0: begin with the start token */
    uint32_t output_count;                      /* number of tokens to draw; each is fed back. Runs of other networks */
    uint32_t inputs_size, outputs_size;         /* bytes of all runs; 0: the runs of the golden section */
    uint32_t temperature, top_k, top_p, rng[2]; /* fields of mote_sampler; low word of rng first */
    uint32_t trace_size;                        /* maximum bytes of the trace; 0: no trace */
} mote_sim_request;

typedef struct mote_sim_reply {
    uint32_t prompt_count; /* number of tokens fed before the first is drawn; all tokens are at MOTE_SIM_TOKENS */
    uint32_t digest;       /* CRC-32 of the outputs of every step in order, as in a golden section */
    uint32_t trace_used;   /* bytes of the trace */
    uint32_t fed;          /* number of tokens fed so far; the PC may read it while the chip runs */
} mote_sim_reply;

typedef struct mote_sim_box {
    /* Written by the PC. */
    uint32_t model, model_size; /* address in flash, bytes */
    uint32_t place;             /* 1: place the tables and the constants listed at MOTE_SIM_PLACED in SRAM */
    uint32_t placed_count;      /* number of these constants */
    uint32_t ram_limit;         /* bytes that the model may use */
    mote_sim_request request;
    /* Written by the chip. */
    uint32_t done;  /* 1 after all fields below are written */
    int32_t status; /* mote_status or MOTE_SIM_STATUS_RAM */
    mote_sim_reply reply;
    uint32_t ram_size;               /* bytes that the model may use: ram_limit, or less if the heap is smaller */
    uint32_t arena_size, state_size; /* bytes that the model needs */
    uint32_t placed_size;            /* bytes of copies */
    uint32_t stack_peak, stack_size; /* bytes; if they are equal, the stack may have been too small */
    uint32_t code_size;              /* bytes of the runtime in the program: instructions and constants */
    uint64_t spent[MOTE_SIM_SLOTS];  /* cycles, or instructions on RISC-V */
} mote_sim_box;

#endif
