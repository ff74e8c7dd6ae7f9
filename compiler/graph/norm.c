/* RMSNORM: y = gain·x̂, x̂ = x·r, r = 1/√(mean x² + ε). LAYERNORM: y = gain·x̂ + bias, with x − mean x in place of x.
 * Both work along
 * the last dimension of x. */
#include <math.h>
#include <string.h>

#include "compiler/graph/operator.h"
#include "compiler/graph/vector.h"

enum { X, GAIN, BIAS };

static bool infer(const mote_graph *g, const mote_op *op, mote_shape *y, mote_error *error)
{
    const float epsilon = mote_op_real(op, MOTE_NORM_EPSILON);
    if (!g->packed && !(epsilon >= 0 && epsilon <= 1))
        return mote_fail(error, MOTE_E_FORMAT, "norm %s: its epsilon is not 0..1", op->name);
    const mote_tensor *x = mote_op_input(g, op, X);
    if (!mote_infer_same(g, op, X, MOTE_WIDE_OF(g), y, error) ||
        (g->packed && !mote_expect(g, op, X, x->dims[0], 0, y->dtypes, error)))
        return false;
    for (int i = GAIN; i < op->input_count; i++)
        if (!mote_expect(g, op, i, x->dims[x->rank - 1], 0, y->dtypes, error))
            return false;
    return true;
}

static size_t width(const mote_graph *g, const mote_op *op)
{
    const mote_tensor *y = mote_op_output(g, op, 0);
    return y->dims[y->rank - 1];
}

static float epsilon_of(const mote_pass *pass)
{
    return mote_op_real(pass->op, MOTE_NORM_EPSILON);
}

/* Returns the number of vectors in a batch of x. */
static size_t vectors(const mote_graph *g, const mote_op *op, size_t rows)
{
    return rows * mote_tensor_elements(mote_op_output(g, op, 0)) / width(g, op);
}

/* Returns the size of the mean and r of each vector, kept for backward. */
static size_t scratch_size(const mote_graph *g, const mote_op *op, uint32_t steps, uint32_t streams)
{
    return 2 * vectors(g, op, (size_t)steps * streams);
}

static inline float mean_of(const float *x, size_t d)
{
    float sums[MOTE_LANES] = {0}, rest = 0;
    size_t i = 0;
    for (; i + MOTE_LANES <= d; i += MOTE_LANES)
        for (size_t j = 0; j < MOTE_LANES; j++)
            sums[j] += x[i + j];
    for (; i < d; i++)
        rest += x[i];
    return (mote_sum_lanes(sums) + rest) / (float)d;
}

MOTE_CLONES static void rms_rows(float *restrict y, const float *restrict x, const float *restrict gain,
                                 float *restrict moments, float epsilon, size_t rows, size_t d)
{
    for (size_t row = 0; row < rows; row++, x += d, y += d) {
        const float r = 1 / sqrtf(mote_dot(x, x, d) / (float)d + epsilon);
        moments[2 * row] = 0, moments[2 * row + 1] = r;
        for (size_t i = 0; i < d; i++)
            y[i] = gain[i] * (x[i] * r);
    }
}

MOTE_CLONES static void layer_rows(float *restrict y, const float *restrict x, const float *restrict gain,
                                   const float *restrict bias, float *restrict moments, float epsilon, size_t rows,
                                   size_t d)
{
    for (size_t row = 0; row < rows; row++, x += d, y += d) {
        const float mean = mean_of(x, d);
        for (size_t i = 0; i < d; i++)
            y[i] = x[i] - mean;
        const float r = 1 / sqrtf(mote_dot(y, y, d) / (float)d + epsilon);
        moments[2 * row] = mean, moments[2 * row + 1] = r;
        for (size_t i = 0; i < d; i++)
            y[i] = gain[i] * (y[i] * r) + bias[i];
    }
}

static void forward_rms(const mote_pass *pass)
{
    rms_rows(pass->out[0], pass->in[X], pass->in[GAIN], pass->scratch, epsilon_of(pass),
             vectors(pass->graph, pass->op, pass->rows), width(pass->graph, pass->op));
}

static void forward_layer(const mote_pass *pass)
{
    layer_rows(pass->out[0], pass->in[X], pass->in[GAIN], pass->in[BIAS], pass->scratch, epsilon_of(pass),
               vectors(pass->graph, pass->op, pass->rows), width(pass->graph, pass->op));
}

/* Computes, with e = gain·dy, dx += r·(e − x̂·mean(e·x̂)) and dgain += dy·x̂. For a centered norm (LayerNorm), dx also
 * gets −r·mean(e). */
MOTE_CLONES static void gradient_rows(float *restrict dx, float *restrict dgain, const float *restrict dy,
                                      const float *restrict x, const float *restrict gain,
                                      const float *restrict moments, bool centred, size_t rows, size_t d)
{
    for (size_t row = 0; row < rows; row++, x += d, dx += d, dy += d) {
        const float mean = moments[2 * row], r = moments[2 * row + 1];
        float along[MOTE_LANES] = {0}, level[MOTE_LANES] = {0};
        for (size_t i = 0; i < d; i += MOTE_LANES) {
            const size_t count = d - i < MOTE_LANES ? d - i : MOTE_LANES;
            for (size_t j = 0; j < count; j++) {
                const float form = (x[i + j] - mean) * r, e = gain[i + j] * dy[i + j];
                along[j] += e * form;
                level[j] += e;
                dgain[i + j] += dy[i + j] * form;
            }
        }
        const float a = mote_sum_lanes(along) / (float)d, b = centred ? mote_sum_lanes(level) / (float)d : 0;
        for (size_t i = 0; i < d; i++)
            dx[i] += r * (gain[i] * dy[i] - b - (x[i] - mean) * r * a);
    }
}

static void backward_norm(const mote_pass *pass, bool centred)
{
    const size_t rows = vectors(pass->graph, pass->op, pass->rows);
    const size_t d = width(pass->graph, pass->op);
    gradient_rows(pass->in_grad[X], pass->in_grad[GAIN], pass->out_grad[0], pass->in[X], pass->in[GAIN], pass->scratch,
                  centred, rows, d);
    if (centred)
        mote_add_columns(pass->in_grad[BIAS], pass->out_grad[0], rows, (uint32_t)d);
}

static void backward_rms(const mote_pass *pass)
{
    backward_norm(pass, false);
}

static void backward_layer(const mote_pass *pass)
{
    backward_norm(pass, true);
}

const mote_operator mote_operator_rmsnorm = {
    .infer = infer, .scratch = scratch_size, .forward = forward_rms, .backward = backward_rms};
const mote_operator mote_operator_layernorm = {
    .infer = infer, .scratch = scratch_size, .forward = forward_layer, .backward = backward_layer};
