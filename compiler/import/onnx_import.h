/* An import of an ONNX file under way: the graph so far and what each value of the file became in it. */
#ifndef MOTE_COMPILER_IMPORT_ONNX_IMPORT_H
#define MOTE_COMPILER_IMPORT_ONNX_IMPORT_H

#include "compiler/graph/graph.h"
#include "onnx.pb-c.h"

enum {
    MOTE_ONNX_RANK = MOTE_RANK,
    MOTE_ONNX_F32 = 1,
    MOTE_ONNX_I32 = 6,
    MOTE_ONNX_I64 = 7,
    MOTE_ONNX_BOOL = 9,
    MOTE_ONNX_F64 = 11
};

/* A value of the file. Axis i of its tensor in the graph holds axis order[i] of the file; a first dimension of 1 is
 * dropped there. */
typedef struct mote_onnx_value {
    const char *name;
    int rank;
    int64_t dims[MOTE_ONNX_RANK];
    int order[MOTE_ONNX_RANK];
    int tensor; /* of the graph; −1 if none */
    const MoteOnnx__Tensor *constant;
    int readers;
    bool refused; /* an operator before it is not supported */
} mote_onnx_value;

/* A constant that is not in the file: numbers that were computed of others. */
typedef struct mote_onnx_folded {
    MoteOnnx__Tensor tensor;
    struct mote_onnx_folded *next;
    int64_t dims[MOTE_ONNX_RANK];
    int64_t values[]; /* or doubles */
} mote_onnx_folded;

typedef struct mote_onnx_import {
    const char *path;
    const MoteOnnx__Graph *file;
    mote_graph *g;
    mote_onnx_value *values; /* sorted by name */
    size_t value_count;
    int64_t opset;
    const MoteOnnx__Node *node; /* under conversion */
    size_t position;            /* its number */
    const char *output;         /* name of the output under way after the last node */
    mote_onnx_folded *folded;   /* owned */
    bool allow_nonfinite;
    uint64_t room; /* bytes of constants that may still be made */
    int names;
    bool unlisted;     /* more is not supported than fits into the list */
    char refused[400]; /* list of what is not supported */
    mote_error *error;
} mote_onnx_import;

typedef bool (*mote_onnx_convert)(mote_onnx_import *p);
mote_onnx_convert mote_onnx_rule(const char *name); /* NULL for an operator that is not supported */

/* Conversions return false after a failure that ends the import, with a message; mote_onnx_refuse notes what is valid
 * but not supported, and returns true. */
bool mote_onnx_refuse(mote_onnx_import *p, const char *why);
bool mote_onnx_fail(mote_onnx_import *p, const char *why);

/* Operands of the node; NULL if absent. */
mote_onnx_value *mote_onnx_find(const mote_onnx_import *p, const char *name);
mote_onnx_value *mote_onnx_in(const mote_onnx_import *p, size_t i);
const MoteOnnx__Attribute *mote_onnx_attribute(const mote_onnx_import *p, const char *name);
int64_t mote_onnx_int(const mote_onnx_import *p, const char *name, int64_t otherwise);
float mote_onnx_real(const mote_onnx_import *p, const char *name, float otherwise);
bool mote_onnx_text_is(const mote_onnx_import *p, const char *name, const char *text, bool otherwise);

/* Values of a constant, which mote_onnx_sound accepted. */
bool mote_onnx_sound(const MoteOnnx__Tensor *t);
size_t mote_onnx_count(const MoteOnnx__Tensor *t); /* of its values */
double mote_onnx_at(const MoteOnnx__Tensor *t, size_t i);
/* Reads integers from an attribute, or from input `i` if there is none. Returns their number; −1 if they are unknown or
 * more than `room`. */
int mote_onnx_ints(const mote_onnx_import *p, const char *name, size_t i, int64_t *out, int room);

/* Adds a constant of zeros. The functions below return −1 with a message after a failure. */
int mote_onnx_constant(mote_onnx_import *p, int rank, const uint32_t *dims);
bool mote_onnx_finite(mote_onnx_import *p, int tensor);
/* Adds an operator; returns its result. */
int mote_onnx_make(mote_onnx_import *p, mote_opcode opcode, int count, const int *inputs, const int32_t *params);
int mote_onnx_view(mote_onnx_import *p, int tensor, int rank, const uint32_t *dims);
/* Returns the tensor of a value in this order of axes; constants and transposes are added. */
int mote_onnx_ordered(mote_onnx_import *p, const mote_onnx_value *v, const int *order);
int mote_onnx_plain(mote_onnx_import *p, const mote_onnx_value *v);
/* Makes a tensor output i of the node: of this shape, stored in this order (NULL: as in the file). */
bool mote_onnx_finish(mote_onnx_import *p, size_t i, int tensor, int rank, const int64_t *dims, const int *order);

/* Writes the dimensions of the tensor of such a value; returns its rank. */
int mote_onnx_stored(int rank, const int64_t *dims, const int *order, uint32_t out[MOTE_RANK]);
bool mote_onnx_axis(const mote_onnx_value *v, int64_t *axis); /* makes it positive; false if there is none such */

#endif
