/* What `mote quantize` prints: the price of each type for each matrix, and what quantizing did. */
#ifndef MOTE_CLI_QUANTIZE_REPORT_H
#define MOTE_CLI_QUANTIZE_REPORT_H

#include "compiler/quantize/fit.h"
#include "compiler/quantize/report.h"

/* The table a mix was chosen from for a file of at most `bytes`; `place` says what of. */
void mote_print_fit(const mote_fit_table *t, const mote_graph *g, uint64_t bytes, const char *place, bool json);

/* Of the float graph `g` and what it became. */
void mote_print_report(const mote_report_table *t, const mote_graph *g, const mote_graph *packed, bool json);

#endif
