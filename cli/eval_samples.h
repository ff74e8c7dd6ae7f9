/* `mote eval` on samples, for networks that are not language models. */
#ifndef MOTE_CLI_EVAL_SAMPLES_H
#define MOTE_CLI_EVAL_SAMPLES_H

#include "base/error.h"

/* Prints loss and accuracy of every model, float or packed, on a dataset (run/dataset.h), side by side; for one model
 * also each class and the confusion matrix. Errors: samples that have no targets or do not match a model's inputs, a
 * loss that is not finite. */
bool mote_eval_samples(char **models, int count, const char *data, bool json, mote_error *error);

#endif
