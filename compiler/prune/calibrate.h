/* What pruning needs to know of a float graph at work on a text. */
#ifndef MOTE_COMPILER_CALIBRATE_H
#define MOTE_COMPILER_CALIBRATE_H

#include "compiler/graph/graph.h"
#include "compiler/quantize/hessian.h"

typedef struct mote_calibration_options {
    bool gradients, hessians; /* also these */
} mote_calibration_options;

/* Arrays per tensor, NULL where they do not apply; x are the inputs of the products with a matrix. */
typedef struct mote_calibration {
    int tensor_count;
    uint64_t tokens;
    double loss;         /* nats a token */
    double **square;     /* matrices of products [columns]: mean of x² */
    double **input;      /* matrices of products [columns]: mean of |x| */
    double **activation; /* activations: mean of |value| of each element */
    float **gradient;    /* matrices of products: Σ over windows of the text of |w · gradient| */
    mote_hessian *hessian;
} mote_calibration;

/* Runs the tokens through the graph. Errors: MOTE_E_FORMAT fewer than two tokens, or a matrix whose inputs are all 0
 * for every one of them, named; MOTE_E_UNSUPPORTED as mote_executor_init. On failure there is nothing to free. */
bool mote_calibrate(mote_calibration *c, const mote_graph *g, const uint16_t *tokens, size_t count,
                    const mote_calibration_options *options, mote_error *error);
void mote_calibration_free(mote_calibration *c);

/* Nats a token that the graph spends on the tokens after the first. */
bool mote_calibration_loss(const mote_graph *g, const uint16_t *tokens, size_t count, double *loss, mote_error *error);

/* Tokens to calibrate with, owned by the caller: of a text (at most `most`, from its beginning), or `count` that the
 * model draws itself at temperature 1. Errors: MOTE_E_INPUT the text cannot be read, MOTE_E_FORMAT it is empty. */
bool mote_tokens_of_text(const mote_graph *g, const char *path, size_t most, uint16_t **tokens, size_t *count,
                         mote_error *error);
bool mote_tokens_of_self(const mote_graph *g, size_t count, uint64_t seed, uint16_t **tokens, mote_error *error);

#endif
