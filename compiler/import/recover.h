/* Recovers the shape of a transformer from its graph, for exporters. */
#ifndef MOTE_COMPILER_IMPORT_RECOVER_H
#define MOTE_COMPILER_IMPORT_RECOVER_H

#include "compiler/graph/transformer.h"

/* True if mote_transformer_build makes this graph from the shape, except for the values of its weights. Otherwise
 * MOTE_E_UNSUPPORTED, with the first operator that differs; the message has no name of a file. */
bool mote_transformer_matches(const mote_graph *g, const mote_transformer_shape *shape, mote_error *why);

/* Computes the shape that mote_transformer_matches accepts. Fails in the same way if there is none. */
bool mote_transformer_recover(const mote_graph *g, mote_transformer_shape *shape, mote_error *why);

/* Returns the number with the fewest decimal digits that is this float. */
double mote_shortest(float value);

#endif
