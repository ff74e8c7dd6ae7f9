/* Which networks are language models: those that take a token and give a score for each. */
#ifndef MOTE_COMPILER_LANGUAGE_H
#define MOTE_COMPILER_LANGUAGE_H

#include "compiler/graph/graph.h"

/* One input, U16 [1]; one output, a vector of a score for each of at most MOTE_MOST_TOKENS tokens; every table that the
 * input chooses from has a row for each; a tokenizer, where there is one, has as many tokens. Otherwise false, and
 * `error` says which of this does not hold. The graph has passed mote_graph_check, or is being checked. */
bool mote_is_language_graph(const mote_graph *g, mote_error *error);

/* The same for a file that a verb of the command needs to be one: the message says what the network takes and gives. */
bool mote_need_language_graph(const mote_graph *g, const char *file, const char *verb, mote_error *error);

#endif
