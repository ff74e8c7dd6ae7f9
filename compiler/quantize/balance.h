/* A float graph that says the same and is easier to quantize. A channel may be made larger where it comes from and
 * smaller where it goes to: keys against queries, values against what attention's output is multiplied with, one factor
 * of a product against what the product is multiplied with. Channels of one size use the codes of a vector better
 * (cross-layer equalisation: Nagel et al. 2019; with activations: Xiao et al., SmoothQuant, 2022). */
#ifndef MOTE_COMPILER_BALANCE_H
#define MOTE_COMPILER_BALANCE_H

#include "compiler/task/source.h"

/* By the sizes that the channels have while the network reads the samples. Matrices that were
 * trained with a quantizer stay as they are, with what belongs to them. */
bool mote_graph_balance(mote_graph *g, const mote_source *source, mote_error *error);

#endif
