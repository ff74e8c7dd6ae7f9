/* Float graph to packed graph: `mote quantize`. */
#ifndef MOTE_COMPILER_QUANTIZE_H
#define MOTE_COMPILER_QUANTIZE_H

#include "compiler/graph/graph.h"
#include "compiler/quantize/scheme.h"

typedef struct mote_quantize_options {
    bool as_trained;     /* each matrix by the quantiser it was trained with; the fields below for the rest */
    mote_scheme weights; /* matrices of linear and gru operators, the head excepted */
    mote_scheme head;    /* the linear operator that makes the logits, and a tied embedding */
    mote_scheme
        embedding; /* a table, tied or not, is int8 where int16 or int4 is asked for: its rows are int8 inputs */
    mote_granularity granularity;
    bool five_trits; /* ternary as 5 trits a byte, else 2-bit codes */
} mote_quantize_options;

/* Lowers every operator to its integer form, plans arena and state, makes the golden section. */
bool mote_graph_quantise(const mote_graph *from, const mote_quantize_options *options, mote_graph *to,
                         mote_error *error);

#endif
