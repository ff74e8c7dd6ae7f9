/* A model on a chip that is not there: the device runtime itself, compiled for the chip, runs in the project's emulator
 * (Xtensa) or in QEMU (RISC-V), and the same loop runs on the PC to compare. */
#ifndef MOTE_SIM_H
#define MOTE_SIM_H

#include <mote_text.h>

#include "base/file.h"
#include "compiler/plan/chips.h"
#include "compiler/plan/placement.h"
#include "runtime/kernels.h"
#include "sim/device/box.h"
#include "xtensa/emu/machine.h"

typedef struct mote_sim_chip {
    const char *name;    /* "esp32s3": the value of --chip, and its program's file name */
    const char *part;    /* its name in chip/chips.def */
    const char *cpu;     /* RISC-V: what QEMU calls it; NULL: Xtensa */
    mote_xt_chip xtensa; /* 0: RISC-V */
    uint32_t flash;      /* where the model lies: an address */
} mote_sim_chip;

enum { MOTE_SIM_CHIPS = 5 };
extern const mote_sim_chip mote_sim_chips[MOTE_SIM_CHIPS];

/* Clock, and the memory a model may use. */
const mote_chip *mote_sim_about(const mote_sim_chip *chip);

typedef struct mote_sim_options {
    const char *prompt;    /* may be empty: begin with the model's start token */
    uint32_t output_count; /* tokens to draw */
    mote_sampler sampler;
    mote_weights_in weights;                       /* where the chip reads them */
    uint32_t sram;                                 /* bytes of SRAM a model may have; 0: all that the chip leaves it */
    bool trace;                                    /* keep what every operator wrote */
    double timeout;                                /* seconds */
    void (*progress)(void *context, uint32_t fed); /* now and then, with the tokens fed so far; may be NULL */
    void *context;
} mote_sim_options;

/* What one slot of box.h took. Instructions and stalls are known of Xtensa chips only. */
typedef struct mote_sim_cost {
    uint64_t spent; /* cycles; instructions on RISC-V */
    uint64_t instructions;
    uint64_t stalls[MOTE_XT_STALL_KINDS];
} mote_sim_cost;

typedef struct mote_sim_result {
    uint8_t *window; /* the chip's window as it was at the end (box.h), owned */
    const mote_sim_box *box;
    const uint16_t *tokens; /* of a language model: prompt_count, then token_count - prompt_count drawn ones */
    uint32_t token_count;   /* runs */
    mote_sim_cost cost[MOTE_SIM_SLOTS];
} mote_sim_result;

/* Runs `model`, the bytes of a file called `name`. Errors: MOTE_E_FORMAT the chip refuses the model, with the
 * runtime's own words; MOTE_E_UNSUPPORTED it does not fit the chip, or a program or QEMU is missing;
 * MOTE_E_MISMATCH the chip's program crashed or did not end in time. */
bool mote_sim_run(const mote_sim_chip *chip, mote_bytes model, const char *name, const mote_sim_options *options,
                  mote_sim_result *result, mote_error *error);

/* The same on this PC with the given kernels. `spent` stays 0. */
bool mote_sim_reference(const mote_kernels *kernels, mote_bytes model, const char *name,
                        const mote_sim_options *options, mote_sim_result *result, mote_error *error);

void mote_sim_result_free(mote_sim_result *result);

/* The first value that two traced runs of one model disagree about. */
typedef struct mote_sim_difference {
    bool found;
    uint32_t compared;          /* operators looked at, over all steps */
    uint32_t step, op;          /* counted from 0 */
    const char *layer, *tensor; /* names in the model */
    uint32_t channel;           /* element of the tensor; one past the last: the scale of an int8 vector */
    int32_t values[2];
} mote_sim_difference;

/* `model` passed mote_open. Compares as far as the shorter trace goes. */
mote_sim_difference mote_sim_compare(const mote_model *model, const mote_sim_result *a, const mote_sim_result *b);

/* Name of an operator in the file. */
const char *mote_sim_layer(const mote_model *model, uint32_t op);

#endif
