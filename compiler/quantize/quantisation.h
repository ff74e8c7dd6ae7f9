/* The way of a float model to a packed one, a step after another: statistics of a text, a recipe for every matrix,
 * their integers, corrected biases, ranges, integer operators. */
#ifndef MOTE_COMPILER_QUANTISATION_H
#define MOTE_COMPILER_QUANTISATION_H

#include "compiler/plan/chips.h"
#include "compiler/quantize/quantize.h"
#include "compiler/quantize/statistics.h"

typedef struct mote_quantisation {
    const mote_graph *from; /* not owned, nor are the tokens */
    mote_quantize_options options;
    bool correct_biases;
    const mote_chip *chip;  /* lays out for it; NULL: rows */
    const uint16_t *tokens; /* the text to calibrate with */
    size_t count;
    mote_recipe *recipes; /* per tensor; may be changed between init and pack */
    mote_statistics statistics;
    mote_matrix *matrices; /* per tensor, once made */
} mote_quantisation;

/* Whether such a quantisation looks at a text. */
bool mote_needs_text(const mote_graph *from, const mote_quantize_options *options, bool correct_biases);

/* Chooses the recipes; gathers statistics where there is a text. `tokens` may be NULL where none is needed.
 * Errors: a pattern of the options that matches nothing, a text that is too short. On failure nothing to free. */
bool mote_quantisation_init(mote_quantisation *q, const mote_graph *from, const mote_quantize_options *options,
                            bool correct_biases, const uint16_t *tokens, size_t count, mote_error *error);
void mote_quantisation_free(mote_quantisation *q);

/* The statistics of a matrix's inputs, NULL where there are none. */
const mote_hessian *mote_quantisation_hessian(const mote_quantisation *q, int tensor);

/* Matrices by their recipes, anew where there were some. */
bool mote_quantisation_make(mote_quantisation *q, mote_error *error);

/* The float graph as its integers say it: matrices as made, biases corrected, nothing seen through a quantiser. On
 * failure there is nothing to free. */
bool mote_quantisation_seen(const mote_quantisation *q, mote_graph *seen, mote_error *error);

/* The packed graph of the matrices made. On failure there is nothing to free. */
bool mote_quantisation_pack(const mote_quantisation *q, mote_graph *packed, mote_error *error);

#endif
