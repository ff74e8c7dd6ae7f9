/* Lowers the operators of a float graph to their integer forms. */
#ifndef MOTE_COMPILER_LOWER_H
#define MOTE_COMPILER_LOWER_H

#include "compiler/quantize/matrix.h"
#include "compiler/quantize/options.h"
#include "compiler/quantize/rescaling.h"

/* The form that a tensor of the float graph has in the packed graph. */
typedef struct mote_lowered {
    int tensor;       /* index in the packed graph, -1 until made */
    mote_dtype dtype; /* MOTE_F32 until it is known */
    float scale;      /* real = scale · (stored − zero) */
    int32_t zero;     /* only in a graph of operators with zero points */
    int narrow;       /* int8 copy of an int16 vector, which products read; -1 until made */
    float narrow_scale;
} mote_lowered;

typedef struct mote_lowering {
    const mote_graph *from;
    const mote_quantize_options *options;
    mote_graph *to;
    mote_lowered *lowered; /* per tensor of `from` */
    const float *range; /* per tensor of `from`: the largest magnitude that its scale must represent; NULL in a graph of
                           fixed scales */
    const mote_calibration *calibration; /* NULL in a graph of fixed scales */
    const int *reader; /* per tensor of `from`: the operator that alone reads it, -1 if there is none; NULL unless the
                          operators get zero points */
    mote_error *error;
} mote_lowering;

/* Asks for the forms that an operator's inputs must have, given the forms asked of its outputs. Runs from the last
 * operator to the first. NULL if the operator takes any form. */
typedef void (*mote_demand)(mote_lowering *l, const mote_op *op);
/* Adds the integer form to l->to. Runs from the first operator to the last. */
typedef bool (*mote_lower)(mote_lowering *l, const mote_op *op);

/* Range that the form with zero points of a result represents. */
typedef enum mote_range_kind {
    MOTE_RANGE_SEEN,    /* the observed one */
    MOTE_RANGE_SHARED,  /* one for the values that are read and the result, which have the same form */
    MOTE_RANGE_UNIT,    /* 0..1 */
    MOTE_RANGE_SIGNED,  /* -1..1 */
    MOTE_RANGE_SOFTMAX, /* 0..1, 0 as the least value of the type */
} mote_range_kind;

/* A network is lowered to Mote's arithmetic, by `demand` and `lower`, if all its operators have `lower`; otherwise to
 * operators with zero points, by `affine`. NULL: the operator has no such form. */
typedef struct mote_lowering_rule {
    mote_demand demand;
    mote_lower lower;
    mote_lower affine;
    mote_range_kind (*range)(const mote_op *op); /* NULL: MOTE_RANGE_SEEN */
} mote_lowering_rule;

extern const mote_lowering_rule *const mote_lowering_rules[MOTE_OPCODE_COUNT];

/* True if the network has an operator that exists in integers only with zero points, as those of images do. Then all
 * get that form. */
bool mote_graph_is_affine(const mote_graph *g);

/* Building blocks of the rules. Functions that return a tensor of the packed graph report an error and return -1 on
 * failure. */

const mote_tensor *mote_lowering_tensor(const mote_lowering *l, int index); /* tensor of `from`; NULL for -1 */
bool mote_lowering_refuse(mote_lowering *l, const mote_op *op, const char *what);

/* Adds a tensor named `base` with `suffix`: a vector, or a matrix if `columns` is not 0. */
int mote_lowering_add(mote_lowering *l, const char *base, const char *suffix, mote_dtype dtype, mote_role role,
                      uint32_t rows, uint32_t columns);
int mote_lowering_constant(mote_lowering *l, const char *base, const char *suffix, mote_dtype dtype, uint32_t rows,
                           const void *data);
/* Adds the vector that takes the place of `from`, with the given type and scale. */
int mote_lowering_value(mote_lowering *l, int from, mote_dtype dtype, float scale);

/* mote_lowering_ask asks for the tensor as int16 at this scale. mote_lowering_ask_range asks for a scale with `wider`
 * times the observed range, unless another has been asked for. */
void mote_lowering_ask(mote_lowering *l, int tensor, float scale);
void mote_lowering_ask_range(mote_lowering *l, int tensor, float wider);
/* Like mote_lowering_ask_range, for a range that is known without calibration. Neither has an effect in a graph of
 * fixed scales. */
void mote_lowering_ask_for(mote_lowering *l, int tensor, float range);

/* Returns the scale of an int16 tensor: the one asked for, or a power of two that its range gives. */
float mote_lowering_unit(const mote_lowering *l, int tensor);

/* Returns k of a scale 2^-k. */
int mote_unit_exponent(float unit);

/* Returns the largest shift up to 30 with which `factor`·2^shift, rounded, is at most 32767; -1 if there is none. */
int mote_fixed_shift(double factor);

/* Makes the integer form of a matrix. Weights become codes only here. */
bool mote_lowering_matrix(mote_lowering *l, int tensor, mote_matrix *m);

/* Stores the matrix as a constant of the packed graph. A tied embedding asks twice and gets the same constant. */
int mote_lowering_store(mote_lowering *l, int from, const mote_matrix *m);

#endif
