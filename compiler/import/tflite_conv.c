/* CONV_2D, DEPTHWISE_CONV_2D, TRANSPOSE_CONV, FULLY_CONNECTED: products with constant weights. */
#include <string.h>

#include "compiler/import/tflite_import.h"
#include "compiler/import/tflite_window.h"

enum { WEIGHTS = 1 };

/* A product, with the sizes of its weights. */
typedef struct product {
    const mote_tflite_operator *op;
    uint32_t x_at, bias_at; /* among the inputs */
    const mote_tflite_tensor *x, *w, *bias, *y;
    uint32_t rows, columns;
    bool by_column; /* the file has the weights as [columns, rows] */
    int64_t activation;
} product;

static const char *check_types(const mote_tflite_import *p, const product *q)
{
    if (!q->w)
        return "with weights that are not constant";
    if (mote_tflite_at(&q->op->inputs, q->bias_at) >= 0 && !q->bias)
        return "with a bias that is not constant";
    if (q->activation < MOTE_TFLITE_NONE || q->activation > MOTE_TFLITE_ACT_RELU6)
        return "with another fused activation than relu, relu6 or relu_n1_to_1";
    if (q->w->scales.count > 1 && q->w->axis != (q->op->code == MOTE_TFLITE_OP_DEPTHWISE_CONV_2D ? 3 : 0))
        return "with scales along another axis than the output channels";
    if (!p->g->packed)
        return q->w->type == MOTE_TFLITE_F32 || q->w->type == MOTE_TFLITE_F16 || q->w->type == MOTE_TFLITE_I8
                   ? NULL
                   : "with weights of this type";
    if (q->x->type != q->y->type || (q->x->type != MOTE_TFLITE_I8 && q->x->type != MOTE_TFLITE_I16))
        return "of other types than int8 or int16 to the same; convert with int8 activations";
    if (q->w->type != MOTE_TFLITE_I8)
        return "with other weights than int8";
    if (q->bias && q->bias->type != MOTE_TFLITE_I32 && q->bias->type != MOTE_TFLITE_I64)
        return "with a bias of this type";
    if (q->x->type == MOTE_TFLITE_I16 && q->bias && q->bias->type != MOTE_TFLITE_I64)
        return "of int16 with a bias of 32 bits; convert with biases of 64 bits";
    for (uint32_t i = 0; i < q->w->zero_points.count; i++)
        if (mote_tflite_zero_point(q->w, i))
            return "with a zero point of its weights";
    if (!(mote_tflite_scale(q->x, 0) > 0 && mote_tflite_scale(q->y, 0) > 0 && q->w->scales.count > 0))
        return "without scales";
    return NULL;
}

static size_t index_of(const product *q, uint32_t row, uint32_t column)
{
    return q->by_column ? (size_t)column * q->rows + row : (size_t)row * q->columns + column;
}

/* Sets the proved bound of the sums; 0 if it needs more than 31 bits. */
static void set_bound(mote_tflite_import *p, const product *q, int weights, int bias)
{
    mote_tensor *w = &p->g->tensors[weights];
    /* x less its zero point has 9 bits */
    const bool whole = q->op->code == MOTE_TFLITE_OP_TRANSPOSE_CONV;
    const int64_t limit = q->x->type == MOTE_TFLITE_I16 ? 32768 : whole ? 256 : 128;
    int64_t most = 1;
    for (uint32_t r = 0; r < q->rows; r++) {
        const int64_t start = bias < 0 ? 0 : ((const int32_t *)p->g->tensors[bias].data)[r];
        int64_t sum = start < 0 ? -start : start;
        for (uint32_t c = 0; c < q->columns; c++) {
            const int8_t weight = ((const int8_t *)w->data)[(size_t)r * q->columns + c];
            sum += limit * (weight < 0 ? -weight : weight);
        }
        most = sum > most ? sum : most;
    }
    w->bound = most <= INT32_MAX ? (uint32_t)most : 0;
}

static int add_weights(mote_tflite_import *p, const product *q)
{
    const uint32_t dims[] = {q->rows, q->columns};
    const int tensor = mote_tflite_add_constant(p, q->op, WEIGHTS, "", p->g->packed ? MOTE_I8 : MOTE_F32, 2, dims);
    if (tensor < 0)
        return -1;
    if (!p->g->packed && !q->by_column)
        return mote_tflite_copy_real(p, q->w, tensor) ? tensor : -1;
    for (uint32_t r = 0; r < q->rows; r++)
        for (uint32_t c = 0; c < q->columns; c++) {
            const size_t to = (size_t)r * q->columns + c, from = index_of(q, r, c);
            if (p->g->packed)
                ((int8_t *)p->g->tensors[tensor].data)[to] = (int8_t)q->w->data[from];
            else if (!mote_tflite_copy_real_at(p, q->w, (uint32_t)from, tensor, to))
                return -1;
        }
    return tensor;
}

/* Adds the bias less the zero point of x times the sum of the weights: sums then need no zero point. Returns −1 for no
 * bias, −2 after a failure. */
static int add_bias(mote_tflite_import *p, const product *q, int weights)
{
    const bool folds = p->g->packed && q->op->code != MOTE_TFLITE_OP_TRANSPOSE_CONV;
    const int32_t zero = folds ? mote_tflite_zero_point(q->x, 0) : 0;
    if (!q->bias && !zero)
        return -1;
    const int tensor = mote_tflite_add_constant(p, q->op, q->bias_at, q->bias ? "" : ".bias",
                                                p->g->packed ? MOTE_I32 : MOTE_F32, 1, &q->rows);
    if (tensor < 0)
        return -2;
    mote_tensor *t = &p->g->tensors[tensor];
    if (!p->g->packed)
        return mote_tflite_copy_real(p, q->bias, tensor) ? tensor : -2;
    for (uint32_t r = 0; r < q->rows; r++) {
        const int8_t *row = (const int8_t *)p->g->tensors[weights].data + (size_t)r * q->columns;
        int64_t sum = 0;
        for (uint32_t c = 0; c < q->columns; c++)
            sum += row[c];
        const int64_t bias = q->bias ? mote_tflite_integer(q->bias, r) : 0, value = bias - sum * zero;
        if (bias < INT32_MIN || bias > INT32_MAX || value < INT32_MIN || value > INT32_MAX) {
            mote_fail(p->error, MOTE_E_UNSUPPORTED, "%s: the bias %s needs more than 32 bits", p->model->path, t->name);
            return -2;
        }
        ((int32_t *)t->data)[r] = (int32_t)value;
    }
    return tensor;
}

static double real_factor(const product *q, uint32_t row, bool as_float)
{
    const float x = mote_tflite_scale(q->x, 0), w = mote_tflite_scale(q->w, row), y = mote_tflite_scale(q->y, 0);
    return as_float ? (double)(x * w) / (double)y : (double)x * (double)w / (double)y;
}

static bool add_factors(mote_tflite_import *p, const product *q, int *multipliers, int *shifts)
{
    const bool as_float = q->op->code == MOTE_TFLITE_OP_FULLY_CONNECTED && q->w->scales.count == 1;
    *multipliers = mote_tflite_add_constant(p, q->op, WEIGHTS, ".multiplier", MOTE_I32, 1, &q->rows);
    *shifts = mote_tflite_add_constant(p, q->op, WEIGHTS, ".shift", MOTE_I8, 1, &q->rows);
    if (*multipliers < 0 || *shifts < 0)
        return false;
    for (uint32_t r = 0; r < q->rows; r++) {
        const mote_factor f = mote_factor_of(real_factor(q, r, as_float));
        if (f.shift > 30)
            return mote_fail(p->error, MOTE_E_UNSUPPORTED, "%s: the scales of %s ask for a factor of 2^%d",
                             p->model->path, p->g->tensors[*multipliers].name, f.shift);
        ((int32_t *)p->g->tensors[*multipliers].data)[r] = f.multiplier;
        ((int8_t *)p->g->tensors[*shifts].data)[r] = (int8_t)f.shift;
    }
    return true;
}

/* Adds the constants of a product and the operator. Returns its result, −1 with a message. */
static int add_product(mote_tflite_import *p, const product *q, mote_opcode opcode, int x, int32_t *params)
{
    int inputs[MOTE_CONV_SHIFTS + 1] = {x, -1, -1, -1, -1, -1};
    inputs[MOTE_CONV_WEIGHTS] = add_weights(p, q);
    if (inputs[MOTE_CONV_WEIGHTS] < 0)
        return -1;
    inputs[MOTE_CONV_BIAS] = add_bias(p, q, inputs[MOTE_CONV_WEIGHTS]);
    if (inputs[MOTE_CONV_BIAS] < -1)
        return -1;
    if (p->g->packed) {
        set_bound(p, q, inputs[MOTE_CONV_WEIGHTS], inputs[MOTE_CONV_BIAS]);
        if (!add_factors(p, q, &inputs[MOTE_CONV_MULTIPLIER], &inputs[MOTE_CONV_SHIFTS]))
            return -1;
        mote_tflite_limits(q->y, q->activation, &params[MOTE_CONV_LOW], &params[MOTE_CONV_HIGH]);
    }
    const int count = opcode == MOTE_OP_LINEAR ? MOTE_LINEAR_BIAS + 1 : MOTE_CONV_SHIFTS + 1;
    return mote_tflite_activate(p, q->y, mote_tflite_make(p, q->y, opcode, count, inputs, params), q->activation);
}

static product product_of(const mote_tflite_import *p, const mote_tflite_operator *op, int activation_field)
{
    mote_flat_table options = op->options;
    const bool transposed = op->code == MOTE_TFLITE_OP_TRANSPOSE_CONV;
    const uint32_t x_at = transposed ? 2 : 0, bias_at = transposed ? 3 : 2;
    return (product){.op = op,
                     .x_at = x_at,
                     .bias_at = bias_at,
                     .x = mote_tflite_input(p, op, x_at),
                     .w = mote_tflite_constant(p, op, WEIGHTS),
                     .bias = mote_tflite_constant(p, op, bias_at),
                     .y = mote_tflite_output(p, op),
                     .activation = mote_flat_int(&options, activation_field, 1, 0)};
}

/* Reads the shape of the weights. Returns what is not supported, NULL if nothing. */
static const char *read_conv(const mote_tflite_import *p, product *q, int32_t *parts)
{
    const bool depthwise = q->op->code == MOTE_TFLITE_OP_DEPTHWISE_CONV_2D;
    if (!q->x || q->x->rank != 4 || q->x->dims[0] != 1)
        return "of more than one image";
    if (!q->w || q->w->rank != 4 || !q->w->elements)
        return "with weights that are not constant";
    q->by_column = depthwise;
    q->rows = (uint32_t)q->w->dims[depthwise ? 3 : 0];
    q->columns = q->w->elements / q->rows;
    const int32_t channels = q->x->dims[3], each = q->w->dims[3];
    if (!channels || (!depthwise && channels % each) || (depthwise && q->w->dims[0] != 1))
        return "with weights that do not divide its channels";
    *parts = depthwise ? channels : channels / each;
    if (q->bias && q->bias->elements != q->rows)
        return "with a bias of another length";
    return check_types(p, q);
}

bool mote_tflite_conv(mote_tflite_import *p, const mote_tflite_operator *op)
{
    const bool depthwise = op->code == MOTE_TFLITE_OP_DEPTHWISE_CONV_2D;
    product q = product_of(p, op, depthwise ? 4 : 3);
    int32_t params[MOTE_CONV_ROUNDING + 1] = {0};
    const mote_tflite_value none = {0}, *v = q.x ? &p->values[mote_tflite_at(&op->inputs, q.x_at)] : &none;
    const mote_tflite_operator *last = op;
    if (v->block[0]) { /* between SPACE_TO_BATCH_ND and BATCH_TO_SPACE_ND */
        last = &p->model->operators[p->values[mote_tflite_at(&op->outputs, 0)].reader];
        q.x = &p->model->tensors[v->source];
        q.y = mote_tflite_output(p, last);
    }
    const char *why = read_conv(p, &q, &params[MOTE_CONV_PARTS]);
    if (why)
        return mote_tflite_refuse(p, op, why);
    mote_flat_table options = op->options;
    const mote_tflite_window w = {.kernel = {q.w->dims[1], q.w->dims[2]},
                                  .stride_field = 1,
                                  .dilation_field = depthwise ? 5 : 4,
                                  .pads = v->pads};
    if (!mote_tflite_window_params(&w, &options, q.x, &params[MOTE_CONV_KERNEL_HEIGHT]))
        return mote_tflite_refuse(p, op, "with an invalid stride or dilation");
    for (int i = 0; i < 2 && v->block[0]; i++)
        params[MOTE_CONV_DILATION_HEIGHT + i] = v->block[i];
    const int x = mote_tflite_operand(p, op, q.x_at);
    return x >= 0 && mote_tflite_finish(p, last, 0, add_product(p, &q, MOTE_OP_CONV, x, params));
}

/* The window moves over the result; what it leaves there at the end is negative padding. */
bool mote_tflite_conv_transpose(mote_tflite_import *p, const mote_tflite_operator *op)
{
    static const int32_t none[4];
    product q = product_of(p, op, 3);
    int32_t params[MOTE_CONV_TRANSPOSE_ROUNDING + 1] = {0};
    const char *why = read_conv(p, &q, &params[MOTE_CONV_TRANSPOSE_PARTS]);
    if (!why && (q.y->rank != 4 || params[MOTE_CONV_TRANSPOSE_PARTS] != 1))
        why = "with weights that do not fit its channels";
    if (why)
        return mote_tflite_refuse(p, op, why);
    mote_flat_table options = op->options;
    const mote_tflite_window w = {.kernel = {q.w->dims[1], q.w->dims[2]}, .stride_field = 1, .pads = none};
    int32_t *window = &params[MOTE_CONV_TRANSPOSE_KERNEL_HEIGHT];
    if (!mote_tflite_window_params(&w, &options, q.y, window))
        return mote_tflite_refuse(p, op, "with an invalid stride");
    for (int i = 0; i < 2; i++) { /* rows, columns */
        const int64_t whole = (q.x->dims[1 + i] - (int64_t)1) * window[MOTE_WINDOW_STRIDE_HEIGHT + i] + w.kernel[i];
        const int64_t after = whole - window[MOTE_WINDOW_TOP + i] - q.y->dims[1 + i];
        if (after < -INT32_MAX || after > INT32_MAX)
            return mote_tflite_refuse(p, op, "with an invalid shape");
        window[MOTE_WINDOW_BOTTOM + i] = (int32_t)after;
    }
    const int x = mote_tflite_operand(p, op, q.x_at);
    return x >= 0 && mote_tflite_finish(p, op, 0, add_product(p, &q, MOTE_OP_CONV_TRANSPOSE, x, params));
}

/* Packed, it is a convolution with a window of one place over an image of one row. */
bool mote_tflite_fully_connected(mote_tflite_import *p, const mote_tflite_operator *op)
{
    product q = product_of(p, op, 0);
    int32_t params[MOTE_CONV_ROUNDING + 1] = {0};
    mote_flat_table options = op->options;
    if (!q.x || !q.w || q.w->rank != 2 || !q.w->elements)
        return mote_tflite_refuse(p, op, "with weights that are not constant");
    q.rows = (uint32_t)q.w->dims[0];
    q.columns = (uint32_t)q.w->dims[1];
    const char *why = check_types(p, &q);
    if (!why && mote_flat_int(&options, 1, 1, 0) != 0)
        why = "with shuffled weights";
    if (!why && (q.x->elements % q.columns || (q.bias && q.bias->elements != q.rows)))
        why = "with operands of other lengths than its weights";
    if (why)
        return mote_tflite_refuse(p, op, why);
    int x = mote_tflite_operand(p, op, q.x_at);
    const uint32_t rows = q.x->elements / q.columns, image[] = {1, rows, q.columns}, matrix[] = {rows, q.columns};
    if (x >= 0)
        x = p->g->packed ? mote_tflite_view(p, q.x, x, 3, image)
                         : mote_tflite_view(p, q.x, x, 2 - (rows == 1), matrix + (rows == 1));
    for (int i = MOTE_CONV_KERNEL_HEIGHT; p->g->packed && i <= MOTE_CONV_DILATION_WIDTH; i++)
        params[i] = 1;
    params[MOTE_CONV_PARTS] = 1;
    return x >= 0 && mote_tflite_finish(p, op, 0,
                                        add_product(p, &q, p->g->packed ? MOTE_OP_CONV : MOTE_OP_LINEAR, x,
                                                    p->g->packed ? params : (int32_t[MOTE_CONV_ROUNDING + 1]){0}));
}
