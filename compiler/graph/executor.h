/* Runs a float graph forward and backward on batches of sequences, or of samples if the graph has no state. Workers
 * share the parameters; each has its own streams, activations, state and gradients. mote_executor_init allocates all
 * memory. */
#ifndef MOTE_COMPILER_EXECUTOR_H
#define MOTE_COMPILER_EXECUTOR_H

#include "compiler/graph/operator.h"

typedef struct mote_executor_options {
    uint32_t steps;   /* most time steps of one call */
    uint32_t streams; /* independent sequences per worker */
    uint32_t workers;
    bool backward; /* allocate gradients */
    bool windows;  /* every call of forward begins new sequences: no key/value caches are kept */
    float dropout; /* dropout probability, 0..0.9, for outputs of GRU layers and for branches added to the residual
                      stream of a transformer; needs `backward` */
} mote_executor_options;

/* Memory of one worker. */
typedef struct mote_slice {
    float *memory;
    float **value, **seen, **gradient; /* per tensor; `seen` is the value that its readers get, after dropout */
    mote_pass *passes;                 /* per operator */
    float **operands;                  /* pointer arrays of the passes: inputs, outputs, their gradients, states */
    bool *fresh;                       /* `fresh` arrays of the passes: per input of every operator */
    float **mask;                      /* per operator: dropout mask of its output, 0 or 1/(1 − p); NULL for none */
    bool *begun;                       /* per tensor: its gradient has been written */
    float *parameter_gradient;         /* `parameter_count` floats, in the layout of the parameters */
    float *state;                      /* `state_count` floats */
    uint32_t position;                 /* number of tokens so far in each of its sequences */
} mote_slice;

typedef struct mote_executor {
    mote_executor_options options;
    mote_graph graph;      /* a copy, rewritten to run fast */
    int *inputs, *outputs; /* tensors of these roles, in their order */
    int input_count, output_count;
    float quantized; /* share of quantization in the effective parameters: 0 none, 1 full (initially), between: a blend
                        of both. Refresh after a change */
    uint32_t *table_rows; /* per tensor: number of rows if it is computed once per table row, 0 if once per token */
    size_t *offset;       /* per tensor: offset in the parameters, SIZE_MAX if it is not a parameter */
    size_t parameter_count, state_count;
    float *parameters; /* trained values; refresh after a change */
    float *effective;  /* values that the operators use: quantized parameters */
    float *shared;     /* prepared constants and values that depend on constants only */
    int8_t *codes;     /* scratch of the quantizers */
    float *scales;
    float **shared_value, **prepared; /* per tensor and per operator; NULL when not shared */
    mote_slice *slices;
} mote_executor;

/* Checks the graph, which must be a float graph, and allocates an executor. The parameters start as the constants of
 * the graph and are refreshed. On failure there is nothing to free. */
bool mote_executor_init(mote_executor *x, const mote_graph *g, const mote_executor_options *options, mote_error *error);
void mote_executor_free(mote_executor *x);

/* Quantizes and prepares the parameters after a change. Each of `parts` threads calls it with its part for stage 0,
 * then, when all threads are done, for stage 1. */
enum { MOTE_REFRESH_STAGES = 2 };
void mote_executor_refresh(mote_executor *x, int stage, uint32_t part, uint32_t parts);

/* Begins new sequences in the streams of a worker. */
void mote_executor_reset(mote_executor *x, uint32_t worker);

/* Runs the graph and updates the state of the worker. inputs[i] is the i-th input [steps·streams, its shape] of its
 * type, in time-major order. Ids must be below the number of rows of the tables that they index. dropout_seed 0
 * disables dropout. */
void mote_executor_forward(mote_executor *x, uint32_t worker, const void *const *inputs, uint32_t steps,
                           uint64_t dropout_seed);
/* Returns the i-th output [steps·streams, its shape] of the last forward call. It is valid until the next call; the
 * caller may overwrite it. */
float *mote_executor_output(mote_executor *x, uint32_t worker, int i);
size_t mote_executor_output_size(const mote_executor *x, int i); /* floats of one row */

/* Returns the gradient of the i-th output, of the shape of the output; NULL unless its type is F32. After a forward
 * call, the caller fills it for every output that the loss depends on. mote_executor_backward then adds to
 * `parameter_gradient` of the slice. */
float *mote_executor_output_gradient(mote_executor *x, uint32_t worker, int i);
void mote_executor_backward(mote_executor *x, uint32_t worker);

/* Copies the parameters to the constants of the graph. */
void mote_executor_store(const mote_executor *x, mote_graph *g);

#endif
