#ifndef MOTE_COMPILER_ORDER_H
#define MOTE_COMPILER_ORDER_H

#include "compiler/graph/graph.h"
#include "compiler/plan/chips.h"

/* Gives a packed graph the order in which mote_place copies its constants: first those that the plan for `chip` (NULL:
 * for no chip) puts into SRAM, then by what a byte of SRAM spares. */
bool mote_graph_order_constants(mote_graph *g, const mote_chip *chip, mote_error *error);

#endif
