/* The frames of all inputs of a network: one sequence. */
#ifndef MOTE_RUN_SEQUENCE_H
#define MOTE_RUN_SEQUENCE_H

#include "run/frames.h"

typedef struct mote_sequence {
    mote_frames *inputs; /* [input_count], owned */
    int input_count;
    size_t count; /* frames; an input with one frame has it in every run */
} mote_sequence;

/* Checks that the number of files is a multiple of that of the inputs, and names the inputs if it is not. */
bool mote_sequence_check(const mote_network *n, int files, mote_error *error);

/* Reads paths[input_count]. On failure there is nothing to free. */
bool mote_sequence_read(mote_sequence *s, const mote_network *n, const mote_preprocess *preprocess,
                        const char *const *paths, mote_error *error);
void mote_sequence_free(mote_sequence *s);

/* Returns the stored values of input i of run k. */
const uint8_t *mote_sequence_input(const mote_sequence *s, int i, size_t k);

#endif
