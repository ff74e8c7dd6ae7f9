#include "pair.h"

/* The dimension of t that is aligned with axis i of y. */
static uint32_t aligned(const mote_tensor_record *t, const mote_tensor_record *y, uint32_t i)
{
    const uint32_t missing = y->rank - t->rank;
    return i < missing ? 1 : t->dims[i - missing];
}

int mote_pair_fits(const mote_model *m, const mote_op_view *op, uint32_t operands, uint32_t result)
{
    const mote_tensor_record *a = mote_record(m, op->inputs[0]), *b = mote_record(m, op->inputs[1]);
    const mote_tensor_record *y = mote_record(m, op->outputs[0]);
    int fits = mote_affine_fits(m, op->inputs[0], operands) && mote_affine_fits(m, op->inputs[1], operands) &&
               mote_affine_fits(m, op->outputs[0], result) && a->rank <= y->rank && b->rank <= y->rank;
    for (uint32_t i = 0; fits && i < y->rank; i++) {
        const uint32_t of_a = aligned(a, y, i), of_b = aligned(b, y, i);
        fits = (of_a == y->dims[i] || of_a == 1) && (of_b == y->dims[i] || of_b == 1) &&
               (of_a == y->dims[i] || of_b == y->dims[i]);
    }
    return fits;
}

/* Sets steps[i] to the values from one index of axis i of y to the next in t, 0 where t is repeated. */
static void steps_of(const mote_tensor_record *t, const mote_tensor_record *y, uint32_t steps[MOTE_RANK])
{
    uint32_t step = 1;
    for (uint32_t i = y->rank; i-- > 0;) {
        const uint32_t size = aligned(t, y, i);
        steps[i] = size == 1 ? 0 : step;
        step *= size;
    }
}

void mote_pair_run(const mote_session *s, const uint16_t *operands, const int32_t *params, const int32_t *ending,
                   mote_pair_function *f)
{
    const mote_tensor_record *a = mote_record(s->model, operands[0]), *b = mote_record(s->model, operands[1]);
    const mote_tensor_record *y = mote_record(s->model, operands[2]);
    mote_pair p = {.a = mote_data(s, operands[0]),
                   .b = mote_data(s, operands[1]),
                   .y = mote_data_mutable(s, operands[2]),
                   .a_type = a->dtype,
                   .b_type = b->dtype,
                   .y_type = y->dtype,
                   .a_zero = a->zero_point,
                   .b_zero = b->zero_point,
                   .params = params};
    if (ending)
        p.ending = mote_ending_of(s, operands[2], ending);
    uint32_t of_a[MOTE_RANK], of_b[MOTE_RANK], index[MOTE_RANK] = {0};
    steps_of(a, y, of_a);
    steps_of(b, y, of_b);
    const uint32_t count = mote_count_of(y);
    for (uint32_t i = 0, at_a = 0, at_b = 0; i < count; i++) {
        mote_value_put(p.y, p.y_type, i, f(&p, mote_value_at(p.a, p.a_type, at_a), mote_value_at(p.b, p.b_type, at_b)));
        for (uint32_t k = y->rank; k-- > 0;) {
            at_a += of_a[k], at_b += of_b[k];
            if (++index[k] < y->dims[k])
                break;
            at_a -= of_a[k] * y->dims[k], at_b -= of_b[k] * y->dims[k];
            index[k] = 0;
        }
    }
}
