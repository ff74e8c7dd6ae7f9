/* Converts a float graph into a packed graph: `mote quantize`. */
#ifndef MOTE_COMPILER_QUANTIZE_H
#define MOTE_COMPILER_QUANTIZE_H

#include "compiler/quantize/options.h"

/* True if every operator has an integer form that quantization can choose. Otherwise the error names each kind of
 * operator that has none, with the first of it. */
bool mote_graph_can_lower(const mote_graph *g, mote_error *error);

/* Lowers every operator to its integer form, plans arena and state and records the golden section. On failure there is
 * nothing to free. */
bool mote_graph_quantize(const mote_graph *from, const mote_quantize_options *options, mote_graph *to,
                         mote_error *error);

#endif
