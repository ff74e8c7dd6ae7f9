/* MATMUL: a·b over the last two dimensions. params: transposed, the factor, ENDING_PARAMS. */
#include "affine.h"

#define LONGEST 32767 /* 255² times as much fits 31 bits */

typedef struct sizes {
    uint32_t count, rows, columns, inner; /* of y: matrices, rows, columns; terms of a sum */
    int shared;                           /* b has no leading dimensions */
} sizes;

static int sizes_of(const mote_model *m, const mote_op_view *op, sizes *z)
{
    const mote_tensor_record *a = mote_record(m, op->inputs[MOTE_MATMUL_A]),
                             *b = mote_record(m, op->inputs[MOTE_MATMUL_B]);
    const mote_tensor_record *y = mote_record(m, op->outputs[MOTE_MATMUL_Y]);
    const int transposed = op->params[MOTE_MATMUL_TRANSPOSED] != 0;
    if (a->rank < 2 || b->rank < 2 || y->rank != a->rank || (b->rank != a->rank && b->rank != 2))
        return 0;
    *z = (sizes){1, a->dims[a->rank - 2], b->dims[b->rank - (transposed ? 2 : 1)], a->dims[a->rank - 1], b->rank == 2};
    for (uint32_t i = 0; i + 2 < a->rank; i++) {
        z->count *= a->dims[i];
        if (y->dims[i] != a->dims[i] || (!z->shared && b->dims[i] != a->dims[i]))
            return 0;
    }
    return y->dims[y->rank - 2] == z->rows && y->dims[y->rank - 1] == z->columns &&
           b->dims[b->rank - (transposed ? 1 : 2)] == z->inner;
}

static int fits(const mote_model *m, const mote_op_view *op)
{
    sizes z;
    return mote_affine_fits(m, op->inputs[MOTE_MATMUL_A], MOTE_NARROW) &&
           mote_affine_fits(m, op->inputs[MOTE_MATMUL_B], MOTE_NARROW) &&
           mote_affine_fits(m, op->outputs[MOTE_MATMUL_Y], MOTE_NARROW) &&
           mote_in_range(op->params[MOTE_MATMUL_TRANSPOSED], 0, 1) && sizes_of(m, op, &z) && z.inner <= LONGEST &&
           mote_factor_fits(op->params + MOTE_MATMUL_MULTIPLIER) &&
           mote_ending_fits(m, op->outputs[MOTE_MATMUL_Y], op->params + MOTE_MATMUL_LOW);
}

static uint64_t work(const mote_model *m, const mote_op_view *op)
{
    sizes z;
    return sizes_of(m, op, &z) ? (uint64_t)z.count * z.rows * z.columns * z.inner : 0;
}

static void run(const mote_session *s, const uint16_t *operands, const int32_t *params)
{
    const mote_op_view op = {MOTE_OP_MATMUL, operands, operands + MOTE_MATMUL_INPUTS, params};
    const uint32_t of_y = operands[MOTE_OUT(MATMUL, Y)];
    const mote_tensor_record *a = mote_record(s->model, operands[MOTE_MATMUL_A]);
    const mote_tensor_record *b = mote_record(s->model, operands[MOTE_MATMUL_B]), *y = mote_record(s->model, of_y);
    const void *of_a = mote_data(s, operands[MOTE_MATMUL_A]), *of_b = mote_data(s, operands[MOTE_MATMUL_B]);
    const mote_ending ending = mote_ending_of(s, of_y, params + MOTE_MATMUL_LOW);
    const int wide = a->dtype == MOTE_I16 || b->dtype == MOTE_I16;
    void *to = mote_data_mutable(s, of_y);
    sizes z = {0};
    sizes_of(s->model, &op, &z);
    const size_t along = params[MOTE_MATMUL_TRANSPOSED] ? 1 : z.columns,
                 across = params[MOTE_MATMUL_TRANSPOSED] ? z.inner : 1;
    size_t at = 0;
    for (uint32_t k = 0; k < z.count; k++)
        for (uint32_t r = 0; r < z.rows; r++)
            for (uint32_t c = 0; c < z.columns; c++) {
                const size_t from_a = ((size_t)k * z.rows + r) * z.inner;
                const size_t from_b = (z.shared ? 0 : (size_t)k * z.inner * z.columns) + c * across;
                int64_t sum = 0;
                for (uint32_t i = 0; i < z.inner; i++)
                    sum += (int64_t)(mote_value_at(of_a, a->dtype, from_a + i) - a->zero_point) *
                           (mote_value_at(of_b, b->dtype, from_b + i * along) - b->zero_point);
                const int32_t m = params[MOTE_MATMUL_MULTIPLIER], shift = params[MOTE_MATMUL_SHIFT];
                mote_value_put(to, y->dtype, at++,
                               mote_ended(&ending, wide ? mote_scaled_wide(sum, m, shift)
                                                        : mote_scaled((int32_t)sum, m, shift, ending.rounding)));
            }
}

const mote_op_kind mote_op_matmul = {.fits = fits, .run = run, .work = work};
