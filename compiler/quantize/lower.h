/* How each operator becomes its integer form. */
#ifndef MOTE_COMPILER_LOWER_H
#define MOTE_COMPILER_LOWER_H

#include "compiler/quantize/quantize.h"

/* What a tensor of the float graph is in the packed one. */
typedef struct mote_lowered {
    int tensor;       /* in the packed graph, -1 until made */
    mote_dtype dtype; /* MOTE_F32 while nothing is known */
    float scale;      /* real = scale · stored */
} mote_lowered;

typedef struct mote_lowering {
    const mote_graph *from;
    const mote_quantize_options *options;
    mote_graph *to;
    mote_lowered *lowered; /* per tensor of `from` */
    mote_error *error;
} mote_lowering;

/* Asks for the forms an operator's inputs must have, given what is asked of its outputs; run from the last operator to
 * the first. NULL where an operator takes what it gets. */
typedef void (*mote_demand)(mote_lowering *l, const mote_op *op);
/* Adds the integer form to l->to; run from the first operator to the last. */
typedef bool (*mote_lower)(mote_lowering *l, const mote_op *op);

typedef struct mote_lowering_rule {
    mote_demand demand;
    mote_lower lower;
} mote_lowering_rule;

extern const mote_lowering_rule mote_lowering_rules[MOTE_OPCODE_COUNT];

#endif
