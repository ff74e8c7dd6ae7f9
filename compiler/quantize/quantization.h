/* The way of a float model to a packed one, a step after another: statistics of samples, a recipe for every matrix,
 * their integers, corrected biases, ranges, integer operators. */
#ifndef MOTE_COMPILER_QUANTIZATION_H
#define MOTE_COMPILER_QUANTIZATION_H

#include "compiler/plan/chips.h"
#include "compiler/quantize/quantize.h"
#include "compiler/quantize/statistics.h"

typedef struct mote_quantization {
    const mote_graph *from; /* not owned, nor is what the source has */
    mote_quantize_options options;
    bool correct_biases;
    const mote_chip *chip; /* lays out for it; NULL: rows */
    bool has_source;
    mote_source source;   /* the samples to calibrate with */
    mote_recipe *recipes; /* per tensor; may be changed between init and pack */
    mote_statistics statistics;
    mote_matrix *matrices; /* per tensor, once made */
} mote_quantization;

/* Whether such a quantization looks at samples. */
bool mote_needs_samples(const mote_graph *from, const mote_quantize_options *options, bool correct_biases);

/* Chooses the recipes; gathers statistics where there are samples. `source` may be NULL where none are needed.
 * Errors: a pattern of the options that matches nothing, too few samples. On failure nothing to free. */
bool mote_quantization_init(mote_quantization *q, const mote_graph *from, const mote_quantize_options *options,
                            bool correct_biases, const mote_source *source, mote_error *error);
void mote_quantization_free(mote_quantization *q);

/* The statistics of a matrix's inputs, NULL where there are none. */
const mote_hessian *mote_quantization_hessian(const mote_quantization *q, int tensor);

/* Matrices by their recipes, anew where there were some. */
bool mote_quantization_make(mote_quantization *q, mote_error *error);

/* The float graph as its integers say it: matrices as made, biases corrected, nothing seen through a quantizer. On
 * failure there is nothing to free. */
bool mote_quantization_seen(const mote_quantization *q, mote_graph *seen, mote_error *error);

/* The packed graph of the matrices made. On failure there is nothing to free. */
bool mote_quantization_pack(const mote_quantization *q, mote_graph *packed, mote_error *error);

#endif
