/* Runs a float graph over batches, forward and backward: of sequences, or, where nothing has a state, simply of
 * samples. Workers share the parameters; each has its own streams, activations, state and gradients. All memory is
 * taken by mote_executor_init. */
#ifndef MOTE_COMPILER_EXECUTOR_H
#define MOTE_COMPILER_EXECUTOR_H

#include "compiler/graph/operator.h"

typedef struct mote_executor_options {
    uint32_t steps;   /* the most time steps of one call */
    uint32_t streams; /* independent sequences per worker */
    uint32_t workers;
    bool backward; /* make room for gradients */
    bool windows;  /* every call of forward begins new sequences: no key/value caches are kept */
    float dropout; /* probability, 0..0.9, that what leaves a GRU layer, or what joins the residual stream of a
                      transformer, is dropped; needs `backward` */
} mote_executor_options;

/* One worker's share of the work. */
typedef struct mote_slice {
    float *memory;
    float **value, **seen, **gradient; /* per tensor; `seen` is the value its readers get, after dropout */
    mote_pass *passes;                 /* per operator */
    float **operands;                  /* what the passes point into: inputs, outputs, their gradients, states */
    bool *fresh;                       /* likewise: per input of every operator */
    float **mask;                      /* per operator: dropout mask of its output, 0 or 1/(1 − p); NULL for none */
    bool *begun;                       /* per tensor: its gradient holds something */
    float *parameter_gradient;         /* `parameter_count` floats, laid out as the parameters */
    float *state;                      /* `state_count` floats */
    uint32_t position;                 /* tokens of each of its sequences so far */
} mote_slice;

typedef struct mote_executor {
    mote_executor_options options;
    mote_graph graph;      /* a copy, rewritten to run fast */
    int *inputs, *outputs; /* its tensors of these roles, in their order */
    int input_count, output_count;
    float quantized; /* how far parameters are seen through their quantizers: 0 not, 1 wholly (at first), between: a
                        blend of both. Change it, then refresh */
    uint32_t *table_rows; /* per tensor: rows of a table used as a batch, 0 for one row a token */
    size_t *offset;       /* per tensor: place among the parameters, SIZE_MAX for what is none */
    size_t parameter_count, state_count;
    float *parameters; /* as trained; change them, then refresh */
    float *effective;  /* as the operators see them: through the quantizers */
    float *shared;     /* prepared constants and what depends on constants only */
    int8_t *codes;     /* room for the quantizers */
    float *scales;
    float **shared_value, **prepared; /* per tensor, per operator; NULL when not shared */
    mote_slice *slices;
} mote_executor;

/* The graph must be a float graph; it is checked. Parameters start as its constants and are refreshed. On failure there
 * is nothing to free. */
bool mote_executor_init(mote_executor *x, const mote_graph *g, const mote_executor_options *options, mote_error *error);
void mote_executor_free(mote_executor *x);

/* To be called after the parameters changed: quantizes and prepares them. Call by each of `parts` threads with its
 * part, first for stage 0, then, when all are done, for stage 1. */
enum { MOTE_REFRESH_STAGES = 2 };
void mote_executor_refresh(mote_executor *x, int stage, uint32_t part, uint32_t parts);

/* Begins new sequences in a worker's streams. */
void mote_executor_reset(mote_executor *x, uint32_t worker);

/* inputs[i]: of the network's i-th input [steps·streams, its shape], time-major, of its type; indices below the rows of
 * the tables they choose from. The worker's state moves on. dropout_seed 0 turns dropout off. */
void mote_executor_forward(mote_executor *x, uint32_t worker, const void *const *inputs, uint32_t steps,
                           uint64_t dropout_seed);
/* The i-th output [steps·streams, its shape] of the last forward call; stays until the next and may be overwritten. */
float *mote_executor_output(mote_executor *x, uint32_t worker, int i);
size_t mote_executor_output_size(const mote_executor *x, int i); /* floats of one row */

/* After a forward call: fill this, of the shape of the output, for every output that the loss depends on; then
 * mote_executor_backward adds to the slice's `parameter_gradient`. */
float *mote_executor_output_gradient(mote_executor *x, uint32_t worker, int i);
void mote_executor_backward(mote_executor *x, uint32_t worker);

/* The graph's constants become the parameters. */
void mote_executor_store(const mote_executor *x, mote_graph *g);

#endif
