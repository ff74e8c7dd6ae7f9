/* The table of `mote import` for networks that are no language models. */
#ifndef MOTE_CLI_IMPORT_REPORT_H
#define MOTE_CLI_IMPORT_REPORT_H

#include <stdio.h>

#include "compiler/graph/graph.h"

/* Prints the operators with shapes, multiply-accumulates and constants, their sums, and what the import folded (the
 * value of "import_folded" in the metadata). */
void mote_import_report(FILE *to, const mote_graph *g);

#endif
