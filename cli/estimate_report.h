/* Memory that an untrained model needs on each chip, as text and as JSON. */
#ifndef MOTE_CLI_ESTIMATE_REPORT_H
#define MOTE_CLI_ESTIMATE_REPORT_H

#include "compiler/train/train.h"

/* Prints the estimate for the model that these options would train. Errors: those of mote_train_model. */
bool mote_estimate_show(const mote_train_options *options, bool json, mote_error *error);

#endif
