/* Outputs of a network, frame by frame, and what is known of them. */
#ifndef MOTE_CLI_FRAMES_DATA_H
#define MOTE_CLI_FRAMES_DATA_H

#include "cli/options.h"
#include "run/detector.h"
#include "run/frames.h"
#include "run/labels.h"

typedef struct mote_frames_report {
    const mote_port *ports; /* [count]: outputs */
    int count;
    mote_frames *outputs;     /* [count]: of all frames of all sequences */
    const char *const *paths; /* [sequences · inputs]: files of the inputs */
    int sequences, inputs;
    size_t *lengths; /* [sequences]: frames */
    mote_labels labels;
    bool detects; /* outputs are boxes */
    mote_detector detector;
    mote_preprocess preprocess; /* of pictures, which boxes are on */
} mote_frames_report;

#endif
