/* Checks for language models: networks that take a token and output a score for each token of a vocabulary. */
#ifndef MOTE_COMPILER_LANGUAGE_H
#define MOTE_COMPILER_LANGUAGE_H

#include "compiler/graph/graph.h"

/* True if the graph has one input, U16 [1], and one output, a vector with a score for each of at most MOTE_MOST_TOKENS
 * tokens; every table indexed by the input has at least one row per token; and the tokenizer, if present, has the same
 * number of tokens. Otherwise false, and `error` names the condition that does not hold. The graph has passed
 * mote_graph_check, or is being checked. */
bool mote_graph_is_language_model(const mote_graph *g, mote_error *error);

/* Fails unless the graph is a language model. `what` (a verb, a text) is what needs one; the message lists inputs and
 * outputs of the network `name`. */
bool mote_graph_need_language_model(const mote_graph *g, const char *name, const char *what, mote_error *error);

uint32_t mote_graph_vocabulary(const mote_graph *g); /* elements of the first output: tokens of a language model */

#endif
