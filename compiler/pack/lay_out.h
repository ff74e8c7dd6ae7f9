/* Which layout each matrix of a packed graph gets. */
#ifndef MOTE_COMPILER_LAY_OUT_H
#define MOTE_COMPILER_LAY_OUT_H

#include "compiler/graph/graph.h"
#include "compiler/plan/chips.h"

/* Lays out every matrix of a packed graph that is multiplied by plain int8 inputs, in one operator alone, as the chip
 * should be fastest with by chip/costs.def, all in its RAM or, where that is too small, out of flash; where the layout
 * has the bias inside, it goes there. The model says the same, byte for byte. Errors: MOTE_E_INTERNAL out of memory. */
bool mote_graph_lay_out(mote_graph *g, const mote_chip *chip, mote_error *error);

/* The same, but all that can have the one layout. */
bool mote_graph_lay_out_as(mote_graph *g, mote_layout layout, mote_error *error);

#endif
