/* Generates text with a language model, to calibrate it if there is no other text. */
#ifndef MOTE_COMPILER_OWN_TEXT_H
#define MOTE_COMPILER_OWN_TEXT_H

#include <stddef.h>

#include "compiler/graph/graph.h"

enum { MOTE_OWN_TEXT = 8192 }; /* tokens that suffice to calibrate */

/* Draws `count` tokens at temperature 1, the same on every call. A sequence begins with the start token, which is not
 * written. A new sequence begins whenever the context is full. */
bool mote_own_text(const mote_graph *g, uint16_t *tokens, size_t count, mote_error *error);

uint16_t mote_graph_start_token(const mote_graph *g);

#endif
