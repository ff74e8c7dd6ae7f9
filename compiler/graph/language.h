/* Which networks are language models: those that take a token and give a score for each. */
#ifndef MOTE_COMPILER_LANGUAGE_H
#define MOTE_COMPILER_LANGUAGE_H

#include "compiler/graph/graph.h"

/* One input, U16 [1]; one output, a vector of a score for each of at most MOTE_MOST_TOKENS tokens; every table that the
 * input chooses from has a row for each; a tokenizer, where there is one, has as many tokens. Otherwise false, and
 * `error` says which of this does not hold. The graph has passed mote_graph_check, or is being checked. */
bool mote_graph_is_language_model(const mote_graph *g, mote_error *error);

/* The same where `what` (a verb, a text) needs one: the message says what the network `name` takes and gives. */
bool mote_graph_need_language_model(const mote_graph *g, const char *name, const char *what, mote_error *error);

uint32_t mote_graph_vocabulary(const mote_graph *g); /* elements of the first output: a language model's tokens */

#endif
