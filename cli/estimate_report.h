/* What a model that is not trained yet will need on the chips, for people and as JSON. */
#ifndef MOTE_CLI_ESTIMATE_REPORT_H
#define MOTE_CLI_ESTIMATE_REPORT_H

#include "compiler/plan/estimate.h"

void mote_estimate_print(const mote_estimate *e);
void mote_estimate_print_json(const mote_estimate *e);

#endif
