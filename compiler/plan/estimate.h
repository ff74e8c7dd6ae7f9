/* Estimates what a float graph needs on a chip after packing, without training it. */
#ifndef MOTE_COMPILER_ESTIMATE_H
#define MOTE_COMPILER_ESTIMATE_H

#include "compiler/graph/graph.h"
#include "compiler/graph/transformer.h"
#include "compiler/plan/chips.h"

typedef struct mote_estimate {
    uint64_t parameters;
    uint64_t file, arena, state; /* bytes */
} mote_estimate;

/* Estimates the packed graph: weights of the types of their quantizers, int8 without one, in rows; int16 activations;
 * int8 caches. The file size is within about 1.5 %, arena and state are exact. `g` passed mote_graph_check. Errors:
 * MOTE_E_INTERNAL when out of memory. */
bool mote_estimate_packed(const mote_graph *g, mote_estimate *estimate, mote_error *error);

/* Returns the bytes of a tokenizer: for 0 pairs those of the byte tokenizer, which a graph without a tokenizer is
 * assumed to get, else about those of a tokenizer with this number of byte pairs. */
uint64_t mote_estimate_tokenizer(uint32_t pairs);

/* Estimates a transformer of this shape with every matrix of this type. Errors: those of mote_transformer_build and
 * mote_estimate_packed. */
bool mote_transformer_estimate(const mote_transformer_shape *shape, mote_dtype weights, mote_estimate *estimate,
                               mote_error *error);

/* Fails unless file, arena and state fit the chip; the message has the numbers. Errors: MOTE_E_UNSUPPORTED. */
bool mote_estimate_fits(const mote_estimate *estimate, const mote_chip *chip, mote_error *error);

#endif
