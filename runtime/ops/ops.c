#include "ops.h"

/* Maximum number of bytes of constants that the operators of a file read, per byte of the file. It keeps the time of
 * verification and of a run linear in the size of the file, however many operators of a hostile file share one matrix.
 */
#define MAX_SHARING 16u

/* Maximum number of multiplications of attention plus bytes of outputs of a step, per byte of the file. */
#define MAX_WORK 1024u

/* Work that a file of any size may have: a convolution of a picture needs few bytes. */
#define ALWAYS_WORK (1u << 26)

#define INPUT(ID, name, role, presence)  MOTE_OPERAND_##role | MOTE_##presence << 4,
#define OUTPUT(ID, name, role, presence) MOTE_OPERAND_##role | MOTE_##presence << 4,
enum { PRODUCT, LOOKUP, ELEMENTWISE, RANGED, PACKED_ONLY, MOVES, IN_PLACE, VIEW };
#define TRAIT(name) | 1u << name
#define OPERATOR(ID, id, traits, cost, its_inputs, its_outputs, its_params)                                            \
    static const mote_op_entry entry_of_##id = {.kind = &mote_op_##id,                                                 \
                                                .inputs = MOTE_##ID##_INPUTS,                                          \
                                                .outputs = MOTE_##ID##_OUTPUTS,                                        \
                                                .params = MOTE_##ID##_PARAMS,                                          \
                                                .in_place = (0u MOTE_STRIP traits) >> IN_PLACE & 1u,                   \
                                                .operands = {MOTE_STRIP its_inputs MOTE_STRIP its_outputs}};
#include "../operators.def"
#undef OPERATOR

#define OPERATOR(ID, id, ...) [MOTE_OP_##ID] = MOTE_IF_OPERATOR(ID, &entry_of_##id),
static const mote_op_entry *const entries[MOTE_OPCODE_COUNT] = {
#include "../operators.def"
};
#undef OPERATOR

const mote_op_entry *mote_op_entry_of(uint32_t opcode)
{
    return entries[opcode];
}

/* 1 if this build has an operator that may work in place: others need no code for it. */
#define OPERATOR(ID, id, traits, ...) | (MOTE_HAS_OPERATOR(ID) & ((0u MOTE_STRIP traits) >> IN_PLACE))
enum {
    SOME_IN_PLACE = (0
#include "../operators.def"
                     ) &
                    1
};
#undef OPERATOR

int mote_is(const mote_model *m, uint32_t tensor, mote_dtype dtype, uint32_t rows, uint32_t columns)
{
    const mote_tensor_record *t = mote_record(m, tensor);
    return t->layout == MOTE_ROWS && t->dtype == dtype && t->dims[0] == rows &&
           (columns ? t->rank == 2 && t->dims[1] == columns : t->rank == 1);
}

static int in_arena(const mote_tensor_record *t)
{
    return t->role != MOTE_CONSTANT && t->role != MOTE_STATE;
}

/* 1 if a and b share memory, unless `in_place` and they are in exactly the same place, value by value. */
static int overlap(const mote_model *m, uint32_t a, uint32_t b, int in_place)
{
    const mote_tensor_record *x = mote_record(m, a), *y = mote_record(m, b);
    if (SOME_IN_PLACE && in_place && x->offset == y->offset && x->size == y->size &&
        mote_row_size((mote_dtype)x->dtype, 1) == mote_row_size((mote_dtype)y->dtype, 1))
        return 0;
    return in_arena(x) && in_arena(y) && x->offset < mote_end_of(y) && y->offset < mote_end_of(x);
}

/* Checks presence and role of an operand of a packed graph. */
static int operand_fits(const mote_model *m, uint32_t tensor, uint8_t operand)
{
    const mote_operand_role role = mote_operand_role_of(operand);
    const mote_presence presence = mote_presence_of(operand);
    if (tensor == MOTE_NO_INDEX)
        return presence == MOTE_OPTIONAL || presence == MOTE_PACKED_OPTIONAL;
    const uint8_t is = mote_record(m, tensor)->role;
    if (mote_operand_is_constant(role))
        return is == MOTE_CONSTANT;
    if (role == MOTE_OPERAND_STATE)
        return is == MOTE_STATE;
    if (role == MOTE_OPERAND_RESULT || role == MOTE_OPERAND_SCRATCH)
        return is == MOTE_ACTIVATION || is == MOTE_OUTPUT;
    return role == MOTE_OPERAND_ANY || is != MOTE_CONSTANT;
}

/* Checks that every operand fits its role and that no output overlaps another operand. */
static int operands_fit(const mote_model *m, const mote_op_view *op)
{
    const mote_op_entry *entry = entries[op->opcode];
    const uint32_t count = (uint32_t)entry->inputs + entry->outputs;
    for (uint32_t i = 0; i < count; i++)
        if (!operand_fits(m, op->inputs[i], entry->operands[i]))
            return 0;
    for (uint32_t i = entry->inputs; i < count; i++)
        for (uint32_t k = 0; k < i; k++)
            if (op->inputs[k] != MOTE_NO_INDEX &&
                overlap(m, op->inputs[i], op->inputs[k], entry->in_place && k < entry->inputs))
                return 0;
    return 1;
}

static uint64_t constant_bytes(const mote_model *m, const mote_op_view *op)
{
    uint64_t bytes = sizeof(mote_op_record);
    for (const uint16_t *i = op->inputs; i < op->outputs; i++)
        if (*i != MOTE_NO_INDEX && mote_record(m, *i)->role == MOTE_CONSTANT)
            bytes += mote_record(m, *i)->size;
    return bytes;
}

/* Returns the work of a run besides products with constants: bytes of the outputs plus the operator's own work. */
static uint64_t work_of(const mote_model *m, const mote_op_view *op)
{
    const mote_op_entry *entry = entries[op->opcode];
    uint64_t work = entry->kind->work ? entry->kind->work(m, op) : 0;
    for (uint32_t i = 0; i < entry->outputs; i++)
        if (op->outputs[i] != MOTE_NO_INDEX)
            work += mote_record(m, op->outputs[i])->size;
    return work;
}

static mote_status operator_fits(const mote_model *m, const mote_op_view *op)
{
    const mote_op_kind *kind = entries[op->opcode]->kind;
    if (!operands_fit(m, op))
        return MOTE_BAD_OPERATOR;
    if (kind->left_out && kind->left_out(m, op))
        return MOTE_NO_KERNEL;
    return kind->fits(m, op) ? MOTE_SUCCESS : MOTE_BAD_OPERATOR;
}

mote_status mote_operators_fit(const mote_model *m)
{
    const mote_header *h = mote_header_of(m);
    uint64_t budget = (uint64_t)h->file_size * MAX_SHARING, work = (uint64_t)h->file_size * MAX_WORK + ALWAYS_WORK;
    for (uint32_t i = 0; i < h->op_count; i++) {
        const mote_op_view op = mote_op_at(m, i);
        const uint64_t bytes = constant_bytes(m, &op);
        if (bytes > budget)
            return MOTE_BAD_OPERATOR;
        const mote_status status = operator_fits(m, &op);
        if (status != MOTE_SUCCESS)
            return status;
        const uint64_t more = work_of(m, &op);
        if (more > work)
            return MOTE_BAD_OPERATOR;
        budget -= bytes;
        work -= more;
    }
    return MOTE_SUCCESS;
}

static inline void run(const mote_session *s, const mote_op_record *op)
{
    entries[op->opcode]->kind->run(s, (const uint16_t *)s->model->operands + op->operands,
                                   (const int32_t *)s->model->words + op->params);
}

void mote_operator_run(const mote_session *s, uint32_t index)
{
    run(s, (const mote_op_record *)s->model->ops + index);
}

void mote_operators_run(const mote_session *s)
{
    const mote_op_record *op = s->model->ops, *end = op + mote_header_of(s->model)->op_count;
    for (; op < end; op++)
        run(s, op);
}
