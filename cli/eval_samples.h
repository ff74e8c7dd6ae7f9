/* `mote eval` on arrays: networks that are not language models. */
#ifndef MOTE_CLI_EVAL_SAMPLES_H
#define MOTE_CLI_EVAL_SAMPLES_H

#include "base/error.h"

/* Prints the loss of every model on the samples of an .npz, side by side. Errors: arrays without targets or that do not
 * fit a model's inputs, packed models, a loss that is not finite. */
bool mote_eval_samples(char **models, int count, const char *data, bool json, mote_error *error);

#endif
