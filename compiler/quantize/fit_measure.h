/* Measures the table from which types are chosen: the loss of every matrix with every type, and its costs. */
#ifndef MOTE_COMPILER_FIT_MEASURE_H
#define MOTE_COMPILER_FIT_MEASURE_H

#include "compiler/quantize/fit.h"
#include "compiler/quantize/quantization.h"

/* `show`, or NULL, is called after each step of long work. */
typedef struct mote_fit_progress {
    void (*show)(void *context, size_t done, size_t total);
    void *context;
} mote_fit_progress;

/* Measures int8, int6, int5, int4, ternary and binary for every matrix, as far as it may have these types. The method
 * and the granularity are those of q->options; its layer choices are ignored. The costs of a type are those of the
 * packed model with this type wherever it is possible. With a chip, types whose kernels have no cost in chip/costs.def
 * are left out. A type whose loss is not finite is left out. `q` must have samples with targets. `calibration`: ranges
 * of q->from, or NULL if it needs none. Errors: MOTE_E_UNSUPPORTED if an operator or a matrix has no known cost;
 * MOTE_E_FORMAT if a matrix has no type with a finite loss. On failure there is nothing to free. */
bool mote_fit_measure(mote_fit_table *t, mote_quantization *q, const mote_chip *chip,
                      const mote_calibration *calibration, const mote_fit_progress *progress, mote_error *error);
void mote_fit_free(mote_fit_table *t);

#endif
