/* Access to the tables of an open file. */
#ifndef MOTE_RUNTIME_MODEL_H
#define MOTE_RUNTIME_MODEL_H

#include "format.h"

static inline const mote_header *mote_header_of(const mote_model *m)
{
    return m->header;
}

static inline const mote_tensor_record *mote_record(const mote_model *m, uint32_t tensor)
{
    return (const mote_tensor_record *)m->tensors + tensor;
}

/* An operator of a model: its operands as tensor indices and its parameters, indexed by the constants of operators.h.
 */
typedef struct mote_op_view {
    uint32_t opcode;
    const uint16_t *inputs, *outputs;
    const int32_t *params;
} mote_op_view;

static inline mote_op_view mote_op_at(const mote_model *m, uint32_t index)
{
    const mote_op_record *op = (const mote_op_record *)m->ops + index;
    const uint16_t *inputs = (const uint16_t *)m->operands + op->operands;
    return (mote_op_view){op->opcode, inputs, inputs + op->input_count, (const int32_t *)m->words + op->params};
}

/* Returns the index of the operator's first output tensor. */
static inline uint32_t mote_result_of(const mote_op_view *op)
{
    return op->outputs[0];
}

/* Returns the index-th tensor with this role, MOTE_NO_INDEX past the last. */
uint32_t mote_of_role(const mote_model *m, mote_role role, uint32_t index);

/* Role of a constant that mote_place copied: its offset is relative to `sram`. Does not occur in files. */
#define MOTE_PLACED MOTE_ROLE_COUNT

/* Returns the data of a constant tensor, NULL for MOTE_NO_INDEX. */
static inline const void *mote_constant(const mote_model *m, uint32_t tensor)
{
    if (tensor == MOTE_NO_INDEX)
        return NULL;
    const mote_tensor_record *t = mote_record(m, tensor);
    return (t->role == MOTE_PLACED ? m->sram : m->file) + t->offset;
}

/* Returns the address of a tensor's data: constants in the file or in SRAM, state in the state, others in the arena. */
const void *mote_data(const mote_session *s, uint32_t tensor);
void *mote_data_mutable(const mote_session *s, uint32_t tensor); /* the same for a tensor that is not a constant */

/* Returns the end of a tensor in the arena or the state, rounded up to a multiple of 16. mote_open has checked that it
 * does not overflow. */
static inline uint32_t mote_end_of(const mote_tensor_record *t)
{
    return (t->offset + t->size + MOTE_ALIGNMENT - 1) & ~(uint32_t)(MOTE_ALIGNMENT - 1);
}

/* Returns the bytes of one row of `columns` values, including the padding of the packed types. Does not overflow for
 * any uint32_t that mote_check_container accepts. */
uint64_t mote_row_size(mote_dtype dtype, uint32_t columns);

/* Verifies header, checksum, tables, tensors and sections of any .mote file, float graphs included, and fills the
 * fields of `model` that these define. mote_open calls it first. */
mote_status mote_check_container(mote_model *model, const void *file, size_t size);

#endif
