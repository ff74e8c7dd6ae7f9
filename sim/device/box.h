/* What the PC and a simulated chip tell each other: a window of memory that both see, at an address where no chip has
 * anything. Little endian, the same layout on both sides. */
#ifndef MOTE_SIM_BOX_H
#define MOTE_SIM_BOX_H

#include <stdint.h>

#define MOTE_SIM_WINDOW_XTENSA 0x20000000u
#define MOTE_SIM_WINDOW_RISCV  0x84000000u

enum { /* offsets in the window */
       MOTE_SIM_PROMPT = 0x1000,
       MOTE_SIM_PLACED = 0x20000, /* uint16_t: constants to copy to SRAM, mote_place */
       MOTE_SIM_TOKENS = 0x40000,
       MOTE_SIM_TRACE = 0x100000,
       MOTE_SIM_WINDOW_SIZE = 0x800000,
};

#define MOTE_SIM_MAX_PROMPT (MOTE_SIM_PLACED - MOTE_SIM_PROMPT)      /* bytes */
#define MOTE_SIM_MAX_TOKENS ((MOTE_SIM_TRACE - MOTE_SIM_TOKENS) / 2) /* prompt and output together */
#define MOTE_SIM_MAX_TRACE  (MOTE_SIM_WINDOW_SIZE - MOTE_SIM_TRACE)  /* bytes */

/* What a chip can be at: where its time goes. Operators beyond the last slot share it. */
enum {
    MOTE_SIM_AT_OTHER,     /* the harness: digest, trace */
    MOTE_SIM_AT_OPEN,      /* mote_open and mote_start */
    MOTE_SIM_AT_SAMPLE,    /* mote_sample */
    MOTE_SIM_AT_OPERATORS, /* the first operator; the others follow */
    MOTE_SIM_SLOTS = 128,
};

enum { MOTE_SIM_STATUS_RAM = 1 }; /* beside mote_status: the model does not fit the chip's memory */

typedef struct mote_sim_request {
    uint32_t prompt_size;                       /* bytes at MOTE_SIM_PROMPT; 0: begin with the start token */
    uint32_t output_count;                      /* tokens to draw, each fed back */
    uint32_t temperature, top_k, top_p, rng[2]; /* as in mote_sampler; low word of rng first */
    uint32_t trace_size;                        /* bytes of trace wanted, 0: none */
} mote_sim_request;

typedef struct mote_sim_reply {
    uint32_t prompt_count; /* tokens fed before the first is drawn; all of them are at MOTE_SIM_TOKENS */
    uint32_t digest;       /* CRC-32 of every step's logits in order, as in a golden section */
    uint32_t trace_used;
    uint32_t fed; /* tokens so far; the PC may look while the chip runs */
} mote_sim_reply;

typedef struct mote_sim_box {
    /* To the chip. */
    uint32_t model, model_size; /* address in flash, bytes */
    uint32_t place;             /* 1: copy the tables and the constants at MOTE_SIM_PLACED to RAM */
    uint32_t placed_count;
    uint32_t ram_limit; /* bytes a model may have */
    mote_sim_request request;
    /* From the chip. */
    uint32_t done; /* 1 once everything below is there */
    int32_t status;
    mote_sim_reply reply;
    uint32_t ram_size;               /* bytes a model may have after all */
    uint32_t arena_size, state_size; /* what it needs */
    uint32_t placed_size;            /* bytes of copies */
    uint32_t stack_peak, stack_size; /* bytes; equal: the stack may have been too small */
    uint32_t code_size;              /* bytes of the runtime in the program: instructions and constants */
    uint64_t spent[MOTE_SIM_SLOTS];  /* cycles, or instructions on RISC-V */
} mote_sim_box;

#endif
