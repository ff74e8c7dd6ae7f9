/* The operators: what each demands of its operands (checked once, at open) and what it computes. */
#ifndef MOTE_RUNTIME_OPS_H
#define MOTE_RUNTIME_OPS_H

#include "../kernels.h"
#include "../model.h"

/* The operands of a matrix-vector product; LINEAR has one and GRU has one inside. */
typedef struct mote_product {
    uint32_t x, weights, bias, multiplier, groups, y; /* tensors; bias, multiplier and groups may be MOTE_NO_INDEX */
} mote_product;

typedef struct mote_op_kind {
    uint8_t required, optional; /* bit i: input i must, may be present; no others */
    uint8_t outputs;            /* how many; all present */
    /* 1 when this build has not what it takes, for operands that are present; or NULL. */
    int (*left_out)(const mote_model *m, const mote_op_record *op);
    /* Multiplications beyond those with constants, which the size of the file bounds, for operands that fit; or NULL.
     */
    uint64_t (*work)(const mote_model *m, const mote_op_record *op);
    /* 1 when shapes, types and roles fit together, given that the above holds. */
    int (*fits)(const mote_model *m, const mote_op_record *op);
    void (*run)(const mote_session *s, const mote_op_record *op);
} mote_op_kind;

/* MOTE_SUCCESS when every operator's operands are present, apart from its outputs and fit it, and this build has what
 * it takes; else MOTE_BAD_OPERATOR or MOTE_NO_KERNEL. In time proportional to the file. */
mote_status mote_operators_fit(const mote_model *m);
void mote_operator_run(const mote_session *s, const mote_op_record *op);
void mote_operators_run(const mote_session *s); /* all of them, in order */

extern const mote_op_kind mote_op_embedding, mote_op_linear, mote_op_gru, mote_op_add, mote_op_mul, mote_op_quantise,
    mote_op_rmsnorm, mote_op_layernorm, mote_op_silu, mote_op_gelu, mote_op_attention;

/* 1 when the tensor has this type and exactly these sizes (columns 0: a vector of `rows`), row after row. */
int mote_is(const mote_model *m, uint32_t tensor, mote_dtype dtype, uint32_t rows, uint32_t columns);
int mote_is_constant(const mote_model *m, uint32_t tensor);
int mote_is_state(const mote_model *m, uint32_t tensor);
int mote_is_scratch(const mote_model *m, uint32_t tensor); /* in the arena and an operator may write it */

/* 1 when no value is negative: multipliers [count], which fit. */
int mote_multipliers_fit(const mote_model *m, uint32_t multiplier, uint32_t count);

static inline int mote_in_range(int32_t v, int32_t low, int32_t high)
{
    return v >= low && v <= high;
}

/* 1 when the product is sound: operands fit, shifts in range, and |accumulator| is proved below 2^31. */
int mote_product_fits(const mote_model *m, const mote_product *p, const int32_t *params);
/* 1 when it needs a kernel that this build has not. For operands that are present. */
int mote_product_is_left_out(const mote_model *m, const mote_product *p);
void mote_product_run(const mote_session *s, const mote_product *p, const int32_t *params);

#endif
