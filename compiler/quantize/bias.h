/* What quantizing changes in the mean of a product, taken back by its bias (Nagel et al. 2019, with the means of a
 * text in place of a norm's parameters). */
#ifndef MOTE_COMPILER_BIAS_H
#define MOTE_COMPILER_BIAS_H

#include "compiler/quantize/matrix.h"
#include "compiler/quantize/statistics.h"

/* `g` is the float graph, `matrices` are its integers (select.h), `s` its statistics. A product without a bias gets
 * one, "<operator>.bias". */
bool mote_correct_biases(mote_graph *g, const mote_matrix *matrices, const mote_statistics *s, mote_error *error);

#endif
