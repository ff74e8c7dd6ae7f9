#include "compiler/import/onnx_import.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/graph/operator.h"

static const int in_order[MOTE_ONNX_RANK] = {0, 1, 2, 3, 4, 5};

bool mote_onnx_fail(mote_onnx_import *p, const char *why)
{
    return mote_fail(p->error, MOTE_E_FORMAT, "%s: node %zu (%.40s) %s", p->path, p->position,
                     p->node->operator_ ? p->node->operator_ : "", why);
}

bool mote_onnx_refuse(mote_onnx_import *p, const char *why)
{
    const size_t used = strlen(p->refused);
    for (size_t i = 0; i < p->node->n_outputs; i++)
        if (p->node->outputs[i][0])
            mote_onnx_find(p, p->node->outputs[i])->refused = true;
    if (used < sizeof p->refused - 100)
        snprintf(p->refused + used, sizeof p->refused - used, "%snode %zu (%.40s)%s%.50s", used ? "; " : "",
                 p->position, p->node->operator_ ? p->node->operator_ : "", why[0] ? ": " : "", why);
    else
        p->unlisted = true;
    return true;
}

static int compare(const void *key, const void *value)
{
    return strcmp(key, ((const mote_onnx_value *)value)->name);
}

mote_onnx_value *mote_onnx_find(const mote_onnx_import *p, const char *name)
{
    return bsearch(name, p->values, p->value_count, sizeof *p->values, compare);
}

mote_onnx_value *mote_onnx_in(const mote_onnx_import *p, size_t i)
{
    return i < p->node->n_inputs && p->node->inputs[i][0] ? mote_onnx_find(p, p->node->inputs[i]) : NULL;
}

const MoteOnnx__Attribute *mote_onnx_attribute(const mote_onnx_import *p, const char *name)
{
    for (size_t i = 0; i < p->node->n_attributes; i++)
        if (p->node->attributes[i]->name && strcmp(p->node->attributes[i]->name, name) == 0)
            return p->node->attributes[i];
    return NULL;
}

int64_t mote_onnx_int(const mote_onnx_import *p, const char *name, int64_t otherwise)
{
    const MoteOnnx__Attribute *a = mote_onnx_attribute(p, name);
    return a ? a->i : otherwise;
}

float mote_onnx_real(const mote_onnx_import *p, const char *name, float otherwise)
{
    const MoteOnnx__Attribute *a = mote_onnx_attribute(p, name);
    return a ? a->f : otherwise;
}

bool mote_onnx_text_is(const mote_onnx_import *p, const char *name, const char *text, bool otherwise)
{
    const MoteOnnx__Attribute *a = mote_onnx_attribute(p, name);
    return a ? a->s.len == strlen(text) && memcmp(a->s.data, text, a->s.len) == 0 : otherwise;
}

static size_t size_of(int32_t type)
{
    return type == MOTE_ONNX_F32 || type == MOTE_ONNX_I32   ? 4
           : type == MOTE_ONNX_I64 || type == MOTE_ONNX_F64 ? 8
           : type == MOTE_ONNX_BOOL                         ? 1
                                                            : 0;
}

size_t mote_onnx_count(const MoteOnnx__Tensor *t)
{
    size_t count = 1;
    for (size_t i = 0; i < t->n_dims; i++)
        count *= (size_t)t->dims[i];
    return count;
}

bool mote_onnx_sound(const MoteOnnx__Tensor *t)
{
    uint64_t count = 1;
    if (!size_of(t->type) || t->n_dims > MOTE_ONNX_RANK || t->location)
        return false;
    for (size_t i = 0; i < t->n_dims; i++) {
        if (t->dims[i] < 0 || t->dims[i] > INT32_MAX || (count *= (uint64_t)t->dims[i]) > INT32_MAX)
            return false;
    }
    const size_t listed = t->type == MOTE_ONNX_F32                                ? t->n_floats
                          : t->type == MOTE_ONNX_I32 || t->type == MOTE_ONNX_BOOL ? t->n_int32s
                          : t->type == MOTE_ONNX_I64                              ? t->n_int64s
                                                                                  : t->n_doubles;
    return t->has_raw ? t->raw.len == count * size_of(t->type) : listed == count;
}

double mote_onnx_at(const MoteOnnx__Tensor *t, size_t i)
{
    union {
        float f;
        double d;
        int32_t i;
        int64_t l;
        uint8_t b;
    } v = {0};
    if (t->has_raw)
        memcpy(&v, t->raw.data + i * size_of(t->type), size_of(t->type));
    switch (t->type) {
    case MOTE_ONNX_F32:
        return (double)(t->has_raw ? v.f : t->floats[i]);
    case MOTE_ONNX_I32:
        return t->has_raw ? v.i : t->int32s[i];
    case MOTE_ONNX_BOOL:
        return t->has_raw ? v.b : t->int32s[i];
    case MOTE_ONNX_I64:
        return (double)(t->has_raw ? v.l : t->int64s[i]);
    default:
        return t->has_raw ? v.d : t->doubles[i];
    }
}

/* Limits a double to the integers that shapes and indices need. */
static int64_t integer(double v)
{
    return v > 0x1p40 ? (int64_t)1 << 40 : v < -0x1p40 ? -((int64_t)1 << 40) : v == v ? (int64_t)v : 0;
}

int mote_onnx_ints(const mote_onnx_import *p, const char *name, size_t i, int64_t *out, int room)
{
    const MoteOnnx__Attribute *a = mote_onnx_attribute(p, name);
    const mote_onnx_value *v = a ? NULL : mote_onnx_in(p, i);
    const size_t count = a ? a->n_ints : v && v->constant ? mote_onnx_count(v->constant) : SIZE_MAX;
    if (count > (size_t)room)
        return -1;
    for (size_t k = 0; k < count; k++)
        out[k] = integer(a ? (double)a->ints[k] : mote_onnx_at(v->constant, k));
    return (int)count;
}

/* Adds a tensor of a free name: that of the node's result without unusual characters, and a number if it is taken. */
static int add_tensor(mote_onnx_import *p, const char *wanted, mote_role role, int rank, const uint32_t *dims)
{
    char name[128];
    snprintf(name, 100, "%s", wanted && wanted[0] ? wanted : "tensor");
    for (char *c = name; *c; c++)
        *c = *c < ' ' || *c > '~' ? '_' : *c;
    const size_t end = strlen(name);
    while (mote_graph_find(p->g, name) >= 0)
        snprintf(name + end, sizeof name - end, "#%d", ++p->names + 1);
    const int tensor = mote_graph_tensor(p->g, name, MOTE_F32, role, rank, dims);
    if (tensor < 0)
        mote_fail(p->error, MOTE_E_INTERNAL, "%s: out of memory, or more tensors than a model may have", p->path);
    return tensor;
}

static const char *result_name(const mote_onnx_import *p)
{
    return p->node ? p->node->outputs[0] : p->output && p->output[0] ? p->output : "output";
}

int mote_onnx_constant(mote_onnx_import *p, int rank, const uint32_t *dims)
{
    char name[100];
    uint64_t size = sizeof(float);
    for (int i = 0; i < rank; i++)
        size = dims[i] && size > UINT64_MAX / dims[i] ? UINT64_MAX : size * dims[i];
    if (!size || size > p->room) {
        mote_fail(p->error, MOTE_E_UNSUPPORTED, "%s: %s", p->path,
                  size ? "its constants take more than eight times its size" : "a constant without values is used");
        return -1;
    }
    p->room -= size;
    snprintf(name, sizeof name, "%.80s.constant", result_name(p));
    return add_tensor(p, name, MOTE_CONSTANT, rank, dims);
}

bool mote_onnx_finite(mote_onnx_import *p, int tensor)
{
    const mote_tensor *t = &p->g->tensors[tensor];
    for (size_t i = 0; i < mote_tensor_elements(t) && !p->allow_nonfinite; i++)
        if (!isfinite(((const float *)t->data)[i]))
            return mote_onnx_fail(p, "has a constant that is not finite; --allow-nonfinite accepts it");
    return true;
}

int mote_onnx_make(mote_onnx_import *p, mote_opcode opcode, int count, const int *inputs, const int32_t *params)
{
    mote_shape shapes[MOTE_MOST_OUTPUTS];
    mote_error why;
    for (int i = 0; i < count; i++)
        if (inputs[i] < 0)
            return -1;
    char name[128];
    snprintf(name, 100, "%s", result_name(p)[0] ? result_name(p) : "node");
    for (char *c = name; *c; c++)
        *c = *c < ' ' || *c > '~' ? '_' : *c;
    const int absent = -1, index = mote_graph_op(p->g, name, opcode, count, inputs, 1, &absent);
    if (index < 0) {
        mote_fail(p->error, MOTE_E_INTERNAL, "%s: out of memory, or more operators than a model may have", p->path);
        return -1;
    }
    mote_op *op = &p->g->ops[index];
    for (int i = 0; params && i < op->param_count; i++)
        op->params[i] = params[i];
    if (!mote_op_infer(p->g, op, shapes, &why)) {
        mote_fail(p->error, MOTE_E_FORMAT, "%s: %.450s", p->path, why.text);
        return -1;
    }
    const int tensor = add_tensor(p, result_name(p), MOTE_ACTIVATION, shapes[0].rank, shapes[0].dims);
    if (tensor >= 0)
        p->g->ops[index].outputs[0] = tensor;
    return tensor;
}

int mote_onnx_view(mote_onnx_import *p, int tensor, int rank, const uint32_t *dims)
{
    int32_t params[MOTE_RANK] = {0};
    if (tensor < 0)
        return -1;
    const mote_tensor *t = &p->g->tensors[tensor];
    if (t->rank == rank && memcmp(t->dims, dims, (size_t)rank * sizeof *dims) == 0)
        return tensor;
    for (int i = 0; i < rank; i++)
        params[i] = (int32_t)dims[i];
    return mote_onnx_make(p, MOTE_OP_RESHAPE, 1, &tensor, params);
}

int mote_onnx_stored(int rank, const int64_t *dims, const int *order, uint32_t out[MOTE_RANK])
{
    const int dropped = rank > 1 && dims[order[0]] == 1;
    for (int i = 0; i < MOTE_RANK; i++)
        out[i] = i + dropped < rank ? (uint32_t)dims[order[i + dropped]] : 1;
    return rank ? rank - dropped : 1;
}

/* Adds a constant with the values of the file in this order of axes. */
static int ordered_constant(mote_onnx_import *p, const mote_onnx_value *v, const int *order)
{
    uint32_t dims[MOTE_RANK];
    size_t strides[MOTE_ONNX_RANK], stride = 1;
    const int rank = mote_onnx_stored(v->rank, v->dims, order, dims);
    const int tensor = mote_onnx_constant(p, rank, dims);
    if (tensor < 0)
        return -1;
    for (int i = v->rank - 1; i >= 0; i--) {
        strides[i] = stride;
        stride *= (size_t)v->dims[i];
    }
    float *to = p->g->tensors[tensor].data;
    for (size_t i = 0; i < stride; i++) {
        size_t rest = i, from = 0;
        for (int k = v->rank - 1; k >= 0; k--) {
            from += rest % (size_t)v->dims[order[k]] * strides[order[k]];
            rest /= (size_t)v->dims[order[k]];
        }
        to[i] = (float)mote_onnx_at(v->constant, from);
    }
    return mote_onnx_finite(p, tensor) ? tensor : -1;
}

int mote_onnx_ordered(mote_onnx_import *p, const mote_onnx_value *v, const int *order)
{
    uint32_t dims[MOTE_RANK];
    int32_t from[MOTE_RANK] = {0};
    if (v->constant)
        return ordered_constant(p, v, order);
    if (memcmp(order, v->order, (size_t)v->rank * sizeof *order) == 0)
        return v->tensor;
    /* The dropped axis stays outside if it is the first of both orders. */
    const int skipped = v->rank > 1 && v->dims[order[0]] == 1 && order[0] == v->order[0];
    for (int i = 0; i < MOTE_RANK; i++)
        dims[i] = i + skipped < v->rank ? (uint32_t)v->dims[v->order[i + skipped]] : 1;
    for (int i = skipped; i < v->rank; i++)
        for (int k = skipped; k < v->rank; k++)
            from[i - skipped] = v->order[k] == order[i] ? k - skipped : from[i - skipped];
    const int whole = mote_onnx_view(p, v->tensor, v->rank - skipped, dims);
    const int turned = whole < 0 ? -1 : mote_onnx_make(p, MOTE_OP_TRANSPOSE, 1, &whole, from);
    return mote_onnx_view(p, turned, mote_onnx_stored(v->rank, v->dims, order, dims), dims);
}

int mote_onnx_plain(mote_onnx_import *p, const mote_onnx_value *v)
{
    return mote_onnx_ordered(p, v, in_order);
}

bool mote_onnx_finish(mote_onnx_import *p, size_t i, int tensor, int rank, const int64_t *dims, const int *order)
{
    uint32_t stored[MOTE_RANK];
    uint64_t count = 1;
    if (tensor < 0)
        return false;
    mote_onnx_value *v = i < p->node->n_outputs ? mote_onnx_find(p, p->node->outputs[i]) : NULL;
    if (!v || v->tensor >= 0 || v->constant || rank > MOTE_ONNX_RANK)
        return mote_onnx_fail(p, "makes a value that exists already, none, or one of too many dimensions");
    v->rank = rank;
    for (int k = 0; k < rank; k++) {
        if (dims[k] < 1 || dims[k] > INT32_MAX || (count *= (uint64_t)dims[k]) > INT32_MAX)
            return mote_onnx_fail(p, "makes a shape that is not valid");
        v->dims[k] = dims[k];
        v->order[k] = order ? order[k] : k;
    }
    if (count != mote_tensor_elements(&p->g->tensors[tensor]))
        return mote_onnx_fail(p, "makes a shape that does not have the elements of its input");
    const int stored_rank = mote_onnx_stored(rank, v->dims, v->order, stored);
    v->tensor = mote_onnx_view(p, tensor, stored_rank, stored);
    return v->tensor >= 0;
}

bool mote_onnx_axis(const mote_onnx_value *v, int64_t *axis)
{
    *axis += *axis < 0 ? v->rank : 0;
    return *axis >= 0 && *axis < v->rank;
}
