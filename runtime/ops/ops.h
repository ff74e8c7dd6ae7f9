/* The operators in integers: the checks of their operands, which mote_open makes once, and their computation. */
#ifndef MOTE_RUNTIME_OPS_H
#define MOTE_RUNTIME_OPS_H

#include "../kernels.h"
#include "../model.h"

/* A matrix-vector product with its requantization. LINEAR consists of one, GRU contains one. */
typedef struct mote_product {
    uint32_t x, weights, bias, multiplier, groups, y; /* tensors; bias, multiplier and groups may be MOTE_NO_INDEX */
    const int32_t *params;                            /* indexed by MOTE_PRODUCT_* */
} mote_product;

/* Index of an output among the operands of an operator: MOTE_OUT(LINEAR, Y). */
#define MOTE_OUT(ID, name) ((int)MOTE_##ID##_INPUTS + (int)MOTE_##ID##_##name)

/* The functions of an operator. Before they are called, the requirements of operators.def are verified: operands are
 * present, constants and states have their roles, and results are in the arena and overlap no other operand. */
typedef struct mote_op_kind {
    /* Returns 1 if this build leaves out a part that the operator needs. NULL: never. */
    int (*left_out)(const mote_model *m, const mote_op_view *op);
    /* Returns the number of multiplications besides those with constants, which the size of the file limits. Called
     * after `fits`. NULL: none. */
    uint64_t (*work)(const mote_model *m, const mote_op_view *op);
    /* Returns 1 if shapes, types and parameters fit together. */
    int (*fits)(const mote_model *m, const mote_op_view *op);
    /* Computes the outputs. operands: the inputs, then the outputs at MOTE_OUT. */
    void (*run)(const mote_session *s, const uint16_t *operands, const int32_t *params);
} mote_op_kind;

/* An entry of operators.def. */
typedef struct mote_op_entry {
    const mote_op_kind *kind;
    uint8_t inputs, outputs, params; /* their numbers */
    uint8_t in_place;                /* TRAIT(IN_PLACE) */
    uint8_t operands[13];            /* [inputs + outputs]: mote_operand_role | mote_presence << 4 */
} mote_op_entry;

const mote_op_entry *mote_op_entry_of(uint32_t opcode); /* NULL if this build leaves the operator out */

static inline mote_operand_role mote_operand_role_of(uint8_t operand)
{
    return (mote_operand_role)(operand & 15);
}

static inline mote_presence mote_presence_of(uint8_t operand)
{
    return (mote_presence)(operand >> 4);
}

/* Verifies all operators: their operands are present, fit and do not overlap the outputs, the work of a run is limited,
 * and this build contains the kernels. Returns MOTE_SUCCESS, MOTE_BAD_OPERATOR or MOTE_NO_KERNEL, in time proportional
 * to the size of the file. */
mote_status mote_operators_fit(const mote_model *m);
void mote_operator_run(const mote_session *s, uint32_t index); /* runs the index-th operator of the model */
void mote_operators_run(const mote_session *s);                /* runs all operators in order */

#define OPERATOR(ID, id, ...) extern const mote_op_kind mote_op_##id;
#include "../operators.def"
#undef OPERATOR

/* Returns 1 if the tensor has this type, exactly these dims (columns 0: a vector of `rows`) and the layout MOTE_ROWS.
 */
int mote_is(const mote_model *m, uint32_t tensor, mote_dtype dtype, uint32_t rows, uint32_t columns);

/* Returns 1 if none of the `count` multipliers is negative. MOTE_NO_INDEX has none. */
int mote_multipliers_fit(const mote_model *m, uint32_t multiplier, uint32_t count);

static inline int mote_in_range(int32_t v, int32_t low, int32_t high)
{
    return v >= low && v <= high;
}

/* Returns 1 if the operands fit, the parameters are in range, and |accumulator| is provably below 2^31. */
int mote_product_fits(const mote_model *m, const mote_product *p);
/* 1 if the file's bound is at least limit·Σ factor·|w| + |bias|, which limits |accumulator| if |x| <= limit, in every
 * row. */
int mote_product_bounded(const mote_model *m, const mote_product *p, uint32_t limit);
/* Returns 1 if the product needs a kernel that this build leaves out. The required operands must be present. */
int mote_product_is_left_out(const mote_model *m, const mote_product *p);
void mote_product_run(const mote_session *s, const mote_product *p);

#endif
