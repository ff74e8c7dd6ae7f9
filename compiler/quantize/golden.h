#ifndef MOTE_COMPILER_GOLDEN_H
#define MOTE_COMPILER_GOLDEN_H

#include <mote.h>

#include "compiler/graph/graph.h"

/* Encodes and opens the packed graph as a chip does, and records a golden section in it. A language model reads a
 * prompt that steps through its vocabulary and then the tokens that it predicts. Any other network makes up to four
 * runs with random inputs; inputs of more than 64 KB get no golden section. Errors: MOTE_E_UNSUPPORTED if a chip would
 * refuse it. */
bool mote_make_golden(mote_graph *g, mote_error *error);

#endif
