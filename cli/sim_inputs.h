/* Files as inputs of a simulation. */
#ifndef MOTE_CLI_SIM_INPUTS_H
#define MOTE_CLI_SIM_INPUTS_H

#include "cli/frames_report.h"
#include "cli/options.h"
#include "sim/sim.h"

typedef struct mote_sim_inputs {
    mote_texts files;   /* one for each input of the network */
    const char *labels; /* file, or NULL */
    mote_network network;
    mote_bytes stored; /* inputs of all runs */
    mote_frames_report report;
} mote_sim_inputs;

/* Reads the files and sets inputs, outputs_size and output_count of the options, which keep them until the end. On
 * failure there is nothing to end, but ending does no harm. */
bool mote_sim_inputs_begin(mote_sim_inputs *in, const char *model, mote_sim_options *o, mote_error *error);
void mote_sim_inputs_end(mote_sim_inputs *in);

/* Takes the outputs of a simulation into the report. */
bool mote_sim_inputs_take(mote_sim_inputs *in, const mote_sim_result *result, mote_error *error);

#endif
