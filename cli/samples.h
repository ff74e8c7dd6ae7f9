/* Samples for the calibration of a float model. */
#ifndef MOTE_CLI_SAMPLES_H
#define MOTE_CLI_SAMPLES_H

#include "run/dataset.h"

typedef struct mote_samples {
    mote_source source;
    uint16_t *tokens;
    mote_dataset data;
} mote_samples;

/* Opens the samples in `path`: a text for a language model, else a dataset (run/dataset.h). If it is NULL or "self",
 * the language model generates the text, without the start token. Errors: a file that cannot be read or does not match
 * the network; then there is nothing to close, but closing does no harm. */
bool mote_samples_open(mote_samples *s, const mote_graph *g, const char *path, mote_error *error);
void mote_samples_close(mote_samples *s);

#endif
