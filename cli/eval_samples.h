/* `mote eval` on arrays, for networks that are not language models. */
#ifndef MOTE_CLI_EVAL_SAMPLES_H
#define MOTE_CLI_EVAL_SAMPLES_H

#include "base/error.h"

/* Prints the loss of every model on the samples of an .npz, side by side. Errors: arrays that have no targets or do not
 * match a model's inputs, packed models, a loss that is not finite. */
bool mote_eval_samples(char **models, int count, const char *data, bool json, mote_error *error);

#endif
