/* Lowers convolutions, layers of neurons, and products of two activations. */
#include <math.h>
#include <stdlib.h>

#include "compiler/quantize/affine.h"

/* The largest bias: the rest of 31 bits is for the products. */
#define MOST_BIAS ((double)(1 << 29))

/* A product with constant weights: operands of the float graph. */
typedef struct product {
    const mote_op *op;
    int x, weights, bias; /* bias: −1 if there is none */
    bool folds_zero;      /* the bias contains −zero point of x · Σ weights */
    int y;                /* tensor of the float graph that the ending makes */
    mote_affine_form from, to;
} product;

static double bias_at(const mote_lowering *l, const product *p, uint32_t row)
{
    return p->bias < 0 ? 0 : (double)((const float *)l->from->tensors[p->bias].data)[row];
}

/* Raises the scale of a row until its bias fits. */
static void make_room_for_bias(const mote_lowering *l, const product *p, mote_matrix *m)
{
    for (uint32_t r = 0; r < m->rows; r++) {
        const float least = (float)(fabs(bias_at(l, p, r)) / ((double)p->from.scale * MOST_BIAS));
        if (m->scales[r] >= least)
            continue;
        int16_t *row = m->codes + (size_t)r * m->columns;
        for (uint32_t c = 0; c < m->columns; c++)
            row[c] = (int16_t)rintf(row[c] * m->scales[r] / least);
        m->scales[r] = least;
    }
}

/* Writes bias and factor of a row. Returns a bound of its sums. */
static int64_t finish_row(const mote_lowering *l, const product *p, const mote_matrix *m, uint32_t r, int32_t *bias,
                          mote_factor *f)
{
    int64_t sum = 0, reach = 0;
    for (uint32_t c = 0; c < m->columns; c++) {
        const int16_t code = m->codes[(size_t)r * m->columns + c];
        sum += code;
        reach += code < 0 ? -code : code;
    }
    const double step = (double)p->from.scale * (double)m->scales[r];
    const int64_t value = llrint(bias_at(l, p, r) / step) - (p->folds_zero ? sum * p->from.zero : 0);
    const int64_t limit = p->from.dtype == MOTE_I16 ? 32768 : p->folds_zero ? 128 : 256;
    *bias = (int32_t)value;
    *f = mote_factor_of(step / (double)p->to.scale);
    if (m->dtype == MOTE_TERNARY2 || m->dtype == MOTE_TERNARY5)
        reach = m->columns; /* as the runtime counts them */
    return (value < 0 ? -value : value) + limit * reach;
}

/* Adds weights, bias and factors. */
static bool add_constants(mote_lowering *l, const product *p, mote_matrix *m, int *inputs)
{
    const char *name = l->from->tensors[p->weights].name;
    int32_t *bias = malloc(m->rows * sizeof *bias), *multipliers = malloc(m->rows * sizeof *multipliers);
    int8_t *shifts = malloc(m->rows);
    int64_t bound = 1;
    const bool room = bias && multipliers && shifts;
    bool fits = room;
    make_room_for_bias(l, p, m);
    for (uint32_t r = 0; fits && r < m->rows; r++) {
        mote_factor f;
        const int64_t most = finish_row(l, p, m, r, &bias[r], &f);
        bound = most > bound ? most : bound;
        fits = f.shift <= 30;
        multipliers[r] = f.multiplier;
        shifts[r] = (int8_t)f.shift;
    }
    if (fits) {
        inputs[MOTE_CONV_WEIGHTS] = mote_lowering_store(l, p->weights, m);
        inputs[MOTE_CONV_BIAS] = mote_affine_constant(l, p->op, ".bias32", MOTE_I32, m->rows, bias);
        inputs[MOTE_CONV_MULTIPLIER] = mote_affine_constant(l, p->op, ".multiplier", MOTE_I32, m->rows, multipliers);
        inputs[MOTE_CONV_SHIFTS] = mote_affine_constant(l, p->op, ".shift", MOTE_I8, m->rows, shifts);
    }
    free(bias);
    free(multipliers);
    free(shifts);
    if (!room)
        return mote_fail(l->error, MOTE_E_INTERNAL, "no memory for the constants of %s", name);
    if (!fits || (p->from.dtype == MOTE_I8 && bound > INT32_MAX))
        return mote_fail(l->error, MOTE_E_UNSUPPORTED, "%s: the sums of its products need more than 32 bits", name);
    if (inputs[MOTE_CONV_SHIFTS] < 0 || inputs[MOTE_CONV_WEIGHTS] < 0 || inputs[MOTE_CONV_BIAS] < 0 ||
        inputs[MOTE_CONV_MULTIPLIER] < 0)
        return false;
    mote_tensor *w = &l->to->tensors[inputs[MOTE_CONV_WEIGHTS]];
    if (bound <= INT32_MAX && (uint32_t)bound > w->bound) /* weights used twice get the larger bound */
        w->bound = (uint32_t)bound;
    return true;
}

/* Adds the packed product of x into y. */
static bool add_product(mote_lowering *l, const product *p, mote_opcode opcode, int x, int y, const int32_t *params)
{
    int inputs[MOTE_CONV_SHIFTS + 1] = {x, -1, -1, -1, -1, -1};
    mote_matrix m;
    if (y < 0 || !mote_lowering_matrix(l, p->weights, &m))
        return false;
    const bool done = m.dtype == MOTE_F16 || m.groups
                          ? mote_fail(l->error, MOTE_E_USAGE,
                                      "%s: the weights of networks of images are int8, int6, int5, int4, int16, "
                                      "ternary or binary, without groups",
                                      l->from->tensors[p->weights].name)
                          : add_constants(l, p, &m, inputs);
    mote_matrix_free(&m);
    return done && mote_affine_op(l, p->op, opcode, MOTE_CONV_SHIFTS + 1, inputs, y, params);
}

static product product_of(mote_lowering *l, const mote_op *op, int32_t *low_high)
{
    product p = {.op = op,
                 .x = op->inputs[MOTE_CONV_X],
                 .weights = op->inputs[MOTE_CONV_WEIGHTS],
                 .bias = op->inputs[MOTE_CONV_BIAS],
                 .folds_zero = op->opcode != MOTE_OP_CONV_TRANSPOSE,
                 .y = mote_affine_end(l, op, low_high)};
    p.from = mote_affine_form_of(l, p.x);
    p.to = mote_affine_form_of(l, p.y);
    return p;
}

static bool lower_conv(mote_lowering *l, const mote_op *op)
{
    int32_t params[MOTE_CONV_ROUNDING + 1];
    for (int i = 0; i <= MOTE_CONV_ROUNDING; i++)
        params[i] = op->params[i];
    const product p = product_of(l, op, &params[MOTE_CONV_LOW]);
    return add_product(l, &p, op->opcode, l->lowered[p.x].tensor, mote_affine_result(l, p.y), params);
}

/* A layer is a convolution of one pixel over an image of one row. */
bool mote_affine_linear(mote_lowering *l, const mote_op *op)
{
    int32_t params[MOTE_CONV_ROUNDING + 1] = {
        [MOTE_CONV_KERNEL_HEIGHT] = 1, [MOTE_CONV_KERNEL_WIDTH] = 1,    [MOTE_CONV_STRIDE_HEIGHT] = 1,
        [MOTE_CONV_STRIDE_WIDTH] = 1,  [MOTE_CONV_DILATION_HEIGHT] = 1, [MOTE_CONV_DILATION_WIDTH] = 1,
        [MOTE_CONV_PARTS] = 1};
    const product p = product_of(l, op, &params[MOTE_CONV_LOW]);
    const uint32_t *shape = l->from->tensors[p.weights].dims;
    const uint32_t count = (uint32_t)(mote_tensor_elements(&l->from->tensors[p.x]) / shape[1]);
    const int x = mote_affine_scratch(l, op, ".inputs", &p.from, MOTE_ACTIVATION, 3, (uint32_t[]){1, count, shape[1]});
    const int y = mote_affine_scratch(l, op, ".sums", &p.to, MOTE_ACTIVATION, 3, (uint32_t[]){1, count, shape[0]});
    return mote_affine_view(l, op, l->lowered[p.x].tensor, x) && add_product(l, &p, MOTE_OP_CONV, x, y, params) &&
           mote_affine_view(l, op, y, mote_affine_result(l, p.y));
}

static bool lower_matmul(mote_lowering *l, const mote_op *op)
{
    int32_t params[MOTE_MATMUL_ROUNDING + 1] = {[MOTE_MATMUL_TRANSPOSED] = op->params[MOTE_MATMUL_TRANSPOSED]};
    mote_affine_form a, b;
    const int inputs[] = {mote_affine_operand(l, op->inputs[MOTE_MATMUL_A], NULL, &a),
                          mote_affine_operand(l, op->inputs[MOTE_MATMUL_B], NULL, &b)};
    const int y = mote_affine_end(l, op, &params[MOTE_MATMUL_LOW]);
    mote_affine_put(&params[MOTE_MATMUL_MULTIPLIER],
                    mote_factor_of((double)a.scale * (double)b.scale / (double)l->lowered[y].scale));
    return inputs[0] >= 0 && inputs[1] >= 0 &&
           mote_affine_op(l, op, MOTE_OP_MATMUL, 2, inputs, mote_affine_result(l, y), params);
}

const mote_lowering_rule mote_lower_conv = {.affine = lower_conv};
const mote_lowering_rule mote_lower_conv_transpose = {.affine = lower_conv};
const mote_lowering_rule mote_lower_matmul = {.affine = lower_matmul};
