/* A TensorFlow Lite file in memory: the tables that an import needs, checked. Everything points into the file. */
#ifndef MOTE_COMPILER_IMPORT_TFLITE_MODEL_H
#define MOTE_COMPILER_IMPORT_TFLITE_MODEL_H

#include "base/error.h"
#include "compiler/import/flatbuffer.h"

/* Element types, by their numbers in the file. */
typedef enum mote_tflite_type {
    MOTE_TFLITE_F32 = 0,
    MOTE_TFLITE_F16 = 1,
    MOTE_TFLITE_I32 = 2,
    MOTE_TFLITE_U8 = 3,
    MOTE_TFLITE_I64 = 4,
    MOTE_TFLITE_I16 = 7,
    MOTE_TFLITE_I8 = 9,
} mote_tflite_type;

/* Numbers of operators. */
enum {
#define OPERATOR(NAME, number) MOTE_TFLITE_OP_##NAME = number,
#include "compiler/import/tflite_codes.def"
#undef OPERATOR
};

enum {
    MOTE_TFLITE_RANK = 8,
    MOTE_TFLITE_NAME = 1024,
    MOTE_TFLITE_OPERANDS = 256,
    MOTE_TFLITE_MOST = 65535 /* tensors, operators */
};

typedef struct mote_tflite_tensor {
    mote_flat_vector name; /* any bytes */
    int type, rank;
    int32_t dims[MOTE_TFLITE_RANK];
    uint32_t elements;
    const uint8_t *data; /* NULL unless constant; then of the right size */
    mote_flat_vector scales, zero_points;
    int axis; /* of several scales; −1 if none has their number */
    bool variable;
} mote_tflite_tensor;

typedef struct mote_tflite_operator {
    int code;
    mote_flat_vector custom; /* name of a custom operator */
    mote_flat_vector inputs, outputs;
    mote_flat_table options;
} mote_tflite_operator;

typedef struct mote_tflite_model {
    mote_flat flat;
    const char *path;
    mote_tflite_tensor *tensors; /* of the first subgraph */
    mote_tflite_operator *operators;
    mote_flat_vector inputs, outputs;
    uint32_t tensor_count, operator_count;
    uint64_t scales; /* words of scales and zero points so far, which bounds the time to check them */
} mote_tflite_model;

/* Reads the tables of `data`, which must outlive the model. Errors: MOTE_E_FORMAT. On failure there is nothing to free.
 */
bool mote_tflite_read(mote_tflite_model *m, const char *path, const uint8_t *data, size_t size, mote_error *error);
void mote_tflite_free(mote_tflite_model *m);

/* Returns a tensor index of a checked list; −1 past its end or for an absent tensor. */
int mote_tflite_at(const mote_flat_vector *list, uint32_t i);

float mote_tflite_scale(const mote_tflite_tensor *t, uint32_t i);        /* 0 if it has none; i counts along the axis */
int32_t mote_tflite_zero_point(const mote_tflite_tensor *t, uint32_t i); /* 0 if it has none */
uint32_t mote_tflite_type_size(int type);                                /* bytes; 0 for types without a fixed size */
/* Returns a constant of type int32, int64, int16, int8 or uint8 as a number. */
int64_t mote_tflite_integer(const mote_tflite_tensor *t, uint32_t i);
const char *mote_tflite_operator_name(int code); /* "CONV_2D" */

#endif
