/* The operator table: what the compiler knows about each operator, one file per operator. */
#ifndef MOTE_COMPILER_OPERATOR_H
#define MOTE_COMPILER_OPERATOR_H

#include "compiler/graph/graph.h"

enum { MOTE_MOST_OUTPUTS = 4 }; /* of an operator */

/* One operator at work on a batch: row t·streams + s is time step t of the independent sequence s; without states and
 * tokens, rows are simply samples. A constant used as a batch (a table) has rows of its own count. Pointers of absent
 * operands, and of gradients nobody needs, are NULL. Gradients are added to, but for fresh ones. */
typedef struct mote_pass {
    const mote_graph *graph;
    const mote_op *op;
    uint32_t rows, steps, streams; /* rows = steps·streams, or the rows of a table */
    uint32_t position;             /* of step 0: how many tokens of these sequences came before */
    /* As many as the operator has inputs and outputs. Activations are [rows, their shape], constants have their own
     * shape. Those of another type than F32 lie there all the same: see mote_pass_ids. */
    float **in, **in_grad;
    float **out, **out_grad;
    float **state;         /* of the states among the inputs in their order, each [streams] times its own shape: forward
                              replaces them. NULL where no call follows on another */
    bool *fresh;           /* per input: in_grad holds nothing yet, write it; for operators that say `writes` */
    float *scratch;        /* `scratch` floats, kept from forward to backward */
    const float *prepared; /* `prepared` floats, made from the constants by `prepare`; 64-byte aligned */
    bool trains;           /* backward will be called too */
} mote_pass;

/* An input of type U16. */
static inline const uint16_t *mote_pass_ids(const mote_pass *pass, int input)
{
    return (const uint16_t *)(const void *)pass->in[input];
}

/* How an elementwise operator with two inputs walks through a batch: element i reads element i % period of an input. */
typedef struct mote_repeats {
    size_t elements;  /* of the output, all rows */
    size_t period[2]; /* those of a constant, else all */
    size_t stretch;   /* the smaller period: so many elements lie one after another in both inputs */
} mote_repeats;

mote_repeats mote_pass_repeats(const mote_pass *pass);

/* The shape of an output, and the types the operator allows for it. */
typedef struct mote_shape {
    int rank;
    uint32_t dims[MOTE_RANK]; /* 1 past the rank */
    unsigned dtypes;          /* MOTE_BIT of each; of a float graph one */
} mote_shape;

typedef struct mote_operator {
    bool writes; /* backward heeds `fresh`, in the order of the inputs, and NULL for gradients that nobody needs; else
                    fresh gradients are zeroed and those of activations are never NULL */
    /* The shapes of all outputs, absent ones included, from inputs and parameters alone, given that no required input
     * is absent. Fails where those do not fit one another. */
    bool (*infer)(const mote_graph *g, const mote_op *op, mote_shape *outputs, mote_error *error);
    size_t (*scratch)(const mote_graph *g, const mote_op *op, uint32_t steps, uint32_t streams); /* may be NULL */
    size_t (*prepared)(const mote_graph *g, const mote_op *op, bool backward);                   /* may be NULL */
    void (*prepare)(const mote_pass *pass, float *prepared);
    void (*forward)(const mote_pass *pass);
    void (*backward)(const mote_pass *pass);
} mote_operator;

extern const mote_operator *const mote_operators[MOTE_OPCODE_COUNT];

/* The shapes of an operator's outputs, shapes[MOTE_MOST_OUTPUTS]: what importers give the tensors that they make, and
 * what those of a graph must have. Fails with a message when inputs or parameters do not fit. */
bool mote_op_infer(const mote_graph *g, const mote_op *op, mote_shape *shapes, mote_error *error);

/* For the `infer` functions. */
mote_shape mote_vector_of(uint32_t length, unsigned dtypes);
/* Fails unless input `index` has these dims (rank 1 when columns is 0) and a dtype whose bit is in `dtypes`; an absent
 * one fits. */
bool mote_expect(const mote_graph *g, const mote_op *op, int index, uint32_t rows, uint32_t columns, unsigned dtypes,
                 mote_error *error);
/* Checks that the weights of a product are a matrix, and that bias, multiplier and groups, if present, have sizes that
 * match it. */
bool mote_expect_product(const mote_graph *g, const mote_op *op, mote_error *error);
/* Infers the output of an elementwise operator: it has the shape of the first of inputs 0..count−1 that is not a
 * constant. The other inputs must have the same shape. A constant may have only the last dimensions of that shape, or
 * one element; it is then repeated. */
bool mote_infer_elementwise(const mote_graph *g, const mote_op *op, int count, unsigned dtypes, mote_shape *y,
                            mote_error *error);

#define MOTE_BIT(dtype) (1u << (dtype))
/* The dtypes a float or a packed graph may use for each kind of operand. */
#define MOTE_WEIGHTS_OF(g)                                                                                             \
    ((g)->packed                                                                                                       \
         ? MOTE_BIT(MOTE_I16) | MOTE_BIT(MOTE_I8) | MOTE_BIT(MOTE_TERNARY2) | MOTE_BIT(MOTE_TERNARY5) |                \
               MOTE_BIT(MOTE_I4) | MOTE_BIT(MOTE_BINARY) | MOTE_BIT(MOTE_I5) | MOTE_BIT(MOTE_I6) | MOTE_BIT(MOTE_F16)  \
         : MOTE_BIT(MOTE_F32))
#define MOTE_ACTIVATIONS_OF(g) ((g)->packed ? MOTE_BIT(MOTE_I8) | MOTE_BIT(MOTE_I16) : MOTE_BIT(MOTE_F32))
#define MOTE_WIDE_OF(g)        ((g)->packed ? MOTE_BIT(MOTE_I16) : MOTE_BIT(MOTE_F32)) /* activations never of 8 bits */
#define MOTE_BIASES_OF(g)      ((g)->packed ? MOTE_BIT(MOTE_I32) : MOTE_BIT(MOTE_F32))

#endif
