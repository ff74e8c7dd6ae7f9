#include "ops/ops.h"

/* How often, in bytes for each byte of the file, operators may read constants: keeps the work below linear however
 * many operators a hostile file lets share one matrix. */
#define MAX_SHARING 16u

/* How many multiplications of attention a step may take, for each byte of the file. */
#define MAX_WORK 1024u

#define OPERATOR(opcode, kind) [MOTE_OP_##opcode] = MOTE_IF_OPERATOR(opcode, &(kind))

static const mote_op_kind *const operators[MOTE_OPCODE_COUNT] = {
    OPERATOR(EMBEDDING, mote_op_embedding),
    OPERATOR(LINEAR, mote_op_linear),
    OPERATOR(GRU, mote_op_gru),
    OPERATOR(ADD, mote_op_add),
    OPERATOR(MUL, mote_op_mul),
    OPERATOR(QUANTISE, mote_op_quantise),
    OPERATOR(RMSNORM, mote_op_rmsnorm),
    OPERATOR(LAYERNORM, mote_op_layernorm),
    OPERATOR(SILU, mote_op_silu),
    OPERATOR(GELU, mote_op_gelu),
    OPERATOR(ATTENTION, mote_op_attention),
};

int mote_is(const mote_model *m, uint32_t tensor, mote_dtype dtype, uint32_t rows, uint32_t columns)
{
    const mote_tensor_record *t = mote_record(m, tensor);
    return t->layout == MOTE_ROWS && t->dtype == dtype && t->dims[0] == rows &&
           (columns ? t->rank == 2 && t->dims[1] == columns : t->rank == 1);
}

int mote_is_constant(const mote_model *m, uint32_t tensor)
{
    return mote_record(m, tensor)->role == MOTE_CONSTANT;
}

int mote_is_state(const mote_model *m, uint32_t tensor)
{
    return mote_record(m, tensor)->role == MOTE_STATE;
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

static mote_status operator_fits(const mote_model *m, const mote_op_record *op)
{
    const mote_op_kind *kind = operators[op->opcode];
    if (!kind)
        return MOTE_NO_KERNEL;
    if (!operands_present(kind, op))
        return MOTE_BAD_OPERATOR;
    if (kind->left_out && kind->left_out(m, op))
        return MOTE_NO_KERNEL;
    return outputs_are_apart(m, op) && kind->fits(m, op) ? MOTE_SUCCESS : MOTE_BAD_OPERATOR;
}

mote_status mote_operators_fit(const mote_model *m)
{
    const mote_header *h = mote_header_of(m);
    uint64_t budget = (uint64_t)h->file_size * MAX_SHARING, work = (uint64_t)h->file_size * MAX_WORK;
    for (uint32_t i = 0; i < h->op_count; i++) {
        const mote_op_record *op = (const mote_op_record *)m->ops + i;
        const uint64_t bytes = constant_bytes(m, op);
        if (bytes > budget)
            return MOTE_BAD_OPERATOR;
        const mote_status status = operator_fits(m, op);
        if (status != MOTE_SUCCESS)
            return status;
        const mote_op_kind *kind = operators[op->opcode];
        const uint64_t more = kind->work ? kind->work(m, op) : 0;
        if (more > work)
            return MOTE_BAD_OPERATOR;
        budget -= bytes;
        work -= more;
    }
    return MOTE_SUCCESS;
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
