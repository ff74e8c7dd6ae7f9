/* Checks of a whole graph. All other passes require a graph that passed mote_graph_check. */
#ifndef MOTE_COMPILER_CHECK_H
#define MOTE_COMPILER_CHECK_H

#include "compiler/graph/graph.h"

/* Checks that shapes, types, roles and presence of every operand match its operator; that every tensor is written once,
 * before it is read; that every output is written; that a tokenizer is valid and belongs to a language model
 * (language.h). */
bool mote_graph_check(const mote_graph *g, mote_error *error);

/* Checks that no constant is infinite or NaN. Training, quantization and pruning require this: such a value would
 * dominate every maximum and every sum that contains it. */
bool mote_graph_check_finite(const mote_graph *g, mote_error *error);

/* Checks that the graph is a float model. `verb` is the command that needs one, such as "mote prune". */
bool mote_graph_need_float(const mote_graph *g, const char *name, const char *verb, mote_error *error);

#endif
