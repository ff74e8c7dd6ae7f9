/* What `mote quantize` measured, for people and as JSON. */
#ifndef MOTE_CLI_QUANTIZE_REPORT_H
#define MOTE_CLI_QUANTIZE_REPORT_H

#include <jansson.h>

#include "compiler/quantize/fit.h"
#include "compiler/quantize/report.h"

void mote_fit_print(const mote_fit_table *t, const mote_graph *g);
void mote_report_print(const mote_report_table *t, const mote_graph *g);

json_t *mote_fit_json(const mote_fit_table *t, const mote_graph *g);
json_t *mote_report_json(const mote_report_table *t, const mote_graph *g);

#endif
