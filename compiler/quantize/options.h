/* Options of quantization and packing. */
#ifndef MOTE_COMPILER_QUANTIZE_OPTIONS_H
#define MOTE_COMPILER_QUANTIZE_OPTIONS_H

#include "compiler/graph/graph.h"
#include "compiler/quantize/calibrate.h"
#include "compiler/quantize/matrix.h"

/* Type of the inputs of products in a graph with ranges. In a GRU graph, products read int8 with fixed scales. */
typedef enum mote_activations {
    MOTE_ACTIVATIONS_INT8,        /* int8; every vector has its own scale, found at run time */
    MOTE_ACTIVATIONS_INT8_STATIC, /* int8 with scales from calibration */
    MOTE_ACTIVATIONS_INT16,
} mote_activations;

/* Type of the outputs of a network with zero points. */
typedef enum mote_outputs {
    MOTE_OUTPUTS_AUTO, /* int16 for softmax, which is computed in 32 bits; else that of the activations */
    MOTE_OUTPUTS_INT8,
    MOTE_OUTPUTS_INT16, /* where no operator reads them */
} mote_outputs;

/* Scheme and method of the matrices whose names match a pattern. fnmatch(3) compares the pattern with the tensor's name
 * with and without ".weight". */
typedef struct mote_layer_choice {
    const char *pattern;
    mote_scheme scheme;
    bool has_method;
    mote_method method;
} mote_layer_choice;

typedef struct mote_quantize_options {
    bool as_trained;     /* quantize each matrix as it was trained; the fields below apply to the rest */
    mote_scheme weights; /* matrices of linear and gru operators, except the head */
    mote_scheme head;    /* linear operator that makes the logits, and a tied embedding */
    mote_scheme embedding;
    mote_granularity granularity;
    uint32_t group; /* columns that share an integer factor of the scale, a multiple of 16; 0: none. Not for tables */
    mote_method method;
    bool five_trits;                 /* ternary as 5 trits a byte, else 2-bit codes */
    const mote_layer_choice *layers; /* the last entry that matches a matrix overrides the fields above */
    int layer_count;
    const mote_matrix *matrices; /* per tensor, from mote_matrices_init of this graph; NULL: no statistics are used */
    mote_activations activations;
    mote_outputs outputs;
    mote_observer_kind observer;         /* for int8 activations with static scales */
    const mote_calibration *calibration; /* of this graph; NULL: self-generated text is used if ranges are needed */
    bool int16_cache;                    /* int16 keys and values, else int8 with a scale per head */
    uint32_t context; /* positions of the key/value caches if fewer than the model's; 0: the model's */
    bool for_lanes; /* limit Σ |code| of int8 rows, which have a scale each, to what MOTE_LANES16 allows, by scales up
                       to twice as large, or four times in matrices pruned in 16×16 tiles */
} mote_quantize_options;

#endif
