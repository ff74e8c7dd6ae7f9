/* Checks of a whole graph. Every other step requires a graph that passed them. */
#ifndef MOTE_COMPILER_CHECK_H
#define MOTE_COMPILER_CHECK_H

#include "compiler/graph/graph.h"

/* Shapes, types, roles and presence of every operand fit its operator; every tensor is made before it is read, and made
 * once; every output is made; a tokenizer is sound and belongs to a language model (language.h). */
bool mote_graph_check(const mote_graph *g, mote_error *error);

/* No constant is infinite or undefined: what training, quantizing and pruning need of a graph, for such a number would
 * decide everything it is compared with. */
bool mote_graph_check_finite(const mote_graph *g, mote_error *error);

#endif
