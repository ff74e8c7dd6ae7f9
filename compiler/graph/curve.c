/* SILU: y = x·σ(x). GELU: y = x·Φ(x), with Φ the distribution function of the normal distribution. Elementwise. */
#include <math.h>

#include "compiler/graph/operator.h"
#include "compiler/graph/vector.h"

static bool infer(const mote_graph *g, const mote_op *op, mote_shape *y, mote_error *error)
{
    return mote_infer_same(g, op, 0, MOTE_WIDE_OF(g), y, error);
}

MOTE_CLONES static void silu(float *restrict y, const float *restrict x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        y[i] = x[i] * mote_sigmoid(x[i]);
}

MOTE_CLONES static void silu_gradient(float *restrict dx, const float *restrict dy, const float *restrict x, bool add,
                                      size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const float s = mote_sigmoid(x[i]);
        dx[i] = (add ? dx[i] : 0) + dy[i] * s * (1 + x[i] * (1 - s));
    }
}

/* Returns Φ(x), given `bell` = e^(−x²/2), with an absolute error below 2e-7 (Abramowitz and Stegun 7.1.26). */
static inline float normal(float x, float bell)
{
    const float t = 1 / (1 + 0.3275911f * 0.70710678f * fabsf(x));
    float p = 1.061405429f;
    p = p * t - 1.453152027f;
    p = p * t + 1.421413741f;
    p = p * t - 0.284496736f;
    p = p * t + 0.254829592f;
    const float tail = 0.5f * p * t * bell;
    return x < 0 ? tail : 1 - tail;
}

MOTE_CLONES static void gelu(float *restrict y, const float *restrict x, size_t count)
{
    for (size_t i = 0; i < count; i++)
        y[i] = x[i] * normal(x[i], mote_exp(-0.5f * x[i] * x[i]));
}

MOTE_CLONES static void gelu_gradient(float *restrict dx, const float *restrict dy, const float *restrict x, bool add,
                                      size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const float bell = mote_exp(-0.5f * x[i] * x[i]);
        dx[i] = (add ? dx[i] : 0) + dy[i] * (normal(x[i], bell) + x[i] * 0.39894228f * bell);
    }
}

static void forward_silu(const mote_pass *pass)
{
    silu(pass->out[0], pass->in[0], mote_pass_elements(pass));
}

static void backward_silu(const mote_pass *pass)
{
    if (pass->in_grad[0])
        silu_gradient(pass->in_grad[0], pass->out_grad[0], pass->in[0], !pass->fresh[0], mote_pass_elements(pass));
}

static void forward_gelu(const mote_pass *pass)
{
    gelu(pass->out[0], pass->in[0], mote_pass_elements(pass));
}

static void backward_gelu(const mote_pass *pass)
{
    if (pass->in_grad[0])
        gelu_gradient(pass->in_grad[0], pass->out_grad[0], pass->in[0], !pass->fresh[0], mote_pass_elements(pass));
}

const mote_operator mote_operator_silu = {
    .writes = true, .infer = infer, .forward = forward_silu, .backward = backward_silu};
const mote_operator mote_operator_gelu = {
    .writes = true, .infer = infer, .forward = forward_gelu, .backward = backward_gelu};
