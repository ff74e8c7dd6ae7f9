/* Selects the layout of each matrix of a packed graph. */
#ifndef MOTE_COMPILER_LAY_OUT_H
#define MOTE_COMPILER_LAY_OUT_H

#include "compiler/graph/graph.h"
#include "compiler/plan/chips.h"

/* Gives every matrix that exactly one operator multiplies by int8 inputs the layout with the fewest cycles on the chip,
 * by chip/costs.def: with the model in RAM or, if it does not fit, with weights read from flash. Moves the bias into
 * the layouts that contain it. The outputs of the model do not change. Errors: MOTE_E_INTERNAL when out of memory. */
bool mote_graph_lay_out(mote_graph *g, const mote_chip *chip, mote_error *error);

/* Gives `layout` to every such matrix that can have it. */
bool mote_graph_lay_out_as(mote_graph *g, mote_layout layout, mote_error *error);

#endif
