/* Bias correction of operators with zero points, by what integers compute: samples run through both networks, operator
 * by operator. (The idea: Nagel et al. 2019, section 4.2, with measured instead of computed means.) */
#ifndef MOTE_COMPILER_AFFINE_BIAS_H
#define MOTE_COMPILER_AFFINE_BIAS_H

#include "compiler/graph/graph.h"
#include "compiler/task/source.h"

/* Moves the mean error of each channel of each product into its bias, from the first operator to the last, and records
 * the golden section anew. `from` is the float graph without quantizers that `packed` was made from. */
bool mote_affine_correct(mote_graph *packed, const mote_graph *from, const mote_source *source, mote_error *error);

#endif
