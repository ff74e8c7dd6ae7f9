#include "compiler/import/tflite_import.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "compiler/graph/functions.h"
#include "compiler/graph/operator.h"
#include "compiler/pack/codes.h"

static bool no_memory(const mote_tflite_import *p)
{
    return mote_fail(p->error, MOTE_E_INTERNAL, "%s: out of memory, or more tensors than a model may have",
                     p->model->path);
}

static bool fail_operator(const mote_tflite_import *p, const mote_tflite_operator *op, const char *why)
{
    return mote_fail(p->error, MOTE_E_FORMAT, "%s: operator %td (%s) %s", p->model->path, op - p->model->operators,
                     mote_tflite_operator_name(op->code), why);
}

const mote_tflite_tensor *mote_tflite_input(const mote_tflite_import *p, const mote_tflite_operator *op, uint32_t i)
{
    const int index = mote_tflite_at(&op->inputs, i);
    return index < 0 ? NULL : &p->model->tensors[index];
}

const mote_tflite_tensor *mote_tflite_output(const mote_tflite_import *p, const mote_tflite_operator *op)
{
    return &p->model->tensors[mote_tflite_at(&op->outputs, 0)];
}

const mote_tflite_tensor *mote_tflite_constant(const mote_tflite_import *p, const mote_tflite_operator *op, uint32_t i)
{
    const int index = mote_tflite_at(&op->inputs, i);
    const int constant = index < 0 ? -1 : p->values[index].constant;
    return constant < 0 ? NULL : &p->model->tensors[constant];
}

int mote_tflite_dropped(const mote_tflite_tensor *t)
{
    return t->rank > 1 && t->dims[0] == 1;
}

int mote_tflite_axis(const mote_tflite_tensor *t, int64_t axis)
{
    const int64_t wanted = axis < 0 ? axis + t->rank : axis;
    return wanted < mote_tflite_dropped(t) || wanted >= t->rank ? -1 : (int)wanted - mote_tflite_dropped(t);
}

bool mote_tflite_alike(const mote_tflite_tensor *a, const mote_tflite_tensor *b)
{
    return a->type == b->type && mote_tflite_scale(a, 0) == mote_tflite_scale(b, 0) &&
           mote_tflite_zero_point(a, 0) == mote_tflite_zero_point(b, 0);
}

static mote_dtype dtype_of(int type)
{
    static const struct {
        mote_tflite_type type;
        mote_dtype dtype;
    } types[] = {{MOTE_TFLITE_F32, MOTE_F32},
                 {MOTE_TFLITE_I32, MOTE_I32},
                 {MOTE_TFLITE_U8, MOTE_U8},
                 {MOTE_TFLITE_I16, MOTE_I16},
                 {MOTE_TFLITE_I8, MOTE_I8}};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if ((int)types[i].type == type)
            return types[i].dtype;
    return MOTE_DTYPE_COUNT;
}

/* Writes the shape without a batch of 1. Returns the rank; 0 if a graph cannot have this shape. */
static int shape_of(const mote_tflite_tensor *t, uint32_t dims[MOTE_RANK])
{
    const int dropped = mote_tflite_dropped(t), rank = t->rank ? t->rank - dropped : 1;
    if (rank > MOTE_RANK || !t->elements)
        return 0;
    for (int i = 0; i < MOTE_RANK; i++)
        dims[i] = i < t->rank - dropped ? (uint32_t)t->dims[i + dropped] : 1;
    return rank;
}

static void set_quantization(mote_tensor *to, const mote_tflite_tensor *from)
{
    if (to->dtype != MOTE_F32 && from->scales.count == 1)
        to->quantization = (mote_tensor_quantization){
            .scale = mote_tflite_scale(from, 0), .zero_point = mote_tflite_zero_point(from, 0), .axis = -1};
}

/* Writes a name as a model may have it: valid UTF-8 without control characters. */
static void clean_name(const mote_flat_vector *name, const char *suffix, char out[MOTE_TFLITE_NAME + 48])
{
    const char *text = (const char *)mote_flat_data(name);
    size_t used = 0;
    for (uint32_t i = 0; i < name->count && used < MOTE_TFLITE_NAME;) {
        const size_t length = mote_utf8_length(text + i, name->count - i);
        const bool plain = length > 1 || (length == 1 && (uint8_t)text[i] >= ' ' && text[i] != 0x7f);
        if (used + length > MOTE_TFLITE_NAME)
            break;
        if (plain)
            memcpy(out + used, text + i, length);
        else
            out[used] = '_';
        used += plain ? length : 1;
        i += length ? (uint32_t)length : 1;
    }
    snprintf(out + used, 24, "%s", used || suffix[0] ? suffix : "tensor");
}

/* Writes such a name that no tensor has yet. */
static void free_name(mote_tflite_import *p, const mote_flat_vector *name, const char *suffix,
                      char out[MOTE_TFLITE_NAME + 48])
{
    clean_name(name, suffix, out);
    const size_t end = strlen(out);
    while (mote_graph_find(p->g, out) >= 0)
        snprintf(out + end, 24, "#%d", ++p->names + 1);
}

/* Adds a tensor without data of its own name. */
static int add_tensor(mote_tflite_import *p, const mote_tflite_tensor *like, const char *suffix, mote_dtype dtype,
                      mote_role role, int rank, const uint32_t *dims)
{
    char name[MOTE_TFLITE_NAME + 48];
    free_name(p, &like->name, suffix, name);
    const int tensor = mote_graph_tensor(p->g, name, dtype, role, rank, dims);
    if (tensor < 0)
        no_memory(p);
    return tensor;
}

int mote_tflite_add_input(mote_tflite_import *p, const mote_tflite_tensor *t, const mote_tflite_tensor *like)
{
    uint32_t dims[MOTE_RANK];
    const int rank = shape_of(t, dims);
    const mote_dtype dtype = dtype_of(like->type);
    if (!rank || dtype == MOTE_DTYPE_COUNT || (dtype == MOTE_F32) == p->g->packed) {
        mote_fail(p->error, MOTE_E_UNSUPPORTED, "%s: tensor %td is an input of a type or shape that is not supported",
                  p->model->path, t - p->model->tensors);
        return -1;
    }
    const int tensor = add_tensor(p, t, "", dtype, MOTE_INPUT, rank, dims);
    if (tensor >= 0)
        set_quantization(&p->g->tensors[tensor], like);
    return tensor;
}

/* The outputs of a graph are in the order of its tensors. A tensor that is an input, an output already or too early
 * gets a view as the output. */
bool mote_tflite_add_output(mote_tflite_import *p, const mote_tflite_tensor *t, int tensor)
{
    const mote_tensor *from = &p->g->tensors[tensor];
    int32_t params[MOTE_RANK] = {0};
    bool late = from->role == MOTE_ACTIVATION;
    for (int i = tensor + 1; i < p->g->tensor_count && late; i++)
        late = p->g->tensors[i].role != MOTE_OUTPUT;
    for (int i = 0; i < from->rank; i++)
        params[i] = (int32_t)from->dims[i];
    if (!late) {
        const mote_tflite_tensor *like = t;
        tensor = mote_tflite_make(p, like, MOTE_OP_RESHAPE, 1, &tensor, params);
    }
    if (tensor >= 0)
        p->g->tensors[tensor].role = MOTE_OUTPUT;
    return tensor >= 0;
}

int mote_tflite_add_constant(mote_tflite_import *p, const mote_tflite_operator *op, uint32_t input, const char *suffix,
                             mote_dtype dtype, int rank, const uint32_t *dims)
{
    const mote_tflite_tensor *like = mote_tflite_input(p, op, input);
    mote_tensor t = {.dtype = dtype, .rank = rank};
    for (int i = 0; i < MOTE_RANK; i++)
        t.dims[i] = i < rank ? dims[i] : 1;
    const uint64_t size = mote_tensor_size(&t);
    if (size > p->room) {
        mote_fail(p->error, MOTE_E_UNSUPPORTED, "%s: its constants take more than eight times its size",
                  p->model->path);
        return -1;
    }
    p->room -= size;
    return add_tensor(p, like ? like : mote_tflite_output(p, op), suffix, dtype, MOTE_CONSTANT, rank, dims);
}

/* Returns the index of the scale of element i. */
static uint32_t scale_index(const mote_tflite_tensor *t, uint32_t i)
{
    uint32_t stride = 1;
    for (int k = t->axis + 1; k < t->rank && t->scales.count > 1; k++)
        stride *= (uint32_t)t->dims[k];
    return t->scales.count > 1 ? i / stride % t->scales.count : 0;
}

static float real_at(const mote_tflite_tensor *t, uint32_t i)
{
    if (t->type == MOTE_TFLITE_F32)
        return mote_flat_f32(t->data + 4 * (size_t)i);
    if (t->type == MOTE_TFLITE_F16)
        return mote_half_value((uint16_t)(t->data[2 * (size_t)i] | t->data[2 * (size_t)i + 1] << 8));
    const uint32_t k = scale_index(t, i);
    const float scale = t->scales.count ? mote_tflite_scale(t, k) : 1;
    return scale * (float)(mote_tflite_integer(t, i) - mote_tflite_zero_point(t, k));
}

bool mote_tflite_copy_real_at(mote_tflite_import *p, const mote_tflite_tensor *from, uint32_t i, int tensor, size_t to)
{
    const mote_tensor *t = &p->g->tensors[tensor];
    const float value = real_at(from, i);
    ((float *)t->data)[to] = value;
    return isfinite(value) || p->allow_nonfinite ||
           mote_fail(p->error, MOTE_E_FORMAT, "%s: value %" PRIu32 " of %s is %s; --allow-nonfinite accepts it",
                     p->model->path, i, t->name, isnan(value) ? "NaN" : "infinite");
}

bool mote_tflite_copy_real(mote_tflite_import *p, const mote_tflite_tensor *from, int tensor)
{
    if (from->scales.count > 1 && from->axis < 0)
        return mote_fail(p->error, MOTE_E_FORMAT, "%s: tensor %td has scales that do not fit its dimensions",
                         p->model->path, from - p->model->tensors);
    for (uint32_t i = 0; i < from->elements; i++)
        if (!mote_tflite_copy_real_at(p, from, i, tensor, i))
            return false;
    return true;
}

/* Adds a constant operand of a value: real in a float graph, else in its own type. */
static int constant_operand(mote_tflite_import *p, const mote_tflite_operator *op, uint32_t i)
{
    const mote_tflite_tensor *shape = mote_tflite_input(p, op, i), *from = mote_tflite_constant(p, op, i);
    uint32_t dims[MOTE_RANK];
    const int rank = shape_of(shape, dims);
    const mote_dtype dtype = p->g->packed ? dtype_of(from->type) : MOTE_F32;
    if (!rank || dtype == MOTE_DTYPE_COUNT) {
        fail_operator(p, op, "has a constant of a type or shape that no operator takes");
        return -1;
    }
    const int tensor = mote_tflite_add_constant(p, op, i, "", dtype, rank, dims);
    if (tensor < 0)
        return -1;
    mote_tensor *t = &p->g->tensors[tensor];
    set_quantization(t, from);
    if (dtype == MOTE_F32)
        return mote_tflite_copy_real(p, from, tensor) ? tensor : -1;
    memcpy(t->data, from->data, (size_t)from->elements * mote_tflite_type_size(from->type));
    return tensor;
}

int mote_tflite_operand(mote_tflite_import *p, const mote_tflite_operator *op, uint32_t i)
{
    const int index = mote_tflite_at(&op->inputs, i);
    if (index >= 0 && p->values[index].tensor >= 0)
        return p->values[index].tensor;
    if (index >= 0 && p->values[index].constant >= 0)
        return constant_operand(p, op, i);
    fail_operator(p, op, index < 0 ? "lacks an input" : "reads a tensor before any operator makes it");
    return -1;
}

int mote_tflite_make(mote_tflite_import *p, const mote_tflite_tensor *like, mote_opcode opcode, int input_count,
                     const int *inputs, const int32_t *params)
{
    char name[MOTE_TFLITE_NAME + 48];
    mote_shape shapes[MOTE_MOST_OUTPUTS];
    mote_error why;
    clean_name(&like->name, "", name);
    const int absent = -1, index = mote_graph_op(p->g, name, opcode, input_count, inputs, 1, &absent);
    if (index < 0) {
        no_memory(p);
        return -1;
    }
    mote_op *op = &p->g->ops[index];
    for (int i = 0; params && i < op->param_count; i++)
        op->params[i] = params[i];
    if (!mote_op_infer(p->g, op, shapes, &why)) {
        mote_fail(p->error, MOTE_E_FORMAT, "%s: %.450s", p->model->path, why.text);
        return -1;
    }
    const mote_dtype dtype = p->g->packed ? dtype_of(like->type) : MOTE_F32;
    if (dtype == MOTE_DTYPE_COUNT || !(shapes[0].dtypes & MOTE_BIT(dtype))) {
        mote_fail(p->error, MOTE_E_UNSUPPORTED, "%s: operator %s (%s) cannot have a result of type %d", p->model->path,
                  op->name, mote_operator_of(opcode)->name, like->type);
        return -1;
    }
    const int tensor = add_tensor(p, like, "", dtype, MOTE_ACTIVATION, shapes[0].rank, shapes[0].dims);
    if (tensor < 0)
        return -1;
    set_quantization(&p->g->tensors[tensor], like);
    p->g->ops[index].outputs[0] = tensor;
    return tensor;
}

int mote_tflite_view(mote_tflite_import *p, const mote_tflite_tensor *like, int tensor, int rank, const uint32_t *dims)
{
    mote_tensor *t = &p->g->tensors[tensor], wanted = {.dtype = t->dtype, .rank = rank};
    int32_t params[MOTE_RANK] = {0};
    for (int i = 0; i < MOTE_RANK; i++) {
        wanted.dims[i] = i < rank ? dims[i] : 1;
        params[i] = i < rank ? (int32_t)dims[i] : 0;
    }
    if (t->rank == rank && memcmp(t->dims, wanted.dims, sizeof t->dims) == 0)
        return tensor;
    if (t->role == MOTE_CONSTANT && mote_tensor_elements(t) == mote_tensor_elements(&wanted)) { /* of one use */
        t->rank = rank;
        memcpy(t->dims, wanted.dims, sizeof t->dims);
        return tensor;
    }
    return mote_tflite_make(p, like, MOTE_OP_RESHAPE, 1, &tensor, params);
}

int mote_tflite_activate(mote_tflite_import *p, const mote_tflite_tensor *like, int tensor, int64_t activation)
{
    int32_t params[MOTE_MAP_BETA + 1] = {MOTE_FUNCTION_CLIP};
    const float low = activation == MOTE_TFLITE_ACT_RELU_N1_TO_1 ? -1 : 0;
    const float high = activation == MOTE_TFLITE_ACT_RELU6 ? 6 : 1;
    if (activation == MOTE_TFLITE_NONE || p->g->packed || tensor < 0)
        return tensor;
    if (activation == MOTE_TFLITE_ACT_RELU)
        params[MOTE_MAP_FUNCTION] = MOTE_FUNCTION_RELU;
    else {
        memcpy(&params[MOTE_MAP_ALPHA], &low, sizeof low);
        memcpy(&params[MOTE_MAP_BETA], &high, sizeof high);
    }
    return mote_tflite_make(p, like, MOTE_OP_MAP, 1, &tensor, params);
}

/* Gives the last tensor of a conversion the name in the file, which the first one got. */
static void name_last(mote_tflite_import *p, const mote_tflite_tensor *like, int last)
{
    char wanted[MOTE_TFLITE_NAME + 48];
    clean_name(&like->name, "", wanted);
    const int first = mote_graph_find(p->g, wanted);
    if (first >= p->first && first < last)
        mote_graph_swap_names(p->g, first, last);
}

bool mote_tflite_finish(mote_tflite_import *p, const mote_tflite_operator *op, uint32_t output, int tensor)
{
    const int index = mote_tflite_at(&op->outputs, output);
    uint32_t dims[MOTE_RANK];
    if (tensor < 0)
        return false;
    const mote_tflite_tensor *like = &p->model->tensors[index];
    const int rank = shape_of(like, dims);
    if (p->values[index].tensor >= 0 || p->values[index].constant >= 0)
        return fail_operator(p, op, "makes a tensor that exists already");
    if (!rank || like->elements != mote_tensor_elements(&p->g->tensors[tensor]))
        return fail_operator(p, op, "does not make a result of the shape that the file states");
    const int last = mote_tflite_view(p, like, tensor, rank, dims);
    if (last >= 0)
        name_last(p, like, last);
    p->values[index].tensor = last;
    return last >= 0;
}

bool mote_tflite_same(mote_tflite_import *p, const mote_tflite_operator *op)
{
    const int from = mote_tflite_at(&op->inputs, 0), to = mote_tflite_at(&op->outputs, 0);
    if (from < 0 || p->values[to].tensor >= 0 || p->values[to].constant >= 0)
        return fail_operator(p, op, "lacks an input, or makes a tensor that exists already");
    if (p->values[from].tensor < 0 && p->values[from].constant < 0)
        return fail_operator(p, op, "reads a tensor before any operator makes it");
    if (p->model->tensors[from].elements != p->model->tensors[to].elements)
        return fail_operator(p, op, "does not make a result of the shape that the file states");
    p->values[to].constant = p->values[from].constant;
    if (p->values[from].tensor >= 0 && !mote_tflite_finish(p, op, 0, p->values[from].tensor))
        return false;
    if (p->values[to].tensor == p->values[from].tensor)
        p->folded[op->code & 255]++;
    return true;
}
