/* The operator table of the compiler: shapes, float forward and backward of each operator. Each operator has a file. */
#ifndef MOTE_COMPILER_OPERATOR_H
#define MOTE_COMPILER_OPERATOR_H

#include <string.h>

#include "compiler/graph/graph.h"

enum { MOTE_MOST_OUTPUTS = 4 }; /* most outputs of an operator */

/* One call of an operator on a batch. Row t·streams + s is time step t of the independent sequence s; without states
 * and tokens, rows are samples. A constant used as a batch (a table) has its own number of rows. Pointers of absent
 * operands, and of gradients that are not needed, are NULL. Backward adds to gradients unless they are fresh. */
typedef struct mote_pass {
    const mote_graph *graph;
    const mote_op *op;
    uint32_t rows, steps, streams; /* rows = steps·streams, or the rows of a table */
    uint32_t position;             /* position of step 0: the number of earlier tokens of these sequences */
    /* One pointer per input and per output of the operator. Activations are [rows, their shape]; constants have their
     * own shape. Data of other types than F32 has the same pointers: see mote_pass_ids. */
    float **in, **in_grad;
    float **out, **out_grad;
    float **state;         /* one pointer per state among the inputs, in their order, each [streams, its shape]; forward
                              updates them. An entry is NULL for a cache that is not kept from call to call */
    bool *fresh;           /* per input: in_grad holds nothing yet, overwrite it; for operators with `writes` */
    float *scratch;        /* `scratch` floats, kept from forward to backward */
    const float *prepared; /* `prepared` floats that `prepare` made from the constants; 64-byte aligned */
    bool trains;           /* backward will be called too */
} mote_pass;

/* Returns an input of type U16. */
static inline const uint16_t *mote_pass_ids(const mote_pass *pass, int input)
{
    return (const uint16_t *)(const void *)pass->in[input];
}

/* The shape of an output and the types that the operator allows for it. */
typedef struct mote_shape {
    int rank;
    uint32_t dims[MOTE_RANK]; /* 1 past the rank */
    unsigned dtypes;          /* MOTE_BIT of each; exactly one in a float graph */
} mote_shape;

typedef struct mote_operator {
    bool writes; /* backward handles `fresh`, in the order of the inputs, and accepts NULL for gradients that are not
                    needed; otherwise the caller zeroes fresh gradients and passes room for those of all activations */
    /* Writes the shapes of all outputs, absent ones included, from inputs and parameters alone. Requires that no
     * required input is absent. Fails if inputs and parameters do not match. */
    bool (*infer)(const mote_graph *g, const mote_op *op, mote_shape *outputs, mote_error *error);
    size_t (*scratch)(const mote_graph *g, const mote_op *op, uint32_t steps, uint32_t streams); /* may be NULL */
    size_t (*prepared)(const mote_graph *g, const mote_op *op, bool backward);                   /* may be NULL */
    void (*prepare)(const mote_pass *pass, float *prepared);
    void (*forward)(const mote_pass *pass);
    void (*backward)(const mote_pass *pass);
} mote_operator;

extern const mote_operator *const mote_operators[MOTE_OPCODE_COUNT];

/* Writes the shapes of an operator's outputs to shapes[MOTE_MOST_OUTPUTS]. Importers create tensors with these shapes;
 * the tensors of a graph must have them. Fails with a message when inputs or parameters do not match. */
bool mote_op_infer(const mote_graph *g, const mote_op *op, mote_shape *shapes, mote_error *error);

/* Helpers for the `infer` functions. */
mote_shape mote_vector_of(uint32_t length, unsigned dtypes);
/* Fails unless input `index` has these dims (rank 1 when columns is 0) and a dtype whose bit is in `dtypes`. Succeeds
 * for an absent input. */
bool mote_expect(const mote_graph *g, const mote_op *op, int index, uint32_t rows, uint32_t columns, unsigned dtypes,
                 mote_error *error);
/* Checks that the weights of a product are a matrix and that the sizes of bias, multiplier and groups, if present,
 * match it. `multipliers` are the types that the multiplier may have. */
bool mote_expect_product(const mote_graph *g, const mote_op *op, unsigned multipliers, mote_error *error);
/* Makes a shape of dimensions that were computed in 64 bits. Fails unless each is at least 1 and the product is at most
 * MOTE_MOST_ELEMENTS. */
bool mote_shape_of(const mote_op *op, int rank, const int64_t *dims, unsigned dtypes, mote_shape *y, mote_error *error);
/* Infers an output with the shape and the type of input `index`. Fails unless the type is in `dtypes`. */
bool mote_infer_same(const mote_graph *g, const mote_op *op, int index, unsigned dtypes, mote_shape *y,
                     mote_error *error);
/* Fails with the message that a parameter is not in least..most. */
bool mote_param_within(const mote_op *op, int param, int32_t least, int32_t most, mote_error *error);

/* Returns a parameter of kind REAL in a float graph. */
static inline float mote_op_real(const mote_op *op, int param)
{
    float value;
    memcpy(&value, &op->params[param], sizeof value);
    return value;
}

/* Returns the number of elements of the first output over all rows. */
static inline size_t mote_pass_elements(const mote_pass *pass)
{
    return pass->rows * mote_tensor_elements(&pass->graph->tensors[mote_op_result(pass->op)]);
}

#define MOTE_BIT(dtype) (1u << (dtype))
/* Dtypes that a float or a packed graph may use for each kind of operand. */
#define MOTE_WEIGHTS_OF(g)                                                                                             \
    ((g)->packed                                                                                                       \
         ? MOTE_BIT(MOTE_I16) | MOTE_BIT(MOTE_I8) | MOTE_BIT(MOTE_TERNARY2) | MOTE_BIT(MOTE_TERNARY5) |                \
               MOTE_BIT(MOTE_I4) | MOTE_BIT(MOTE_BINARY) | MOTE_BIT(MOTE_I5) | MOTE_BIT(MOTE_I6) | MOTE_BIT(MOTE_F16)  \
         : MOTE_BIT(MOTE_F32))
#define MOTE_ACTIVATIONS_OF(g) ((g)->packed ? MOTE_BIT(MOTE_I8) | MOTE_BIT(MOTE_I16) : MOTE_BIT(MOTE_F32))
#define MOTE_WIDE_OF(g)                                                                                                \
    ((g)->packed ? MOTE_BIT(MOTE_I16) : MOTE_BIT(MOTE_F32)) /* activations that are int16 in a packed graph */
/* The types of operators with zero points; those of their matrix products. */
#define MOTE_AFFINE_OF(g)                                                                                              \
    ((g)->packed ? MOTE_BIT(MOTE_I8) | MOTE_BIT(MOTE_U8) | MOTE_BIT(MOTE_I16) | MOTE_BIT(MOTE_I32) : MOTE_BIT(MOTE_F32))
#define MOTE_BIASES_OF(g) ((g)->packed ? MOTE_BIT(MOTE_I32) : MOTE_BIT(MOTE_F32))

#endif
