/* What a float graph will need on a chip once it is packed, before it is trained. */
#ifndef MOTE_COMPILER_ESTIMATE_H
#define MOTE_COMPILER_ESTIMATE_H

#include "compiler/graph/graph.h"
#include "compiler/graph/transformer.h"
#include "compiler/plan/chips.h"

typedef struct mote_estimate {
    uint64_t parameters;
    uint64_t file, arena, state; /* bytes */
} mote_estimate;

/* Weights by the quantizers they are to be trained with, int8 for the rest, rows of flash as they lie in the file;
 * int16 activations, int8 caches. `g` passed mote_graph_check. The file within some 1.5 %, arena and state to the byte.
 * Errors: MOTE_E_INTERNAL out of memory. */
bool mote_estimate_packed(const mote_graph *g, mote_estimate *estimate, mote_error *error);

/* Bytes of a tokenizer: of bytes as tokens for 0, which a graph without one is taken to get, else about those of so
 * many byte pairs. */
uint64_t mote_estimate_tokenizer(uint32_t pairs);

/* The same of a transformer of this shape with every matrix of this type. Errors: as mote_transformer_build. */
bool mote_transformer_estimate(const mote_transformer_shape *shape, mote_dtype weights, mote_estimate *estimate,
                               mote_error *error);

/* Fails with the numbers unless file, arena and state fit the chip. Errors: MOTE_E_UNSUPPORTED. */
bool mote_estimate_fits(const mote_estimate *estimate, const mote_chip *chip, mote_error *error);

#endif
