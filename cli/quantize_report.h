/* Reports of `mote quantize`: the loss of each type for each matrix, and the errors after quantization. */
#ifndef MOTE_CLI_QUANTIZE_REPORT_H
#define MOTE_CLI_QUANTIZE_REPORT_H

#include "compiler/quantize/fit.h"
#include "compiler/quantize/report.h"

/* Prints the table of losses from which the mix for at most `bytes` was chosen. place: names the limit. */
void mote_print_fit(const mote_fit_table *t, const mote_graph *g, uint64_t bytes, const char *place, bool json);

/* Prints a comparison of the float graph `g` with its packed form. */
void mote_print_report(const mote_report_table *t, const mote_graph *g, const mote_graph *packed, bool json);

#endif
