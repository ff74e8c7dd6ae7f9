/* `mote run` with files as inputs. */
#ifndef MOTE_CLI_RUN_NETWORK_H
#define MOTE_CLI_RUN_NETWORK_H

#include "cli/options.h"

typedef struct mote_run_files {
    mote_texts inputs;      /* one file for each input of the network, then those of the next sequence, and so on */
    const char *output;     /* NULL for none */
    const char *labels;     /* file with a label in each line; NULL: those of the model */
    const char *preprocess; /* NULL: that of the model */
    const char *boxes;      /* how outputs become boxes; NULL: as the model says */
    bool real, json;
} mote_run_files;

/* Runs any network on the frames of files. Prints the labels or the values of its outputs. */
bool mote_run_network(const char *path, const mote_run_files *files, mote_error *error);

#endif
