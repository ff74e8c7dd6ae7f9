/* Rescales the channels of a float graph without changing its function, so that it is easier to quantize. A channel is
 * scaled up where it is made and down where it is read: keys against queries, values against the matrix that reads the
 * attention output, one factor of an elementwise product against the matrix that reads the product. Channels of equal
 * magnitude use the codes of a vector better (cross-layer equalization: Nagel et al. 2019; with activations: Xiao et
 * al., SmoothQuant, 2022). */
#ifndef MOTE_COMPILER_BALANCE_H
#define MOTE_COMPILER_BALANCE_H

#include "compiler/task/source.h"

/* Balances channels by their magnitudes while the network reads the samples. Matrices that were trained with a
 * quantizer, and the channels that they make or read, are not changed. Does nothing for a graph without a context. */
bool mote_graph_balance(mote_graph *g, const mote_source *source, mote_error *error);

#endif
