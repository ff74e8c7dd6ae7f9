/* The masks of a pruned model as a picture. */
#ifndef MOTE_COMPILER_PICTURE_H
#define MOTE_COMPILER_PICTURE_H

#include "compiler/graph/graph.h"

/* Writes an SVG: every pruned matrix as a field of cells, the darker the more of a cell's weights stay. Errors:
 * MOTE_E_OUTPUT. */
bool mote_mask_picture(const mote_graph *g, const char *path, mote_error *error);

#endif
