/* Lowers a float graph to operators with zero points (docs/SPEC.md): real = scale · (stored − zero). Images and the
 * convolutions that read them have this arithmetic, which is that of TensorFlow Lite. */
#ifndef MOTE_COMPILER_AFFINE_H
#define MOTE_COMPILER_AFFINE_H

#include "compiler/graph/factor.h"
#include "compiler/quantize/lower.h"

/* Chooses type, scale and zero point of every value from its observed range, and adds the inputs of the network. */
bool mote_affine_begin(mote_lowering *l);

/* Type, scale and zero point that a tensor of the float graph has, or is to have, in the packed graph. */
typedef struct mote_affine_form {
    mote_dtype dtype;
    float scale;
    int32_t zero;
} mote_affine_form;

mote_affine_form mote_affine_form_of(const mote_lowering *l, int tensor);
/* The form that represents least..most and 0 with the smallest scale. With `pow2` the scale is a power of two and the
 * zero point 0. */
mote_affine_form mote_affine_form_for(mote_dtype dtype, float least, float most, bool pow2);
mote_affine_form mote_affine_form_of_values(const mote_lowering *l, int constant); /* that of its range */
int32_t mote_affine_low(mote_dtype dtype);
int32_t mote_affine_high(mote_dtype dtype);
int32_t mote_affine_stored(const mote_affine_form *f, double real); /* to nearest, limited to the type */

/* Returns the tensor of the packed graph for an operand of the float graph. A constant is stored anew for each use,
 * with `form`, or if that is NULL with the form of its own range, which *form_out then gets. */
int mote_affine_operand(mote_lowering *l, int from, const mote_affine_form *form, mote_affine_form *form_out);

/* The same for an operand whose shape is aligned with that of the result at the last dimension: a constant loses
 * leading dimensions of 1 that the result does not have. */
int mote_affine_aligned(mote_lowering *l, const mote_op *op, int input, const mote_affine_form *form,
                        mote_affine_form *form_out);

/* Returns the tensor of the float graph that the operator's ending makes: its result, or that of the function after it
 * which only limits the values and which the ending therefore computes. Writes low and high. */
int mote_affine_end(mote_lowering *l, const mote_op *op, int32_t *low_high);
void mote_affine_no_end(const mote_lowering *l, const mote_op *op, int32_t *low_high); /* the range of the type */

/* Adds a tensor of the packed graph for `from`, with its form. */
int mote_affine_result(mote_lowering *l, int from);
/* Adds a tensor that is named after the result with `suffix`, of the given form. */
int mote_affine_scratch(mote_lowering *l, const mote_op *op, const char *suffix, const mote_affine_form *form,
                        mote_role role, int rank, const uint32_t *dims);
/* Adds an operator, whose parameters are `params`, or those of the float one if NULL. */
bool mote_affine_op(mote_lowering *l, const mote_op *op, mote_opcode opcode, int input_count, const int *inputs, int y,
                    const int32_t *params);
/* Adds a reshape of x into y. */
bool mote_affine_view(mote_lowering *l, const mote_op *op, int x, int y);

/* Adds a constant that is named after the result with `suffix`. */
int mote_affine_constant(mote_lowering *l, const mote_op *op, const char *suffix, mote_dtype dtype, uint32_t count,
                         const void *data);

void mote_affine_put(int32_t *multiplier_shift, mote_factor f);

/* Lowering of operators that have another form too. */
bool mote_affine_linear(mote_lowering *l, const mote_op *op);
bool mote_affine_add(mote_lowering *l, const mote_op *op);
bool mote_affine_mul(mote_lowering *l, const mote_op *op);
bool mote_affine_tanh(mote_lowering *l, const mote_op *op);
bool mote_affine_silu(mote_lowering *l, const mote_op *op);
bool mote_affine_gelu(mote_lowering *l, const mote_op *op);
mote_range_kind mote_affine_signed(const mote_op *op); /* MOTE_RANGE_SIGNED */
mote_range_kind mote_affine_shared(const mote_op *op); /* MOTE_RANGE_SHARED */

#endif
