/* A text that a model says itself, to calibrate it with where no other is at hand. */
#ifndef MOTE_COMPILER_OWN_TEXT_H
#define MOTE_COMPILER_OWN_TEXT_H

#include <stddef.h>

#include "compiler/graph/graph.h"

enum { MOTE_OWN_TEXT = 8192 }; /* tokens that are enough */

/* Draws `count` tokens at temperature 1, the same each time; after its start token, which is not among them, and again
 * after it whenever the context is full. */
bool mote_own_text(const mote_graph *g, uint16_t *tokens, size_t count, mote_error *error);

uint16_t mote_graph_start_token(const mote_graph *g);

#endif
