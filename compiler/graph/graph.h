/* The network: operators in order of execution over named tensors. Compiler passes are functions from graph to graph.
 * Shapes have no batch or time axis; the executor adds them. */
#ifndef MOTE_COMPILER_GRAPH_H
#define MOTE_COMPILER_GRAPH_H

#include <stddef.h>

#include "base/error.h"
#include "compiler/graph/operator_info.h"
#include "runtime/format.h"

/* real = scale · (stored − zero_point). With an axis, index i along it has the scale scales[i]. */
typedef struct mote_tensor_quantization {
    float scale; /* 0 if unknown, or if the multipliers of the operator contain a scale for each row */
    int32_t zero_point;
    int axis;      /* -1: one scale */
    float *scales; /* [dims[axis]], owned by the graph; NULL without an axis */
} mote_tensor_quantization;

typedef struct mote_tensor {
    char *name; /* of any length, owned by the graph */
    mote_dtype dtype;
    mote_role role;
    int rank;
    uint32_t dims[MOTE_RANK]; /* slowest first, 1 past the rank */
    void *data;               /* constants only: mote_tensor_size bytes, owned by the graph */
    mote_tensor_quantization quantization;
    uint32_t stride; /* bytes from one row to the next, 0 for contiguous rows: as in mote_tensor_record */
    uint32_t offset; /* arena or state offset, set by planning */
    uint32_t bound;
    mote_layout layout;   /* layout of packed weights */
    mote_dtype quantizer; /* type that training simulates (MOTE_F32: none), at this granularity */
    mote_granularity granularity;
    mote_pruned pruned; /* float matrices: pattern of the zeros that training keeps zero */
} mote_tensor;

/* One operator. Inputs, outputs and parameters have the counts and indices of runtime/operators.def. */
typedef struct mote_op {
    char *name; /* owned by the graph */
    mote_opcode opcode;
    int input_count, output_count, param_count;
    int *inputs; /* tensor indices, -1 if absent; one allocation with outputs and params, owned by the graph */
    int *outputs;
    int32_t *params;
} mote_op;

typedef struct mote_graph {
    mote_tensor *tensors;
    int tensor_count, tensor_capacity;
    int *index; /* open hash table of tensors by name, -1 where empty, index_size a power of two or 0; owned */
    int index_size;
    mote_op *ops;
    int op_count, op_capacity;
    uint8_t *tokenizer; /* mote_tokenizer and its data, owned, NULL when absent (compiler/token/token.h) */
    uint32_t tokenizer_size;
    char *metadata;  /* lines "key=value\n", owned, NULL when there are none; read by mote_graph_metadata */
    uint8_t *golden; /* mote_golden and its inputs, owned, NULL when absent */
    uint32_t golden_size;
    uint16_t *placement; /* indices of constants worth placing in SRAM, most valuable first; owned, NULL when absent */
    uint32_t placement_count;
    uint32_t arena_size, state_size; /* bytes, set by planning */
    bool packed;
    bool borrowed; /* the constants belong to a file in memory (mote_graph_view) */
} mote_graph;

void mote_graph_init(mote_graph *g);
void mote_graph_free(mote_graph *g);
bool mote_graph_copy(mote_graph *to, const mote_graph *from, mote_error *error);

/* Adds a tensor and returns its index. Returns -1 when out of memory, when a tensor has this name, or when the rank or
 * the number of tensors exceeds its limit. Constants get zeroed data of the right size. */
int mote_graph_tensor(mote_graph *g, const char *name, mote_dtype dtype, mote_role role, int rank,
                      const uint32_t *dims);
/* Adds an operator and returns its index. Operands past the given counts are absent. Returns -1 when out of memory, or
 * when a count or the number of operators exceeds its limit. */
int mote_graph_op(mote_graph *g, const char *name, mote_opcode opcode, int input_count, const int *inputs,
                  int output_count, const int *outputs);
bool mote_graph_rename(mote_graph *g, int tensor, const char *name); /* false when out of memory */
void mote_graph_swap_names(mote_graph *g, int a, int b);
int mote_graph_find(const mote_graph *g, const char *tensor_name); /* -1 when there is none */

size_t mote_tensor_elements(const mote_tensor *t);
size_t mote_tensor_size(const mote_tensor *t);     /* bytes as stored, including row padding of packed types */
uint32_t mote_tensor_stride(const mote_tensor *t); /* bytes from one row to the next; 0 for layouts other than rows */
/* Sets a scale for each index along an axis: a copy of scales[dims[axis]]. Returns false when out of memory. */
bool mote_tensor_set_scales(mote_tensor *t, int axis, const float *scales);

/* Returns the number of positions of the shortest key/value cache, 0 when there is none: then the context has no
 * limit. */
uint32_t mote_graph_context(const mote_graph *g);

/* Replaces the tokenizer by a copy of the bytes of a section; NULL removes it. Returns false when out of memory. */
bool mote_graph_set_tokenizer(mote_graph *g, const void *section, uint32_t size);

/* Returns all metadata, "" when there is none. */
const char *mote_graph_metadata(const mote_graph *g);

/* Copies the value of a key to `out`, truncated to `size` bytes; an empty string when absent. */
void mote_graph_get_meta(const mote_graph *g, const char *key, char *out, size_t size);
/* Sets or replaces the value of a key. Returns false when out of memory, or when key or value has a character that the
 * format does not allow: '=' in a key, or a newline. */
bool mote_graph_set_meta(mote_graph *g, const char *key, const char *value);

static inline bool mote_op_has(const mote_op *op, unsigned trait)
{
    return mote_operator_of(op->opcode)->traits & trait;
}

/* Returns the tensor that is the first output of the operator. Its other outputs are scratch or state. */
static inline int mote_op_result(const mote_op *op)
{
    return op->outputs[0];
}

/* Returns the tensor that is the first input with this role; -1 when the operator has no such input or it is absent. */
int mote_op_operand(const mote_op *op, mote_operand_role role);
/* Returns the address of this input in op->inputs; NULL when the operator has none. */
int *mote_op_slot(mote_op *op, mote_operand_role role);

/* Return an operand by its index; NULL when absent. */
const mote_tensor *mote_op_input(const mote_graph *g, const mote_op *op, int index);
const mote_tensor *mote_op_output(const mote_graph *g, const mote_op *op, int index);

/* Returns the number of operator inputs that read the tensor. */
int mote_graph_readers(const mote_graph *g, int tensor);
/* True if an operator reads the tensor as an input with this role. */
bool mote_graph_reads_as(const mote_graph *g, int tensor, mote_operand_role role);

/* True if packing a float graph needs the ranges of its activations. A graph of token inputs, embeddings, GRUs, sums of
 * these, and products that make gates or outputs has fixed scales. */
bool mote_graph_needs_ranges(const mote_graph *g);

/* Removes a tensor that no operator reads or writes; the indices of later tensors decrease by one. Returns false when
 * out of memory. */
bool mote_graph_remove(mote_graph *g, int tensor);

/* Returns the i-th tensor with this role, -1 past the last. */
int mote_graph_of_role(const mote_graph *g, mote_role role, int i);

/* Returns `base` followed by `suffix`, owned by the caller; NULL when out of memory. */
char *mote_name(const char *base, const char *suffix);

#endif
