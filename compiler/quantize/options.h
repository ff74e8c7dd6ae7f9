/* Options of quantization and packing. */
#ifndef MOTE_COMPILER_QUANTIZE_OPTIONS_H
#define MOTE_COMPILER_QUANTIZE_OPTIONS_H

#include "compiler/graph/graph.h"
#include "compiler/quantize/calibrate.h"
#include "compiler/quantize/matrix.h"

/* What a product of a graph with ranges reads; the products of a gru graph read int8 of fixed scales. */
typedef enum mote_activations {
    MOTE_ACTIVATIONS_INT8,        /* int8, every vector with a scale of its own, found at run time */
    MOTE_ACTIVATIONS_INT8_STATIC, /* int8 with scales from calibration */
    MOTE_ACTIVATIONS_INT16,
} mote_activations;

/* What the matrices whose name matches become: fnmatch(3), against the tensor's name with or without ".weight". */
typedef struct mote_layer_choice {
    const char *pattern;
    mote_scheme scheme;
    bool has_method;
    mote_method method;
} mote_layer_choice;

typedef struct mote_quantize_options {
    bool as_trained;     /* each matrix by the quantizer it was trained with; the fields below for the rest */
    mote_scheme weights; /* matrices of linear and gru operators, the head excepted */
    mote_scheme head;    /* the linear operator that makes the logits, and a tied embedding */
    mote_scheme embedding;
    mote_granularity granularity;
    uint32_t group; /* columns that share an integer factor of the scale, a multiple of 16; 0: none. Not of tables */
    mote_method method;
    bool five_trits;                 /* ternary as 5 trits a byte, else 2-bit codes */
    const mote_layer_choice *layers; /* the last that matches a matrix decides, before all of the above */
    int layer_count;
    const mote_matrix *matrices; /* per tensor of this graph, by mote_matrices_init; NULL: made without statistics */
    mote_activations activations;
    mote_observer_kind observer;         /* of int8 activations with static scales */
    const mote_calibration *calibration; /* of this graph; NULL: where ranges are needed, the model calibrates itself */
    bool int16_cache;                    /* keys and values, else int8 with a scale a head */
    uint32_t context; /* positions of the key/value caches, where shorter than the model's; 0: as is */
    bool for_lanes; /* int8 rows with a scale each are brought within the lanes that MOTE_LANES16 needs, with scales up
                       to twice as large where they must, four times where tiles of 16×16 are pruned */
} mote_quantize_options;

#endif
