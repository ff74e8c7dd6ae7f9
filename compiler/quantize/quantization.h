/* Quantizes a float model in steps: statistics of samples, a recipe for every matrix, its integers, corrected biases,
 * ranges, integer operators. */
#ifndef MOTE_COMPILER_QUANTIZATION_H
#define MOTE_COMPILER_QUANTIZATION_H

#include "compiler/plan/chips.h"
#include "compiler/quantize/quantize.h"
#include "compiler/quantize/statistics.h"

typedef struct mote_quantization {
    const mote_graph *from; /* not owned, nor are the source's samples */
    mote_quantize_options options;
    bool correct_biases;
    const mote_chip *chip; /* chip whose layouts are used; NULL: rows */
    bool has_source;
    mote_source source;   /* samples to calibrate with */
    mote_recipe *recipes; /* per tensor; may be changed between init and pack */
    mote_statistics statistics;
    mote_matrix *matrices; /* per tensor; NULL before mote_quantization_make */
} mote_quantization;

/* True if such a quantization uses samples. */
bool mote_needs_samples(const mote_graph *from, const mote_quantize_options *options, bool correct_biases);

/* Chooses the recipes and, if `source` is given, gathers statistics. `source` may be NULL if no samples are needed.
 * Errors: a packed graph, weights that are not finite, a pattern of the options that matches no matrix, too few
 * samples. On failure there is nothing to free. */
bool mote_quantization_init(mote_quantization *q, const mote_graph *from, const mote_quantize_options *options,
                            bool correct_biases, const mote_source *source, mote_error *error);
void mote_quantization_free(mote_quantization *q);

/* Returns the statistics of a matrix's inputs, or NULL if there are none. */
const mote_hessian *mote_quantization_hessian(const mote_quantization *q, int tensor);

/* Quantizes every matrix by its recipe. Replaces matrices that were made before. */
bool mote_quantization_make(mote_quantization *q, mote_error *error);

/* Writes the float graph with the values of its integers: matrices as quantized, biases corrected, no quantizers. On
 * failure there is nothing to free. */
bool mote_quantization_seen(const mote_quantization *q, mote_graph *seen, mote_error *error);

/* Packs the graph with its quantized matrices. On failure there is nothing to free. */
bool mote_quantization_pack(const mote_quantization *q, mote_graph *packed, mote_error *error);

#endif
