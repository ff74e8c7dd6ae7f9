/* The samples that a float model is calibrated with. */
#ifndef MOTE_CLI_SAMPLES_H
#define MOTE_CLI_SAMPLES_H

#include "compiler/task/arrays.h"

typedef struct mote_samples {
    mote_source source;
    uint16_t *tokens;
    mote_arrays arrays;
} mote_samples;

/* Those of `path`: arrays where it ends in .npz, else a text; of a text that a language model generates itself where it
 * is NULL or "self", without the token that begins a sequence. Errors: a file that cannot be read or does not fit the
 * network. To be closed after success only. */
bool mote_samples_open(mote_samples *s, const mote_graph *g, const char *path, mote_error *error);
void mote_samples_close(mote_samples *s);

#endif
