/* Computes nodes whose inputs are constants: the chains by which exporters compute shapes, and constants of their
 * parts. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/import/onnx_rules.h"

enum { MOST_FOLDED = 1 << 16 /* numbers of a result */, OPERANDS = 3 };

/* An array under construction. */
typedef struct array {
    int rank;
    int64_t dims[MOTE_ONNX_RANK];
    size_t count;
    double *values;
    bool whole; /* integers or truth values */
} array;

/* A folding: reads the inputs of p->node and makes the values of `y`. Returns false after a refusal or a failure, whose
 * result is *done. */
typedef bool folder(mote_onnx_import *p, array *y, bool *done);

static bool refuse(mote_onnx_import *p, const char *why, bool *done)
{
    *done = mote_onnx_refuse(p, why);
    return false;
}

static bool is_whole(const mote_onnx_value *v)
{
    return v->constant->type != MOTE_ONNX_F32 && v->constant->type != MOTE_ONNX_F64;
}

/* Allocates y for its rank and its dimensions. */
static bool make(mote_onnx_import *p, array *y, bool *done)
{
    y->count = 1;
    for (int i = 0; i < y->rank; i++) {
        if (y->dims[i] < 0 || y->dims[i] > MOST_FOLDED || (y->count *= (size_t)y->dims[i]) > MOST_FOLDED)
            return refuse(p, "of constants of more than 65536 values", done);
    }
    y->values = calloc(y->count + 1, sizeof *y->values);
    if (!y->values)
        *done = mote_onnx_fail(p, "needs memory that there is not");
    return y->values;
}

static void shape_like(array *y, const mote_onnx_value *x)
{
    y->rank = x->rank;
    memcpy(y->dims, x->dims, sizeof y->dims);
}

static bool copy_values(mote_onnx_import *p, array *y, const mote_onnx_value *x, bool *done)
{
    if (!make(p, y, done))
        return false;
    y->whole = is_whole(x);
    for (size_t i = 0; i < y->count; i++)
        y->values[i] = mote_onnx_at(x->constant, i);
    return true;
}

/* --- shapes --- */

static bool fold_shape(mote_onnx_import *p, array *y, bool *done)
{
    const mote_onnx_value *x = mote_onnx_in(p, 0);
    int64_t begin = mote_onnx_int(p, "start", 0), end = mote_onnx_int(p, "end", x->rank);
    begin = begin < 0 ? begin + x->rank : begin;
    end = end < 0 ? end + x->rank : end > x->rank ? x->rank : end;
    begin = begin < 0 ? 0 : begin;
    *y = (array){.rank = 1, .dims = {end > begin ? end - begin : 0}, .whole = true};
    if (!make(p, y, done))
        return false;
    for (size_t i = 0; i < y->count; i++)
        y->values[i] = (double)x->dims[(size_t)begin + i];
    return true;
}

static bool fold_size(mote_onnx_import *p, array *y, bool *done)
{
    const mote_onnx_value *x = mote_onnx_in(p, 0);
    *y = (array){.whole = true};
    if (!make(p, y, done))
        return false;
    y->values[0] = 1;
    for (int i = 0; i < x->rank; i++)
        y->values[0] *= (double)x->dims[i];
    return true;
}

static bool fold_filled(mote_onnx_import *p, array *y, bool *done)
{
    const MoteOnnx__Attribute *value = mote_onnx_attribute(p, "value");
    y->rank = mote_onnx_ints(p, "", 0, y->dims, MOTE_ONNX_RANK);
    if (y->rank < 0 || (value && (!value->t || !mote_onnx_sound(value->t) || mote_onnx_count(value->t) != 1)))
        return refuse(p, "of too many dimensions, or of such a value", done);
    if (!make(p, y, done))
        return false;
    y->whole = value && value->t->type != MOTE_ONNX_F32 && value->t->type != MOTE_ONNX_F64;
    for (size_t i = 0; i < y->count; i++)
        y->values[i] = value ? mote_onnx_at(value->t, 0) : 0;
    return true;
}

/* The same values in another shape. */
static bool fold_reshape(mote_onnx_import *p, array *y, bool *done)
{
    const mote_onnx_value *x = mote_onnx_in(p, 0);
    int64_t all = 1, known = 1;
    int open = -1;
    for (int i = 0; i < x->rank; i++)
        all *= x->dims[i];
    y->rank = mote_onnx_ints(p, "shape", 1, y->dims, MOTE_ONNX_RANK);
    for (int i = 0; i < y->rank; i++) {
        if (y->dims[i] == 0 && i < x->rank)
            y->dims[i] = x->dims[i];
        if (y->dims[i] == -1)
            open = i;
        else if (y->dims[i] < 0 || (y->dims[i] && known > MOST_FOLDED / y->dims[i]))
            return refuse(p, "to a shape that is not valid, or too large", done);
        else
            known *= y->dims[i];
    }
    if (open >= 0)
        y->dims[open] = known ? all / known : 0;
    if (y->rank < 0 || (open >= 0 ? known * y->dims[open] : known) != all)
        return refuse(p, "to a shape of another size", done);
    return copy_values(p, y, x, done);
}

static bool fold_squeeze(mote_onnx_import *p, array *y, bool *done)
{
    const mote_onnx_value *x = mote_onnx_in(p, 0);
    const bool adds = strcmp(p->node->operator_, "Unsqueeze") == 0;
    const bool stated = mote_onnx_attribute(p, "axes") || mote_onnx_in(p, 1);
    int64_t axes[MOTE_ONNX_RANK];
    unsigned at = 0;
    const int count = stated ? mote_onnx_ints(p, "axes", 1, axes, MOTE_ONNX_RANK) : 0;
    const int size = x->rank + (adds ? count : 0);
    if (count < 0 || size > MOTE_ONNX_RANK)
        return refuse(p, "of too many axes", done);
    for (int i = 0; i < count; i++) {
        axes[i] += axes[i] < 0 ? size : 0;
        if (axes[i] < 0 || axes[i] >= size || at >> axes[i] & 1 || (!adds && x->dims[axes[i]] != 1))
            return refuse(p, "of axes that are not valid", done);
        at |= 1u << axes[i];
    }
    for (int i = 0, from = 0; i < size; i++)
        if (adds)
            y->dims[y->rank++] = at >> i & 1 ? 1 : x->dims[from++];
        else if (stated ? !(at >> i & 1) : x->dims[i] != 1)
            y->dims[y->rank++] = x->dims[i];
    return copy_values(p, y, x, done);
}

static bool fold_cast(mote_onnx_import *p, array *y, bool *done)
{
    const mote_onnx_value *x = mote_onnx_in(p, 0);
    const int64_t to = mote_onnx_int(p, "to", 0);
    const bool real = to == MOTE_ONNX_F32 || to == MOTE_ONNX_F64;
    if (!real && to != MOTE_ONNX_I32 && to != MOTE_ONNX_I64 && to != MOTE_ONNX_BOOL)
        return refuse(p, "to such a type", done);
    shape_like(y, x);
    if (!copy_values(p, y, x, done))
        return false;
    for (size_t i = 0; i < y->count && !real; i++)
        y->values[i] = to == MOTE_ONNX_BOOL ? y->values[i] != 0 : trunc(y->values[i]);
    y->whole = !real;
    return true;
}

/* --- moves --- */

static int64_t product(const int64_t *dims, int from, int to)
{
    int64_t all = 1;
    for (int i = from; i < to; i++)
        all *= dims[i];
    return all;
}

static bool fold_concat(mote_onnx_import *p, array *y, bool *done)
{
    int64_t axis = mote_onnx_int(p, "axis", 0), at = 0;
    const mote_onnx_value *x = mote_onnx_in(p, 0);
    if (!mote_onnx_axis(x, &axis))
        return refuse(p, "along an axis that its input lacks", done);
    shape_like(y, x);
    y->whole = is_whole(x);
    y->dims[axis] = 0;
    for (size_t i = 0; i < p->node->n_inputs; i++) {
        const mote_onnx_value *v = mote_onnx_in(p, i);
        if (!v || v->rank != x->rank || product(v->dims, 0, (int)axis) != product(x->dims, 0, (int)axis) ||
            product(v->dims, (int)axis + 1, v->rank) != product(x->dims, (int)axis + 1, x->rank))
            return refuse(p, "of constants of different shapes", done);
        y->dims[axis] += v->dims[axis];
    }
    if (!make(p, y, done))
        return false;
    const int64_t outer = product(x->dims, 0, (int)axis), inner = product(x->dims, (int)axis + 1, x->rank);
    for (size_t i = 0; i < p->node->n_inputs; i++) {
        const mote_onnx_value *v = mote_onnx_in(p, i);
        const int64_t run = v->dims[axis] * inner;
        for (int64_t k = 0; k < outer * run; k++)
            y->values[k / (run ? run : 1) * y->dims[axis] * inner + at + k % (run ? run : 1)] =
                mote_onnx_at(v->constant, (size_t)k);
        at += run;
    }
    return true;
}

static bool fold_gather(mote_onnx_import *p, array *y, bool *done)
{
    const mote_onnx_value *x = mote_onnx_in(p, 0), *indices = mote_onnx_in(p, 1);
    int64_t axis = mote_onnx_int(p, "axis", 0);
    if (!indices || !mote_onnx_axis(x, &axis) || x->rank - 1 + indices->rank > MOTE_ONNX_RANK)
        return refuse(p, "along an axis that its input lacks", done);
    for (int i = 0; i < axis; i++)
        y->dims[y->rank++] = x->dims[i];
    for (int i = 0; i < indices->rank; i++)
        y->dims[y->rank++] = indices->dims[i];
    for (int i = (int)axis + 1; i < x->rank; i++)
        y->dims[y->rank++] = x->dims[i];
    if (!make(p, y, done))
        return false;
    y->whole = is_whole(x);
    const int64_t inner = product(x->dims, (int)axis + 1, x->rank), count = product(indices->dims, 0, indices->rank);
    for (size_t i = 0; i < y->count; i++) {
        const int64_t k = (int64_t)i / inner % count, outer = (int64_t)i / inner / count;
        double index = mote_onnx_at(indices->constant, (size_t)k);
        index += index < 0 ? (double)x->dims[axis] : 0;
        if (!(index >= 0 && index < (double)x->dims[axis]))
            return refuse(p, "with an index past the end", done);
        y->values[i] =
            mote_onnx_at(x->constant, (size_t)((outer * x->dims[axis] + (int64_t)index) * inner + (int64_t)i % inner));
    }
    return true;
}

/* Along one axis only, as shapes are cut. */
static bool fold_slice(mote_onnx_import *p, array *y, bool *done)
{
    const mote_onnx_value *x = mote_onnx_in(p, 0);
    int64_t start, end, axis = 0, step = 1;
    const bool has_axes = mote_onnx_attribute(p, "axes") || mote_onnx_in(p, 3);
    if (mote_onnx_ints(p, "starts", 1, &start, 1) != 1 || mote_onnx_ints(p, "ends", 2, &end, 1) != 1 ||
        (has_axes && mote_onnx_ints(p, "axes", 3, &axis, 1) != 1) ||
        (mote_onnx_in(p, 4) && mote_onnx_ints(p, "", 4, &step, 1) != 1) || step < 1 || !mote_onnx_axis(x, &axis))
        return refuse(p, "of a constant along several axes, or backwards", done);
    const int64_t n = x->dims[axis];
    start = start < 0 ? start + n : start, end = end < 0 ? end + n : end;
    start = start < 0 ? 0 : start, end = end > n ? n : end;
    shape_like(y, x);
    y->dims[axis] = end > start ? (end - start - 1) / step + 1 : 0;
    if (!make(p, y, done))
        return false;
    y->whole = is_whole(x);
    const int64_t inner = product(x->dims, (int)axis + 1, x->rank), run = y->dims[axis] * inner;
    for (size_t i = 0; i < y->count; i++) {
        const int64_t k = (int64_t)i % run / inner, outer = (int64_t)i / run;
        y->values[i] = mote_onnx_at(x->constant, (size_t)((outer * n + start + k * step) * inner + (int64_t)i % inner));
    }
    return true;
}

/* --- arithmetic --- */

typedef double arithmetic(double a, double b, double c, bool whole);

/* Returns the index in v of what stands at index i of y, with dimensions of 1 repeated. */
static size_t source(const array *y, const mote_onnx_value *v, size_t i)
{
    size_t at = 0, step = 1;
    for (int k = 1; k <= v->rank; k++) {
        const size_t size = (size_t)y->dims[y->rank - k];
        at += v->dims[v->rank - k] > 1 ? i % size * step : 0;
        step *= (size_t)v->dims[v->rank - k];
        i /= size;
    }
    return at;
}

/* Gives y the shape of all operands together. */
static bool broadcast(mote_onnx_import *p, array *y, int count, bool *done)
{
    for (int n = 0; n < count; n++)
        y->rank = mote_onnx_in(p, (size_t)n)->rank > y->rank ? mote_onnx_in(p, (size_t)n)->rank : y->rank;
    for (int k = 0; k < y->rank; k++)
        y->dims[k] = 1;
    for (int n = 0; n < count; n++) {
        const mote_onnx_value *v = mote_onnx_in(p, (size_t)n);
        for (int k = 0; k < v->rank; k++) {
            int64_t *to = &y->dims[y->rank - v->rank + k];
            if (v->dims[k] != 1 && *to != 1 && v->dims[k] != *to)
                return refuse(p, "of constants of different shapes", done);
            *to = v->dims[k] == 1 ? *to : v->dims[k];
        }
    }
    return make(p, y, done);
}

static bool fold_arithmetic(mote_onnx_import *p, array *y, bool *done, int count, arithmetic *f)
{
    const mote_onnx_value *v[OPERANDS];
    for (int n = 0; n < count; n++)
        if (!(v[n] = mote_onnx_in(p, (size_t)n)))
            return refuse(p, "of fewer values", done);
    if (!broadcast(p, y, count, done))
        return false;
    y->whole = is_whole(v[count - 1]);
    for (size_t i = 0; i < y->count; i++) {
        double operand[OPERANDS] = {0};
        for (int n = 0; n < count; n++)
            operand[n] = mote_onnx_at(v[n]->constant, source(y, v[n], i));
        y->values[i] = f(operand[0], operand[1], operand[2], y->whole);
    }
    return true;
}

#define ARITHMETIC(name, operands, value)                                                                              \
    static double of_##name(double a, double b, double c, bool whole)                                                  \
    {                                                                                                                  \
        (void)a, (void)b, (void)c, (void)whole;                                                                        \
        return value;                                                                                                  \
    }                                                                                                                  \
    static bool fold_##name(mote_onnx_import *p, array *y, bool *done)                                                 \
    {                                                                                                                  \
        return fold_arithmetic(p, y, done, operands, of_##name);                                                       \
    }

#define COMPARISON(name, value)                                                                                        \
    ARITHMETIC(name##_values, 2, value)                                                                                \
    static bool fold_##name(mote_onnx_import *p, array *y, bool *done)                                                 \
    {                                                                                                                  \
        const bool made = fold_##name##_values(p, y, done);                                                            \
        y->whole = true;                                                                                               \
        return made;                                                                                                   \
    }

ARITHMETIC(add, 2, a + b)
ARITHMETIC(sub, 2, a - b)
ARITHMETIC(mul, 2, a *b)
ARITHMETIC(div, 2, whole ? (b != 0 ? trunc(a / b) : 0) : a / b)
ARITHMETIC(pow, 2, pow(a, b))
ARITHMETIC(min, 2, fmin(a, b))
ARITHMETIC(max, 2, fmax(a, b))
ARITHMETIC(neg, 1, -a)
ARITHMETIC(abs, 1, fabs(a))
ARITHMETIC(sqrt, 1, sqrt(a))
ARITHMETIC(floor, 1, floor(a))
ARITHMETIC(ceil, 1, ceil(a))
ARITHMETIC(not, 1, a == 0)
ARITHMETIC(where, 3, a != 0 ? b : c)
COMPARISON(equal, a == b)
COMPARISON(less, a < b)
COMPARISON(greater, a > b)
COMPARISON(and, a != 0 && b != 0)
COMPARISON(or, a != 0 || b != 0)

/* --- the table --- */

static const struct {
    const char *name;
    folder *fold;
    bool of_shape; /* reads the shape of its input only */
} folders[] = {
    {"Shape", fold_shape, true},      {"Size", fold_size, true},        {"ConstantOfShape", fold_filled, false},
    {"Reshape", fold_reshape, false}, {"Squeeze", fold_squeeze, false}, {"Unsqueeze", fold_squeeze, false},
    {"Cast", fold_cast, false},       {"Concat", fold_concat, false},   {"Gather", fold_gather, false},
    {"Slice", fold_slice, false},     {"Add", fold_add, false},         {"Sub", fold_sub, false},
    {"Mul", fold_mul, false},         {"Div", fold_div, false},         {"Pow", fold_pow, false},
    {"Min", fold_min, false},         {"Max", fold_max, false},         {"Neg", fold_neg, false},
    {"Abs", fold_abs, false},         {"Sqrt", fold_sqrt, false},       {"Floor", fold_floor, false},
    {"Ceil", fold_ceil, false},       {"Not", fold_not, false},         {"Where", fold_where, false},
    {"Equal", fold_equal, false},     {"Less", fold_less, false},       {"Greater", fold_greater, false},
    {"And", fold_and, false},         {"Or", fold_or, false},
};

static size_t folder_of(const char *name)
{
    size_t i = 0;
    while (i < sizeof folders / sizeof *folders && strcmp(folders[i].name, name) != 0)
        i++;
    return i;
}

bool mote_onnx_can_fold(const char *name)
{
    return folder_of(name) < sizeof folders / sizeof *folders;
}

static bool all_constant(const mote_onnx_import *p)
{
    bool constant = p->node->n_inputs > 0 && mote_onnx_in(p, 0);
    for (size_t i = 0; i < p->node->n_inputs; i++)
        constant = constant && (!mote_onnx_in(p, i) || mote_onnx_in(p, i)->constant);
    return constant;
}

/* Makes the array the result of the node. */
static bool finish(mote_onnx_import *p, const array *y)
{
    mote_onnx_value *to = mote_onnx_find(p, p->node->outputs[0]);
    const uint64_t size = sizeof(mote_onnx_folded) + y->count * sizeof(double);
    if (to->constant || to->tensor >= 0)
        return mote_onnx_fail(p, "makes a value that exists already");
    mote_onnx_folded *f = size <= p->room ? malloc(size) : NULL;
    if (!f)
        return mote_onnx_fail(p, "makes constants that take more than eight times the file");
    p->room -= size;
    *f = (mote_onnx_folded){.tensor = MOTE_ONNX__TENSOR__INIT, .next = p->folded};
    p->folded = f;
    memcpy(f->dims, y->dims, sizeof f->dims);
    f->tensor.n_dims = (size_t)y->rank;
    f->tensor.dims = f->dims;
    f->tensor.type = y->whole ? MOTE_ONNX_I64 : MOTE_ONNX_F64;
    for (size_t i = 0; i < y->count; i++)
        if (y->whole)
            ((int64_t *)f->values)[i] = (int64_t)fmax(fmin(y->values[i], 0x1p62), -0x1p62);
        else
            ((double *)f->values)[i] = y->values[i];
    f->tensor.n_int64s = y->whole ? y->count : 0;
    f->tensor.int64s = (int64_t *)f->values;
    f->tensor.n_doubles = y->whole ? 0 : y->count;
    f->tensor.doubles = (double *)f->values;
    to->constant = &f->tensor;
    to->rank = y->rank;
    for (int i = 0; i < y->rank; i++) {
        to->dims[i] = y->dims[i];
        to->order[i] = i;
    }
    return true;
}

bool mote_onnx_fold(mote_onnx_import *p, bool *done)
{
    const size_t i = folder_of(p->node->operator_);
    array y = {0};
    if (!mote_onnx_can_fold(p->node->operator_) || !mote_onnx_in(p, 0) || (!folders[i].of_shape && !all_constant(p)))
        return false;
    *done = true;
    if (folders[i].fold(p, &y, done))
        *done = finish(p, &y);
    free(y.values);
    return true;
}
