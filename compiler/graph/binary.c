/* ADD, SUB, MUL, DIV, MINIMUM, MAXIMUM, PRELU: y = f(a, b), elementwise. Dimensions of 1 are repeated. The packed forms
 * SCALED_ADD and SCALED_MUL have the same shapes. */
#include "compiler/graph/loop.h"
#include "compiler/graph/names.h"
#include "compiler/graph/vector.h"

enum { A, B, OPERANDS };

/* Returns the number of dimensions of t that count: constants beside an activation have no leading ones. */
static int rank_of(const mote_tensor *t, bool constants)
{
    int rank = t->rank;
    while (!constants && t->role == MOTE_CONSTANT && rank > 1 && t->dims[t->rank - rank] == 1)
        rank--;
    return rank;
}

static bool infer_repeated(const mote_graph *g, const mote_op *op, unsigned dtypes, mote_shape *y, mote_error *error)
{
    const mote_operator_info *info = mote_operator_of(op->opcode);
    const mote_tensor *a = mote_op_input(g, op, A), *b = mote_op_input(g, op, B);
    const bool constants = a->role == MOTE_CONSTANT && b->role == MOTE_CONSTANT;
    const int ranks[OPERANDS] = {rank_of(a, constants), rank_of(b, constants)};
    const int rank = ranks[A] > ranks[B] ? ranks[A] : ranks[B];
    int64_t dims[MOTE_RANK];
    for (int i = 0; i < rank; i++) {
        const uint32_t of_a = i < ranks[A] ? a->dims[a->rank - 1 - i] : 1;
        const uint32_t of_b = i < ranks[B] ? b->dims[b->rank - 1 - i] : 1;
        if (of_a != of_b && of_a != 1 && of_b != 1) {
            char shapes[OPERANDS][MOTE_SHAPE_TEXT];
            mote_shape_text(a->rank, a->dims, shapes[A]);
            mote_shape_text(b->rank, b->dims, shapes[B]);
            return mote_fail(error, MOTE_E_FORMAT, "operator %s (%s): the shapes %s and %s of %s and %s do not fit",
                             op->name, info->name, shapes[A], shapes[B], a->name, b->name);
        }
        dims[rank - 1 - i] = of_a == 1 ? of_b : of_a;
    }
    if (a->dtype != b->dtype || !(MOTE_BIT(a->dtype) & dtypes))
        return mote_fail(error, MOTE_E_FORMAT, "operator %s (%s): the types of %s and %s do not fit", op->name,
                         info->name, a->name, b->name);
    return mote_shape_of(op, rank, dims, MOTE_BIT(a->dtype), y, error);
}

static bool has_shape(const mote_tensor *t, const mote_shape *y)
{
    return t->rank == y->rank && memcmp(t->dims, y->dims, sizeof t->dims) == 0;
}

/* For operators that repeat only constants when they are packed. */
static bool infer_activations(const mote_graph *g, const mote_op *op, unsigned dtypes, mote_shape *y, mote_error *error)
{
    if (!infer_repeated(g, op, dtypes, y, error))
        return false;
    for (int i = 0; g->packed && i < OPERANDS; i++) {
        const mote_tensor *t = mote_op_input(g, op, i);
        if (t->role != MOTE_CONSTANT && !has_shape(t, y))
            return mote_fail(error, MOTE_E_FORMAT,
                             "operator %s (%s) of a packed network repeats only constants, not %s", op->name,
                             mote_operator_of(op->opcode)->name, t->name);
    }
    return true;
}

static bool infer_add(const mote_graph *g, const mote_op *op, mote_shape *y, mote_error *error)
{
    return infer_activations(g, op, MOTE_ACTIVATIONS_OF(g), y, error);
}

static bool infer_mul(const mote_graph *g, const mote_op *op, mote_shape *y, mote_error *error)
{
    return infer_activations(g, op, MOTE_WIDE_OF(g), y, error);
}

static bool infer_any(const mote_graph *g, const mote_op *op, mote_shape *y, mote_error *error)
{
    return infer_repeated(g, op, MOTE_AFFINE_OF(g), y, error);
}

static bool infer_prelu(const mote_graph *g, const mote_op *op, mote_shape *y, mote_error *error)
{
    const mote_tensor *x = mote_op_input(g, op, MOTE_PRELU_X);
    return infer_repeated(g, op, MOTE_AFFINE_OF(g), y, error) &&
           (has_shape(x, y) || mote_fail(error, MOTE_E_FORMAT, "operator %s (prelu): %s has more slopes than %s values",
                                         op->name, mote_op_input(g, op, MOTE_PRELU_SLOPE)->name, x->name));
}

typedef void value_function(float *restrict y, const float *a, size_t a_step, const float *b, size_t b_step,
                            size_t count);
/* Computes the gradient of an operand from dy; adds to `to` unless `fresh`. */
typedef void slope_function(float *restrict to, size_t to_step, bool fresh, const float *dy, const float *a,
                            size_t a_step, const float *b, size_t b_step, size_t count);

/* A loop over a run. The steps are 0 or 1; they are constants of each loop, so that it can be vectorized. */
#define EACH(a_step, b_step, statement)                                                                                \
    for (size_t i = 0; i < count; i++) {                                                                               \
        const float a = as[(a_step)*i], b = bs[(b_step)*i];                                                            \
        (void)a, (void)b;                                                                                              \
        statement;                                                                                                     \
    }
#define RUN(statement)                                                                                                 \
    if (a_step && b_step)                                                                                              \
        EACH(1, 1, statement)                                                                                          \
    else if (a_step)                                                                                                   \
        EACH(1, 0, statement)                                                                                          \
    else                                                                                                               \
        EACH(0, 1, statement)
#define DEFINE_SLOPE(name, slope)                                                                                      \
    MOTE_CLONES static void name(float *restrict to, size_t to_step, bool fresh, const float *dy, const float *as,     \
                                 size_t a_step, const float *bs, size_t b_step, size_t count)                          \
    {                                                                                                                  \
        double sum = 0;                                                                                                \
        if (!to_step) {                                                                                                \
            RUN(sum += (double)(dy[i] * (slope)))                                                                      \
            to[0] += (float)sum;                                                                                       \
        } else if (fresh) {                                                                                            \
            RUN(to[i] = dy[i] * (slope))                                                                               \
        } else {                                                                                                       \
            RUN(to[i] += dy[i] * (slope))                                                                              \
        }                                                                                                              \
    }
#define DEFINE(id, value, slope_of_a, slope_of_b)                                                                      \
    MOTE_CLONES static void id##_values(float *restrict y, const float *as, size_t a_step, const float *bs,            \
                                        size_t b_step, size_t count){                                                  \
        RUN(y[i] = value)} DEFINE_SLOPE(id##_slope_a, slope_of_a) DEFINE_SLOPE(id##_slope_b, slope_of_b)

DEFINE(add, a + b, 1, 1)
DEFINE(sub, a - b, 1, -1)
DEFINE(mul, (a * b), b, a)
DEFINE(div, a / b, 1 / b, -a / (b * b))
DEFINE(minimum, a <= b ? a : b, a <= b ? 1 : 0, a <= b ? 0 : 1)
DEFINE(maximum, a >= b ? a : b, a >= b ? 1 : 0, a >= b ? 0 : 1)
DEFINE(prelu, a < 0 ? a * b : a, a < 0 ? b : 1, a < 0 ? a : 0)

/* Returns a loop over y, a and b. */
static mote_loop loop_of(const mote_pass *pass)
{
    const mote_tensor *y = mote_op_output(pass->graph, pass->op, 0);
    mote_loop_axes axes = mote_loop_over(pass, y);
    mote_loop_add(&axes, y);
    for (int i = 0; i < OPERANDS; i++)
        mote_loop_add(&axes, mote_op_input(pass->graph, pass->op, i));
    return mote_loop_begin(&axes);
}

static void compute(const mote_pass *pass, value_function *values)
{
    mote_loop w = loop_of(pass);
    do
        values(pass->out[0] + w.at[0], pass->in[A] + w.at[1 + A], (size_t)w.step[1 + A], pass->in[B] + w.at[1 + B],
               (size_t)w.step[1 + B], w.run);
    while (mote_loop_next(&w));
}

/* Returns the number of elements of an operand over all rows. */
static size_t operand_elements(const mote_pass *pass, int k)
{
    const mote_tensor *t = mote_op_input(pass->graph, pass->op, k);
    return mote_tensor_elements(t) * (t->role == MOTE_CONSTANT ? 1 : pass->rows);
}

static void differentiate(const mote_pass *pass, int k, slope_function *slopes)
{
    float *to = pass->in_grad[k];
    if (!to)
        return;
    const bool repeated = operand_elements(pass, k) < mote_pass_elements(pass);
    if (repeated && pass->fresh[k])
        memset(to, 0, operand_elements(pass, k) * sizeof *to);
    mote_loop w = loop_of(pass);
    do
        slopes(to + w.at[1 + k], (size_t)w.step[1 + k], pass->fresh[k] && !repeated, pass->out_grad[0] + w.at[0],
               pass->in[A] + w.at[1 + A], (size_t)w.step[1 + A], pass->in[B] + w.at[1 + B], (size_t)w.step[1 + B],
               w.run);
    while (mote_loop_next(&w));
}

#define OPERATOR_OF(id, shapes)                                                                                        \
    static void id##_forward(const mote_pass *pass)                                                                    \
    {                                                                                                                  \
        compute(pass, id##_values);                                                                                    \
    }                                                                                                                  \
    static void id##_backward(const mote_pass *pass)                                                                   \
    {                                                                                                                  \
        differentiate(pass, A, id##_slope_a);                                                                          \
        differentiate(pass, B, id##_slope_b);                                                                          \
    }                                                                                                                  \
    const mote_operator mote_operator_##id = {                                                                         \
        .writes = true, .infer = shapes, .forward = id##_forward, .backward = id##_backward};

OPERATOR_OF(add, infer_add)
OPERATOR_OF(sub, infer_any)
OPERATOR_OF(mul, infer_mul)
OPERATOR_OF(div, infer_any)
OPERATOR_OF(minimum, infer_any)
OPERATOR_OF(maximum, infer_any)
OPERATOR_OF(prelu, infer_prelu)

const mote_operator mote_operator_scaled_add = {.infer = infer_any};
const mote_operator mote_operator_scaled_mul = {.infer = infer_any};
