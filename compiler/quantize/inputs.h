/* What enters the matrix products of a float graph while tokens run through it: what calibration looks at. */
#ifndef MOTE_COMPILER_INPUTS_H
#define MOTE_COMPILER_INPUTS_H

#include "compiler/graph/executor.h"

/* x [rows, columns]: the inputs of one product, a row a token, valid during the call. `weights` is the tensor index of
 * its matrix [out, columns]; of a GRU's recurrent matrix x is the state before the token. */
typedef void mote_input_reader(void *context, int weights, const float *x, uint32_t rows);

typedef struct mote_inputs {
    mote_executor executor;
    uint32_t window, sequence; /* tokens of one call; tokens after which a sequence begins anew, 0: never */
    uint64_t read;             /* tokens so far */
    float *before;             /* [window + 1, widest state]: states, the one before each token */
} mote_inputs;

/* `window`: the most tokens of one call. `backward`: make room for gradients. A graph with attention begins a new
 * sequence when its context is full. On failure there is nothing to free. */
bool mote_inputs_init(mote_inputs *in, const mote_graph *g, uint32_t window, bool backward, mote_error *error);
void mote_inputs_free(mote_inputs *in);

/* Runs count ≤ window tokens and shows every product's inputs to `reader` (may be NULL). Returns the logits [count,
 * vocabulary], valid until the next call. */
float *mote_inputs_feed(mote_inputs *in, const uint16_t *tokens, uint32_t count, mote_input_reader *reader,
                        void *context);

#endif
