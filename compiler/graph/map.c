/* MAP: y = f(x), elementwise, for the functions of functions.def. */
#include <math.h>
#include <string.h>

#include "compiler/graph/functions.h"
#include "compiler/graph/operator.h"
#include "compiler/graph/vector.h"

#define ROOT_HALF 0.70710678f

static inline float limited(float x)
{
    return x < 0 ? 0 : x > 1 ? 1 : x;
}

/* Returns the density of the normal distribution. */
static inline float bell(float x)
{
    return 0.39894228f * expf(-0.5f * x * x);
}

static inline float cubic(float x)
{
    return 0.79788456f * (x + 0.044715f * x * x * x);
}

/* `s` is the sigmoid of 2·cubic(x). */
static inline float gelu_tanh_slope(float x, float s)
{
    return s + 2 * x * s * (1 - s) * 0.79788456f * (1 + 0.134145f * x * x);
}

typedef void value_function(float *restrict y, const float *restrict x, float alpha, float beta, size_t count);
typedef void slope_function(float *restrict dx, const float *restrict dy, const float *restrict x,
                            const float *restrict from, float alpha, float beta, size_t count);

#define FUNCTION(ID, id, value, derivative)                                                                            \
    MOTE_CLONES static void id##_values(float *restrict to, const float *restrict from, float alpha, float beta,       \
                                        size_t count)                                                                  \
    {                                                                                                                  \
        (void)alpha, (void)beta;                                                                                       \
        for (size_t i = 0; i < count; i++) {                                                                           \
            const float x = from[i];                                                                                   \
            to[i] = value;                                                                                             \
        }                                                                                                              \
    }                                                                                                                  \
    MOTE_CLONES static void id##_slopes(float *restrict to, const float *restrict by, const float *restrict xs,        \
                                        const float *restrict ys, float alpha, float beta, size_t count)               \
    {                                                                                                                  \
        (void)alpha, (void)beta;                                                                                       \
        for (size_t i = 0; i < count; i++) {                                                                           \
            const float x = xs[i], y = ys[i];                                                                          \
            (void)x, (void)y;                                                                                          \
            to[i] += by[i] * (derivative);                                                                             \
        }                                                                                                              \
    }
#include "compiler/graph/functions.def"
#undef FUNCTION

#define FUNCTION(ID, id, ...) {#id, id##_values, id##_slopes},
static const struct {
    const char *name;
    value_function *values;
    slope_function *slopes;
} functions[MOTE_FUNCTION_COUNT] = {
#include "compiler/graph/functions.def"
};
#undef FUNCTION

const char *mote_function_name(mote_function function)
{
    return functions[function].name;
}

float mote_function_value(mote_function function, float alpha, float beta, float x)
{
    float y;
    functions[function].values(&y, &x, alpha, beta, 1);
    return y;
}

/* Checks the table of a packed map and sets the types of its result. */
static bool table_fits(const mote_graph *g, const mote_op *op, mote_shape *y, mote_error *error)
{
    const bool wide = mote_op_input(g, op, MOTE_MAP_X)->dtype == MOTE_I16;
    const mote_tensor *table = mote_op_input(g, op, MOTE_MAP_TABLE);
    y->dtypes = MOTE_BIT(table->dtype);
    return mote_expect(g, op, MOTE_MAP_TABLE, wide ? 513 : 256, 0,
                       wide ? MOTE_BIT(MOTE_I16) : MOTE_BIT(MOTE_I8) | MOTE_BIT(MOTE_U8) | MOTE_BIT(MOTE_I16), error);
}

static bool infer(const mote_graph *g, const mote_op *op, mote_shape *y, mote_error *error)
{
    const int32_t function = op->params[MOTE_MAP_FUNCTION];
    if (!mote_infer_same(g, op, MOTE_MAP_X,
                         g->packed ? MOTE_BIT(MOTE_I8) | MOTE_BIT(MOTE_U8) | MOTE_BIT(MOTE_I16) : MOTE_BIT(MOTE_F32), y,
                         error))
        return false;
    if (function < 0 || function >= MOTE_FUNCTION_COUNT)
        return mote_fail(error, MOTE_E_FORMAT, "operator %s (map): there is no function %d", op->name, function);
    return !g->packed || table_fits(g, op, y, error);
}

static void forward(const mote_pass *pass)
{
    functions[pass->op->params[MOTE_MAP_FUNCTION]].values(
        pass->out[0], pass->in[MOTE_MAP_X], mote_op_real(pass->op, MOTE_MAP_ALPHA),
        mote_op_real(pass->op, MOTE_MAP_BETA), mote_pass_elements(pass));
}

static void backward(const mote_pass *pass)
{
    functions[pass->op->params[MOTE_MAP_FUNCTION]].slopes(
        pass->in_grad[MOTE_MAP_X], pass->out_grad[0], pass->in[MOTE_MAP_X], pass->out[0],
        mote_op_real(pass->op, MOTE_MAP_ALPHA), mote_op_real(pass->op, MOTE_MAP_BETA), mote_pass_elements(pass));
}

const mote_operator mote_operator_map = {.infer = infer, .forward = forward, .backward = backward};
