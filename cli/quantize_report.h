/* Reports of `mote quantize`: the loss of each type for each matrix, the mixes, and the errors after quantization. */
#ifndef MOTE_CLI_QUANTIZE_REPORT_H
#define MOTE_CLI_QUANTIZE_REPORT_H

#include "compiler/quantize/fit_search.h"
#include "compiler/quantize/report.h"

/* Most bytes of a file, and what they are. */
typedef struct mote_fit_budget {
    uint64_t bytes;
    const char *place;
} mote_fit_budget;

/* Prints the table of losses from which the mix was chosen and, for a chip, the mixes that were tried. */
void mote_print_fit(const mote_fit_table *t, const mote_fit_frontier *f, const mote_graph *g,
                    const mote_fit_budget *budget, bool json);

/* Prints a comparison of the float graph `g` with its packed form. */
void mote_print_report(const mote_report_table *t, const mote_graph *g, const mote_graph *packed, bool json);

#endif
