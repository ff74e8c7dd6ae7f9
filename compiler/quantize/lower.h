/* How each operator becomes its integer form. */
#ifndef MOTE_COMPILER_LOWER_H
#define MOTE_COMPILER_LOWER_H

#include "compiler/quantize/matrix.h"
#include "compiler/quantize/options.h"
#include "compiler/quantize/rescaling.h"

/* What a tensor of the float graph is in the packed one. */
typedef struct mote_lowered {
    int tensor;       /* in the packed graph, -1 until made */
    mote_dtype dtype; /* MOTE_F32 while nothing is known */
    float scale;      /* real = scale · stored */
    int narrow;       /* an int16 vector's int8 form, which products read; -1 until made */
    float narrow_scale;
} mote_lowered;

typedef struct mote_lowering {
    const mote_graph *from;
    const mote_quantize_options *options;
    mote_graph *to;
    mote_lowered *lowered; /* per tensor of `from` */
    const float *range;    /* per tensor of `from`: the largest size of what is computed in its unit; NULL in a graph of
                              fixed scales */
    const mote_calibration *calibration; /* NULL likewise */
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

extern const mote_lowering_rule *const mote_lowering_rules[MOTE_OPCODE_COUNT];

/* What rules are made of. Functions that return a tensor of the packed graph return -1 on failure, having reported it.
 */

const mote_tensor *mote_lowering_tensor(const mote_lowering *l, int index); /* of `from`; NULL for -1 */
bool mote_lowering_refuse(mote_lowering *l, const mote_op *op, const char *what);

/* A vector, or a matrix where `columns` is not 0, named `base` with `suffix`. */
int mote_lowering_add(mote_lowering *l, const char *base, const char *suffix, mote_dtype dtype, mote_role role,
                      uint32_t rows, uint32_t columns);
int mote_lowering_constant(mote_lowering *l, const char *base, const char *suffix, mote_dtype dtype, uint32_t rows,
                           const void *data);
/* A vector that takes the place of `from`, in the form given. */
int mote_lowering_value(mote_lowering *l, int from, mote_dtype dtype, float scale);

/* The tensor is to be int16 in this unit; the other asks for a unit by the range, `wider` times what was seen, where
 * nothing has asked before. */
void mote_lowering_ask(mote_lowering *l, int tensor, float scale);
void mote_lowering_ask_range(mote_lowering *l, int tensor, float wider);
/* The same for a range that is known without calibration; nothing in a graph of fixed scales. */
void mote_lowering_ask_for(mote_lowering *l, int tensor, float range);

/* The unit of an int16 tensor: as asked, or by its range. A power of two where the range decides. */
float mote_lowering_unit(const mote_lowering *l, int tensor);

/* k of a unit 2^-k. */
int mote_unit_exponent(float unit);

/* The largest shift up to 30 with which `factor`·2^shift, rounded, is at most 32767; -1 when there is none. */
int mote_fixed_shift(double factor);

/* The integer form of a matrix: the one place where weights become codes. */
bool mote_lowering_matrix(mote_lowering *l, int tensor, mote_matrix *m);

/* The matrix as a constant of the packed graph: made once, though a tied embedding asks twice. */
int mote_lowering_store(mote_lowering *l, int from, const mote_matrix *m);

#endif
