/* Draws the masks of a pruned model. */
#ifndef MOTE_COMPILER_PICTURE_H
#define MOTE_COMPILER_PICTURE_H

#include "compiler/graph/graph.h"

/* Writes an SVG with a field of cells for every pruned matrix. A cell is darker if more of its weights stay. Errors:
 * MOTE_E_OUTPUT, MOTE_E_INTERNAL out of memory. */
bool mote_mask_picture(const mote_graph *g, const char *path, mote_error *error);

#endif
