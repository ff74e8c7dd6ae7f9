/* Float graph to packed graph: `mote quantize`. */
#ifndef MOTE_COMPILER_QUANTIZE_H
#define MOTE_COMPILER_QUANTIZE_H

#include "compiler/graph/graph.h"
#include "compiler/quantize/matrix.h"

/* What the matrices whose name matches become: fnmatch(3), against the tensor's name with or without ".weight". */
typedef struct mote_layer_choice {
    const char *pattern;
    mote_scheme scheme;
    bool has_method;
    mote_method method;
} mote_layer_choice;

typedef struct mote_quantize_options {
    bool as_trained;     /* each matrix by the quantiser it was trained with; the fields below for the rest */
    mote_scheme weights; /* matrices of linear and gru operators, the head excepted */
    mote_scheme head;    /* the linear operator that makes the logits, and a tied embedding */
    mote_scheme embedding;
    mote_granularity granularity;
    uint32_t group; /* columns that share an integer factor of the scale, a multiple of 16; 0: none. Not of tables */
    mote_method method;
    bool five_trits;                 /* ternary as 5 trits a byte, else 2-bit codes */
    const mote_layer_choice *layers; /* the last that matches a matrix decides, before all of the above */
    int layer_count;
    const mote_matrix
        *matrices; /* per tensor of the graph, made by mote_matrices_init; NULL: made here, by RTN or MSE */
} mote_quantize_options;

/* Lowers every operator to its integer form, plans arena and state, makes the golden section. */
bool mote_graph_quantise(const mote_graph *from, const mote_quantize_options *options, mote_graph *to,
                         mote_error *error);

#endif
