/* Bias correction: takes back the change that quantization makes in the mean of a product (Nagel et al. 2019, with the
 * means of samples instead of a norm's parameters). */
#ifndef MOTE_COMPILER_BIAS_H
#define MOTE_COMPILER_BIAS_H

#include "compiler/quantize/matrix.h"
#include "compiler/quantize/statistics.h"

/* Corrects the biases of the float graph `g`. `matrices` are its integers (select.h), `s` its statistics. A product
 * without a bias gets one, "<operator>.bias". */
bool mote_correct_biases(mote_graph *g, const mote_matrix *matrices, const mote_statistics *s, mote_error *error);

#endif
