/* An import of a TensorFlow Lite file under way: the graph so far and what each tensor of the file became in it. */
#ifndef MOTE_COMPILER_IMPORT_TFLITE_IMPORT_H
#define MOTE_COMPILER_IMPORT_TFLITE_IMPORT_H

#include "compiler/graph/graph.h"
#include "compiler/import/tflite_scale.h"

/* The tensor of the graph that represents a tensor of the file. */
typedef struct mote_tflite_value {
    int tensor;    /* of the graph; −1 if none */
    int constant;  /* tensor of the file with its values; −1 if it is none */
    bool refused;  /* an operator before it is not supported */
    bool needed;   /* an output depends on its values */
    int readers;   /* needed operators that read its values, and outputs of the network */
    int convolved; /* readers that are convolutions */
    int reader;    /* needed operator that reads it first; −1 if there is none */
    int32_t
        block[2]; /* rows and columns that its reader, a convolution, skips from tap to tap; 0: it is no such value */
    int source;   /* tensor of the file that it was before SPACE_TO_BATCH_ND */
    int32_t pads[4]; /* rows above, columns before, rows below, columns after it that its readers add */
} mote_tflite_value;

/* An operator that is not supported. */
typedef struct mote_tflite_refusal {
    const mote_tflite_operator *op;
    const char *why; /* NULL: listed already */
} mote_tflite_refusal;

typedef struct mote_tflite_import {
    const mote_tflite_model *model;
    mote_graph *g;
    mote_tflite_value *values; /* per tensor of the file */
    bool allow_nonfinite;
    int names;            /* names that were made unique with a number */
    int first;            /* tensor that the conversion under way adds first */
    uint64_t room;        /* bytes of constants that may still be made */
    uint16_t folded[256]; /* operators that vanished, by code */
    mote_tflite_refusal *refusals;
    int refusal_count, refusal_capacity;
    mote_error *error;
} mote_tflite_import;

typedef struct mote_tflite_rule {
    int code;
    bool (*convert)(mote_tflite_import *p, const mote_tflite_operator *op);
    unsigned values; /* bits of the inputs whose values it needs at run time; the others may be unknown */
} mote_tflite_rule;

const mote_tflite_rule *mote_tflite_rule_of(int code); /* NULL for an operator that is not supported */
const char *mote_tflite_advice(int code);              /* what to do about one that is not supported */

/* Conversions return false after a failure that ends the import, with a message. Something that is valid but not
 * supported is noted by mote_tflite_refuse, which returns true. */
bool mote_tflite_refuse(mote_tflite_import *p, const mote_tflite_operator *op, const char *why);
/* Fails with all of them, if there are any. */
bool mote_tflite_refused(mote_tflite_import *p);

/* A tensor of the file; NULL for an absent operand. */
const mote_tflite_tensor *mote_tflite_input(const mote_tflite_import *p, const mote_tflite_operator *op, uint32_t i);
const mote_tflite_tensor *mote_tflite_output(const mote_tflite_import *p, const mote_tflite_operator *op);
/* The constant values of an input, of its number of elements but in another type if it was dequantized; NULL if they
 * are not constant. */
const mote_tflite_tensor *mote_tflite_constant(const mote_tflite_import *p, const mote_tflite_operator *op, uint32_t i);
/* The tensor of the graph with the values of an input; −1 with a message if there is none. Constants are added. */
int mote_tflite_operand(mote_tflite_import *p, const mote_tflite_operator *op, uint32_t i);
/* The number of leading dimensions that the tensor of the graph does not have: 1 if it has a batch of 1. */
int mote_tflite_dropped(const mote_tflite_tensor *t);
/* The axis of the graph's tensor, from one of the file's, which may be negative; −1 if it has none such. */
int mote_tflite_axis(const mote_tflite_tensor *t, int64_t axis);

/* True if both have the same type, scale and zero point. */
bool mote_tflite_alike(const mote_tflite_tensor *a, const mote_tflite_tensor *b);

/* Adds an input of the network: the name and the shape of t, type and scale of `like`. Returns −1 with a message. */
int mote_tflite_add_input(mote_tflite_import *p, const mote_tflite_tensor *t, const mote_tflite_tensor *like);
/* Makes a tensor an output of the network, after the earlier ones. */
bool mote_tflite_add_output(mote_tflite_import *p, const mote_tflite_tensor *t, int tensor);

/* Adds a constant named after the input, or after the output if that is absent. Returns −1 with a message. */
int mote_tflite_add_constant(mote_tflite_import *p, const mote_tflite_operator *op, uint32_t input, const char *suffix,
                             mote_dtype dtype, int rank, const uint32_t *dims);
/* Copies values to a constant of type F32, dequantized. Fails if one is not finite. */
bool mote_tflite_copy_real(mote_tflite_import *p, const mote_tflite_tensor *from, int tensor);
bool mote_tflite_copy_real_at(mote_tflite_import *p, const mote_tflite_tensor *from, uint32_t i, int tensor, size_t to);

/* Adds an operator and its result: an activation without a name of the inferred shape, with type and scale of `like`.
 * Returns it; −1 with a message. */
int mote_tflite_make(mote_tflite_import *p, const mote_tflite_tensor *like, mote_opcode opcode, int input_count,
                     const int *inputs, const int32_t *params);
/* Adds a view. Returns `tensor` itself if it has these dimensions already. */
int mote_tflite_view(mote_tflite_import *p, const mote_tflite_tensor *like, int tensor, int rank, const uint32_t *dims);
/* Adds the function of a fused activation in a float graph. */
int mote_tflite_activate(mote_tflite_import *p, const mote_tflite_tensor *like, int tensor, int64_t activation);
/* Makes a tensor the value of an output of the operator, with its shape and its name. */
bool mote_tflite_finish(mote_tflite_import *p, const mote_tflite_operator *op, uint32_t output, int tensor);
/* Makes an output of the operator another name of an input. */
bool mote_tflite_same(mote_tflite_import *p, const mote_tflite_operator *op);

/* Conversions by file. */
bool mote_tflite_conv(mote_tflite_import *p, const mote_tflite_operator *op);
bool mote_tflite_conv_transpose(mote_tflite_import *p, const mote_tflite_operator *op);
bool mote_tflite_fully_connected(mote_tflite_import *p, const mote_tflite_operator *op);
bool mote_tflite_pool(mote_tflite_import *p, const mote_tflite_operator *op);
bool mote_tflite_pad(mote_tflite_import *p, const mote_tflite_operator *op);
bool mote_tflite_add(mote_tflite_import *p, const mote_tflite_operator *op);
bool mote_tflite_mul(mote_tflite_import *p, const mote_tflite_operator *op);
bool mote_tflite_binary(mote_tflite_import *p, const mote_tflite_operator *op);
bool mote_tflite_rescale(mote_tflite_import *p, const mote_tflite_operator *op);
bool mote_tflite_dequantize(mote_tflite_import *p, const mote_tflite_operator *op);
bool mote_tflite_softmax(mote_tflite_import *p, const mote_tflite_operator *op);
bool mote_tflite_reduce(mote_tflite_import *p, const mote_tflite_operator *op);
bool mote_tflite_function(mote_tflite_import *p, const mote_tflite_operator *op);
bool mote_tflite_reshape(mote_tflite_import *p, const mote_tflite_operator *op);
bool mote_tflite_transpose(mote_tflite_import *p, const mote_tflite_operator *op);
bool mote_tflite_concat(mote_tflite_import *p, const mote_tflite_operator *op);
bool mote_tflite_slice(mote_tflite_import *p, const mote_tflite_operator *op);
bool mote_tflite_strided_slice(mote_tflite_import *p, const mote_tflite_operator *op);
bool mote_tflite_split(mote_tflite_import *p, const mote_tflite_operator *op);
bool mote_tflite_space_to_batch(mote_tflite_import *p, const mote_tflite_operator *op);
bool mote_tflite_batch_to_space(mote_tflite_import *p, const mote_tflite_operator *op);
bool mote_tflite_prelu(mote_tflite_import *p, const mote_tflite_operator *op);
bool mote_tflite_matmul(mote_tflite_import *p, const mote_tflite_operator *op);
bool mote_tflite_depth(mote_tflite_import *p, const mote_tflite_operator *op);
bool mote_tflite_gather(mote_tflite_import *p, const mote_tflite_operator *op);
bool mote_tflite_resize(mote_tflite_import *p, const mote_tflite_operator *op);

#endif
