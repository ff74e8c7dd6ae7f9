#ifndef MOTE_COMPILER_ORDER_H
#define MOTE_COMPILER_ORDER_H

#include "compiler/graph/graph.h"
#include "compiler/plan/chips.h"

/* Sets the placement of a packed graph, the order in which mote_place copies its constants: first the constants that
 * the plan for `chip` (NULL for no chip) places in SRAM, then the others. Both are sorted by bytes read per token for a
 * byte of SRAM, in descending order. */
bool mote_graph_order_constants(mote_graph *g, const mote_chip *chip, mote_error *error);

#endif
