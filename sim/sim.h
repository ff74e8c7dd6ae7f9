/* Simulation of a model on a chip: runs the device runtime, compiled for the chip, in the project's emulator (Xtensa)
 * or in QEMU (RISC-V), and the same loop on the PC for comparison. */
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
    const char *name;    /* value of --chip and base name of the program, such as "esp32s3" */
    const char *part;    /* name in chip/chips.def */
    const char *cpu;     /* RISC-V: QEMU's -cpu argument; NULL for Xtensa */
    mote_xt_chip xtensa; /* 0 for RISC-V */
    uint32_t flash;      /* address of the model */
} mote_sim_chip;

enum { MOTE_SIM_CHIPS = 5 };
extern const mote_sim_chip mote_sim_chips[MOTE_SIM_CHIPS];

/* Returns the row of chip/chips.def: clock, and memory that a model may use. */
const mote_chip *mote_sim_about(const mote_sim_chip *chip);

typedef struct mote_sim_options {
    const char *prompt;    /* if empty, generation begins with the model's start token */
    uint32_t output_count; /* number of tokens to draw; runs of a network that is no language model */
    mote_bytes inputs;     /* stored inputs of output_count runs, each as in a golden section; size 0: tokens, or the
                              golden inputs */
    size_t outputs_size;   /* bytes of all outputs of these runs */
    mote_sampler sampler;
    mote_weights_in weights;                       /* memory from which the chip reads the weights */
    uint32_t sram;                                 /* bytes of SRAM that the model may use; 0: those of chips.def */
    bool trace;                                    /* records the outputs and states of every operator */
    double timeout;                                /* seconds */
    void (*progress)(void *context, uint32_t fed); /* called at intervals with the tokens fed so far; may be NULL */
    void *context;
} mote_sim_options;

/* Cost of one slot of box.h. Instructions and stalls are counted on Xtensa chips only. */
typedef struct mote_sim_cost {
    uint64_t spent; /* cycles; instructions on RISC-V */
    uint64_t instructions;
    uint64_t stalls[MOTE_XT_STALL_KINDS];
} mote_sim_cost;

typedef struct mote_sim_result {
    uint8_t *window;         /* copy of the chip's window at the end (box.h), owned */
    const mote_sim_box *box; /* the mailbox, in the window */
    const uint16_t *tokens;  /* [token_count] of a language model: the prompt, then the tokens drawn */
    uint32_t token_count;    /* number of runs */
    mote_sim_cost cost[MOTE_SIM_SLOTS];
} mote_sim_result;

/* Runs `model`, the bytes of a file called `name`, on a simulated chip. Errors: MOTE_E_FORMAT if the runtime on the
 * chip refuses the model, with the text of its status; MOTE_E_UNSUPPORTED if the model is not packed, needs a missing
 * kernel or does not fit the chip, or if a program or QEMU is missing; MOTE_E_MISMATCH if the chip's program crashed or
 * did not end in time. */
bool mote_sim_run(const mote_sim_chip *chip, mote_bytes model, const char *name, const mote_sim_options *options,
                  mote_sim_result *result, mote_error *error);

/* Does the same on this PC with the given kernels. `spent` stays 0. */
bool mote_sim_reference(const mote_kernels *kernels, mote_bytes model, const char *name,
                        const mote_sim_options *options, mote_sim_result *result, mote_error *error);

void mote_sim_result_free(mote_sim_result *result);

/* Return the outputs of all runs on inputs that were given, and the trace. */
const uint8_t *mote_sim_outputs(const mote_sim_result *result);
const uint8_t *mote_sim_trace(const mote_sim_result *result);

/* The first value that differs between two traced runs of one model. */
typedef struct mote_sim_difference {
    bool found;
    uint32_t compared;          /* number of equal operators, over all steps */
    uint32_t step, op;          /* counted from 0 */
    const char *layer, *tensor; /* names in the model */
    uint32_t channel;           /* element of the tensor; one past the last for the scale of an I8V */
    int32_t values[2];
} mote_sim_difference;

/* Compares two traces up to the end of the shorter one. `model` must have passed mote_open. */
mote_sim_difference mote_sim_compare(const mote_model *model, const mote_sim_result *a, const mote_sim_result *b);

/* Returns the name of an operator in the file. */
const char *mote_sim_layer(const mote_model *model, uint32_t op);

#endif
