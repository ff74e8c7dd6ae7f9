#ifndef MOTE_COMPILER_GOLDEN_H
#define MOTE_COMPILER_GOLDEN_H

#include <mote.h>

#include "compiler/graph/graph.h"

/* Records a golden section in the graph, from `model`, which is the same graph packed and opened. A language model
 * reads a prompt that steps through its vocabulary and then the tokens that it predicts. Any other network makes a few
 * runs with random inputs. */
bool mote_record_golden(mote_graph *g, const mote_model *model, mote_error *error);

#endif
