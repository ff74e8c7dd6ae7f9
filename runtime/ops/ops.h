/* The operators: what each demands of its operands (checked once, at open) and what it computes. */
#ifndef MOTE_RUNTIME_OPS_H
#define MOTE_RUNTIME_OPS_H

#include "../kernels.h"
#include "../model.h"

/* A matrix-vector product with its requantization, which LINEAR is and GRU has inside. */
typedef struct mote_product {
    uint32_t x, weights, bias, multiplier, groups, y; /* tensors; bias, multiplier and groups may be MOTE_NO_INDEX */
    const int32_t *params;                            /* by MOTE_PRODUCT_* */
} mote_product;

/* Where an output is among the operands of an operator: MOTE_OUT(LINEAR, Y). */
#define MOTE_OUT(ID, name) ((int)MOTE_##ID##_INPUTS + (int)MOTE_##ID##_##name)

/* The functions of an operator. What operators.def says of its operands holds when they are called: presence, constants
 * and states where they belong, results in the arena and apart from everything else. */
typedef struct mote_op_kind {
    /* 1 when this build has not what it takes; or NULL. */
    int (*left_out)(const mote_model *m, const mote_op_view *op);
    /* Multiplications beyond those with constants, which the size of the file bounds, for operands that fit; or NULL.
     */
    uint64_t (*work)(const mote_model *m, const mote_op_view *op);
    /* 1 when shapes and types fit together. */
    int (*fits)(const mote_model *m, const mote_op_view *op);
    /* operands: the inputs, then the outputs from MOTE_OUT on. */
    void (*run)(const mote_session *s, const uint16_t *operands, const int32_t *params);
} mote_op_kind;

/* A line of operators.def as far as this build has it. */
typedef struct mote_op_entry {
    const mote_op_kind *kind;
    uint8_t inputs, outputs, params; /* how many */
    uint8_t operands[13];            /* [inputs + outputs]: mote_operand_role | mote_presence << 4 */
} mote_op_entry;

const mote_op_entry *mote_op_entry_of(uint32_t opcode); /* NULL when the build leaves it out */

static inline mote_operand_role mote_operand_role_of(uint8_t operand)
{
    return (mote_operand_role)(operand & 15);
}

static inline mote_presence mote_presence_of(uint8_t operand)
{
    return (mote_presence)(operand >> 4);
}

/* MOTE_SUCCESS when every operator's operands are present, apart from its outputs and fit it, and this build has what
 * it takes; else MOTE_BAD_OPERATOR or MOTE_NO_KERNEL. In time proportional to the file. */
mote_status mote_operators_fit(const mote_model *m);
void mote_operator_run(const mote_session *s, uint32_t index); /* the index-th of the model */
void mote_operators_run(const mote_session *s);                /* all of them, in order */

#define OPERATOR(ID, id, ...) extern const mote_op_kind mote_op_##id;
#include "../operators.def"
#undef OPERATOR

/* 1 when the tensor has this type and exactly these sizes (columns 0: a vector of `rows`), row after row. */
int mote_is(const mote_model *m, uint32_t tensor, mote_dtype dtype, uint32_t rows, uint32_t columns);

/* 1 when no value is negative: multipliers [count], which fit. */
int mote_multipliers_fit(const mote_model *m, uint32_t multiplier, uint32_t count);

static inline int mote_in_range(int32_t v, int32_t low, int32_t high)
{
    return v >= low && v <= high;
}

/* 1 when the product is sound: operands fit, shifts in range, and |accumulator| is proved below 2^31. */
int mote_product_fits(const mote_model *m, const mote_product *p);
/* 1 when it needs a kernel that this build has not. For operands that are present. */
int mote_product_is_left_out(const mote_model *m, const mote_product *p);
void mote_product_run(const mote_session *s, const mote_product *p);

#endif
