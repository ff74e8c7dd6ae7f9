#ifndef MOTE_COMPILER_GOLDEN_H
#define MOTE_COMPILER_GOLDEN_H

#include <mote.h>

#include "compiler/graph/graph.h"

/* Gives the graph a golden section, from `model`, which is the same graph packed and opened. A language model is fed a
 * prompt that walks through its vocabulary and then the tokens that it predicts; any other network a few runs of inputs
 * drawn at random. */
bool mote_record_golden(mote_graph *g, const mote_model *model, mote_error *error);

#endif
