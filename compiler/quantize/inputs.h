/* Runs samples through a float graph and passes the inputs of its matrix products to a reader. Calibration uses it to
 * gather statistics. */
#ifndef MOTE_COMPILER_INPUTS_H
#define MOTE_COMPILER_INPUTS_H

#include "compiler/graph/executor.h"
#include "compiler/task/source.h"

/* x [rows, columns]: the inputs of one product, one row per sample, valid during the call; several for a layer over
 * positions. `weights` is the tensor index of its matrix [out, columns]. For a GRU's recurrent matrix, x is the state
 * before each sample. Convolutions are called several times, with windows as rows; transposed ones are not shown. */
typedef void mote_input_reader(void *context, int weights, const float *x, uint32_t rows);

typedef struct mote_inputs {
    mote_executor executor;
    uint32_t window; /* largest number of rows of a call */
    float *before;   /* per GRU operator [window + 1, its width]: the state before each row */
    float *patches;  /* windows of a convolution */
} mote_inputs;

/* Fails unless each product of the graph multiplies one vector per sample, which some readers require. */
bool mote_inputs_need_vectors(const mote_graph *g, mote_error *error);

/* `backward` reserves memory for gradients. On failure there is nothing to free. */
bool mote_inputs_init(mote_inputs *in, const mote_graph *g, uint32_t window, bool backward, mote_error *error);
void mote_inputs_free(mote_inputs *in);

/* Runs a batch of at most `window` rows and passes every product's inputs to `reader`, which may be NULL. Returns the
 * first output [rows, its shape], valid until the next call. */
float *mote_inputs_feed(mote_inputs *in, const mote_batch *batch, mote_input_reader *reader, void *context);

#endif
