/* GRU over a window of time steps. The operand `gates` holds the products of the input, x (PyTorch's form, gate order
 * r, z, n):
 *     g = Wh·h + bh     r = σ(x_r + g_r)     z = σ(x_z + g_z)     n = tanh(x_n + r·g_n)     h' = (1 − z)·n + z·h
 * The state is carried from window to window; gradients stop at the start of the window. */
#include <string.h>

#include "compiler/graph/operator.h"
#include "compiler/graph/panel.h"
#include "compiler/graph/vector.h"

static bool infer(const mote_graph *g, const mote_op *op, mote_shape *outputs, mote_error *error)
{
    const mote_tensor *w = mote_op_input(g, op, MOTE_GRU_WEIGHTS);
    const uint32_t d = w->dims[1];
    const unsigned wide = MOTE_WIDE_OF(g), narrow = MOTE_BIT(g->packed ? MOTE_I8 : MOTE_F32);
    if (d > UINT32_MAX / 3 || w->dims[0] != 3 * d || (!g->packed && op->inputs[MOTE_GRU_BIAS] < 0))
        return mote_fail(error, MOTE_E_FORMAT, "gru %s has no weights [3·dim, dim] or no bias", op->name);
    outputs[MOTE_GRU_Y] = mote_vector_of(d, narrow);
    outputs[MOTE_GRU_SCRATCH] = mote_vector_of(3 * d, wide);
    return mote_expect_product(g, op, MOTE_BIT(MOTE_I16), error) &&
           mote_expect(g, op, MOTE_GRU_GATES, 3 * d, 0, wide, error) &&
           mote_expect(g, op, MOTE_GRU_STATE, d, 0, wide, error) &&
           mote_expect(g, op, MOTE_GRU_STATE8, d, 0, narrow, error);
}

static uint32_t width(const mote_graph *g, const mote_op *op)
{
    return g->tensors[op->inputs[MOTE_GRU_WEIGHTS]].dims[1];
}

/* Values kept from forward to backward, and room for one step. */
typedef struct scratch {
    float *gates;     /* [rows, 3d]: r, z, n; backward replaces them by the gradient of g */
    float *candidate; /* [rows, d]: g_n */
    float *initial;   /* [streams, d]: h before the window */
    float *step;      /* [streams, 3d]: g of one step; in backward the gradient of h, [streams, d] */
} scratch;

static size_t scratch_size(const mote_graph *g, const mote_op *op, uint32_t steps, uint32_t streams)
{
    return ((size_t)steps * 4 + 1 + 3) * streams * width(g, op);
}

static scratch scratch_of(const mote_pass *pass, size_t d)
{
    scratch s = {.gates = pass->scratch};
    s.candidate = s.gates + pass->rows * 3 * d;
    s.initial = s.candidate + pass->rows * d;
    s.step = s.initial + pass->streams * d;
    return s;
}

/* Returns the size of Wh packed for the forward product and, with `backward`, again for the backward product. */
static size_t prepared_size(const mote_graph *g, const mote_op *op, bool backward)
{
    uint32_t d = width(g, op);
    return mote_panel_size(d, 3 * d) + (backward ? mote_panel_size(3 * d, d) : 0);
}

static void prepare(const mote_pass *pass, float *prepared)
{
    uint32_t d = width(pass->graph, pass->op);
    const float *w = pass->in[MOTE_GRU_WEIGHTS];
    mote_panel_pack(prepared, w, 1, d, d, 3 * d);
    if (pass->trains)
        mote_panel_pack(prepared + mote_panel_size(d, 3 * d), w, d, 1, 3 * d, d);
}

/* Computes one step of one stream. `g` is [3d]; writes gates [3d], candidate [d] and next [d]. */
MOTE_CLONES static void step_forward(size_t d, const float *restrict x, const float *restrict g,
                                     const float *restrict h, float *restrict gates, float *restrict candidate,
                                     float *restrict next)
{
    for (size_t i = 0; i < 2 * d; i++)
        gates[i] = mote_sigmoid(x[i] + g[i]);
    for (size_t i = 0; i < d; i++) {
        float n = mote_tanh(x[2 * d + i] + gates[i] * g[2 * d + i]);
        candidate[i] = g[2 * d + i];
        gates[2 * d + i] = n;
        next[i] = n + gates[d + i] * (h[i] - n);
    }
}

static void forward(const mote_pass *pass)
{
    uint32_t d = width(pass->graph, pass->op), streams = pass->streams;
    scratch s = scratch_of(pass, d);
    size_t step = (size_t)streams * d;
    memcpy(s.initial, pass->state[0], step * sizeof(float));
    const float *h = s.initial;
    for (uint32_t t = 0; t < pass->steps; t++) {
        for (uint32_t b = 0; b < streams; b++)
            memcpy(s.step + b * 3 * d, pass->in[MOTE_GRU_BIAS], 3 * d * sizeof(float));
        mote_panel_multiply(s.step, h, pass->prepared, streams, d, 3 * d, true);
        float *next = pass->out[MOTE_GRU_Y] + t * step;
        for (uint32_t b = 0; b < streams; b++) {
            size_t row = (size_t)t * streams + b;
            step_forward(d, pass->in[MOTE_GRU_GATES] + row * 3 * d, s.step + b * 3 * d, h + b * d,
                         s.gates + row * 3 * d, s.candidate + row * d, next + b * d);
        }
        h = next;
    }
    memcpy(pass->state[0], h, step * sizeof(float));
}

/* Computes the gradients of one step of one stream. `dy` is the gradient of the output. `dh` is the gradient from the
 * next step; it becomes z·(dy + dh), the part for the previous step that does not pass through Wh. `gates` becomes the
 * gradient of g. The gradient of x is added to dx. */
MOTE_CLONES static void step_backward(size_t d, const float *restrict dy, float *restrict dh, const float *restrict h,
                                      const float *restrict candidate, float *restrict gates, float *restrict dx)
{
    for (size_t i = 0; i < d; i++) {
        float r = gates[i], z = gates[d + i], n = gates[2 * d + i], total = dy[i] + dh[i];
        float dn = total * (1 - z) * (1 - n * n);
        float dz = total * (h[i] - n) * z * (1 - z);
        float dr = dn * candidate[i] * r * (1 - r);
        gates[i] = dr, gates[d + i] = dz, gates[2 * d + i] = dn * r;
        dx[i] += dr, dx[d + i] += dz, dx[2 * d + i] += dn;
        dh[i] = total * z;
    }
}

static void backward(const mote_pass *pass)
{
    uint32_t d = width(pass->graph, pass->op), streams = pass->streams;
    scratch s = scratch_of(pass, d);
    size_t step = (size_t)streams * d;
    const float *panels = pass->prepared + mote_panel_size(d, 3 * d);
    memset(s.step, 0, step * sizeof(float));
    for (uint32_t t = pass->steps; t-- > 0;) {
        const float *h = t ? pass->out[MOTE_GRU_Y] + (t - 1) * step : s.initial;
        for (uint32_t b = 0; b < streams; b++) {
            size_t row = (size_t)t * streams + b;
            step_backward(d, pass->out_grad[MOTE_GRU_Y] + row * d, s.step + b * d, h + b * d, s.candidate + row * d,
                          s.gates + row * 3 * d, pass->in_grad[MOTE_GRU_GATES] + row * 3 * d);
        }
        mote_panel_multiply(s.step, s.gates + t * 3 * step, panels, streams, 3 * d, d, true);
    }
    /* dWh = Σ dg·hᵀ. h is the initial state in the first step and the previous output in the others. */
    mote_panel_gradient(pass->in_grad[MOTE_GRU_WEIGHTS], s.gates, s.initial, streams, 3 * d, d);
    mote_panel_gradient(pass->in_grad[MOTE_GRU_WEIGHTS], s.gates + 3 * step, pass->out[MOTE_GRU_Y],
                        pass->rows - streams, 3 * d, d);
    mote_add_columns(pass->in_grad[MOTE_GRU_BIAS], s.gates, pass->rows, 3 * d);
}

const mote_operator mote_operator_gru = {
    .infer = infer,
    .scratch = scratch_size,
    .prepared = prepared_size,
    .prepare = prepare,
    .forward = forward,
    .backward = backward,
};
