/* The operators: what each demands of its operands (checked once, at open) and what it computes. */
#ifndef MOTE_RUNTIME_OPS_H
#define MOTE_RUNTIME_OPS_H

#include "../kernels.h"
#include "../model.h"

typedef struct mote_op_kind {
    uint8_t required, optional; /* bit i: input i must, may be present; no others */
    uint8_t outputs;            /* how many; all present */
    /* 1 when shapes, types and roles fit together, given that the above holds. */
    int (*fits)(const mote_model *m, const mote_op_record *op);
    void (*run)(const mote_session *s, const mote_op_record *op);
} mote_op_kind;

/* 1 when every operator's operands are present, apart from its outputs and fit it, in time proportional to the file. */
int mote_operators_fit(const mote_model *m);
void mote_operator_run(const mote_session *s, const mote_op_record *op);
void mote_operators_run(const mote_session *s); /* all of them, in order */

extern const mote_op_kind mote_op_embedding, mote_op_linear, mote_op_gru, mote_op_add;

/* 1 when the tensor has this type and exactly these sizes (columns 0: a vector of `rows`). */
int mote_is(const mote_model *m, uint32_t tensor, mote_dtype dtype, uint32_t rows, uint32_t columns);
int mote_is_constant(const mote_model *m, uint32_t tensor);
int mote_is_scratch(const mote_model *m, uint32_t tensor); /* in the arena and an operator may write it */

/* The operands of a matrix-vector product; LINEAR has one and GRU has one inside. */
typedef struct mote_product {
    uint32_t x, weights, bias, multiplier, y; /* tensors; bias and multiplier may be MOTE_NO_INDEX */
} mote_product;

/* 1 when the product is sound: operands fit, shifts in range, and |accumulator| is proved below 2^31. */
int mote_product_fits(const mote_model *m, const mote_product *p, const int32_t *params);
void mote_product_run(const mote_session *s, const mote_product *p, const int32_t *params);

#endif
