/* Float graph to packed graph: `mote quantize`. */
#ifndef MOTE_COMPILER_QUANTIZE_H
#define MOTE_COMPILER_QUANTIZE_H

#include "compiler/quantize/options.h"

/* Lowers every operator to its integer form, plans arena and state, makes the golden section. */
bool mote_graph_quantize(const mote_graph *from, const mote_quantize_options *options, mote_graph *to,
                         mote_error *error);

#endif
