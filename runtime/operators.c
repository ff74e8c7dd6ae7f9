#include "ops/ops.h"

/* How often, in bytes for each byte of the file, operators may read constants: keeps the work below linear however
 * many operators a hostile file lets share one matrix. */
#define MAX_SHARING 16u

static const mote_op_kind *const operators[MOTE_OPCODE_COUNT] = {
    [MOTE_OP_EMBEDDING] = &mote_op_embedding,
    [MOTE_OP_LINEAR] = &mote_op_linear,
    [MOTE_OP_GRU] = &mote_op_gru,
    [MOTE_OP_ADD] = &mote_op_add,
};

int mote_is(const mote_model *m, uint32_t tensor, mote_dtype dtype, uint32_t rows, uint32_t columns)
{
    const mote_tensor_record *t = mote_record(m, tensor);
    return t->dtype == dtype && t->dims[0] == rows && (columns ? t->rank == 2 && t->dims[1] == columns : t->rank == 1);
}

int mote_is_constant(const mote_model *m, uint32_t tensor)
{
    return mote_record(m, tensor)->role == MOTE_CONSTANT;
}

int mote_is_scratch(const mote_model *m, uint32_t tensor)
{
    const uint8_t role = mote_record(m, tensor)->role;
    return role == MOTE_ACTIVATION || role == MOTE_OUTPUT;
}

static int in_arena(const mote_tensor_record *t)
{
    return t->role != MOTE_CONSTANT && t->role != MOTE_STATE;
}

static int overlap(const mote_model *m, uint32_t a, uint32_t b)
{
    if (b == MOTE_NO_INDEX)
        return 0;
    const mote_tensor_record *x = mote_record(m, a), *y = mote_record(m, b);
    return in_arena(x) && in_arena(y) && x->offset < mote_end_of(y) && y->offset < mote_end_of(x);
}

/* No output lies over another operand of its operator, nor over the token, whose range every embedding relies on. */
static int outputs_are_apart(const mote_model *m, const mote_op_record *op)
{
    for (uint32_t o = 0; o < op->output_count; o++) {
        if (overlap(m, op->outputs[o], m->token_tensor))
            return 0;
        for (uint32_t i = 0; i < op->input_count; i++)
            if (overlap(m, op->outputs[o], op->inputs[i]))
                return 0;
        for (uint32_t i = 0; i < o; i++)
            if (overlap(m, op->outputs[o], op->outputs[i]))
                return 0;
    }
    return 1;
}

static int operands_present(const mote_op_kind *kind, const mote_op_record *op)
{
    uint32_t inputs = 0;
    for (uint32_t i = 0; i < 8; i++)
        inputs |= (uint32_t)(op->inputs[i] != MOTE_NO_INDEX) << i;
    for (uint32_t i = 0; i < kind->outputs; i++)
        if (op->outputs[i] == MOTE_NO_INDEX)
            return 0;
    return op->output_count == kind->outputs && (inputs & kind->required) == kind->required &&
           (inputs & ~(uint32_t)(kind->required | kind->optional)) == 0;
}

static uint64_t constant_bytes(const mote_model *m, const mote_op_record *op)
{
    uint64_t bytes = sizeof *op;
    for (uint32_t i = 0; i < op->input_count; i++)
        if (op->inputs[i] != MOTE_NO_INDEX && mote_is_constant(m, op->inputs[i]))
            bytes += mote_record(m, op->inputs[i])->size;
    return bytes;
}

int mote_operators_fit(const mote_model *m)
{
    const mote_header *h = mote_header_of(m);
    uint64_t budget = (uint64_t)h->file_size * MAX_SHARING;
    for (uint32_t i = 0; i < h->op_count; i++) {
        const mote_op_record *op = (const mote_op_record *)m->ops + i;
        const mote_op_kind *kind = operators[op->opcode];
        const uint64_t bytes = constant_bytes(m, op);
        if (!kind || bytes > budget || !operands_present(kind, op) || !outputs_are_apart(m, op) || !kind->fits(m, op))
            return 0;
        budget -= bytes;
    }
    return 1;
}

void mote_operator_run(const mote_session *s, const mote_op_record *op)
{
    operators[op->opcode]->run(s, op);
}

void mote_operators_run(const mote_session *s)
{
    const mote_op_record *op = s->model->ops, *end = op + mote_header_of(s->model)->op_count;
    for (; op < end; op++)
        mote_operator_run(s, op);
}
