/* The network: operators in order of execution over named tensors. Everything the compiler does is a function from
 * graph to graph. Shapes have no batch or time axis; the executor adds them. */
#ifndef MOTE_COMPILER_GRAPH_H
#define MOTE_COMPILER_GRAPH_H

#include <stddef.h>

#include "base/error.h"
#include "compiler/graph/operator_info.h"
#include "runtime/format.h"

/* real = scale · (stored − zero_point). With an axis, index i along it has the scale scales[i]. */
typedef struct mote_tensor_quantization {
    float scale; /* 0 where nothing is known, or where multipliers of the operator carry a scale for each row */
    int32_t zero_point;
    int axis;      /* -1: one scale */
    float *scales; /* [dims[axis]], owned by the graph; NULL without an axis */
} mote_tensor_quantization;

typedef struct mote_tensor {
    char *name; /* owned by the graph, of any length */
    mote_dtype dtype;
    mote_role role;
    int rank;
    uint32_t dims[MOTE_RANK]; /* slowest first, 1 past the rank */
    void *data;               /* constants only: mote_tensor_size bytes, owned by the graph */
    mote_tensor_quantization quantization;
    uint32_t stride; /* bytes from one row to the next, 0 for rows without a gap: as in mote_tensor_record */
    uint32_t offset; /* arena or state offset once planned */
    uint32_t bound;
    mote_layout layout;   /* of packed weights */
    mote_dtype quantizer; /* trained as this (MOTE_F32: plain), at this granularity */
    mote_granularity granularity;
    mote_pruned pruned; /* of float matrices: which zeros stay */
} mote_tensor;

/* As many inputs, outputs and parameters as runtime/operators.def lists, by its indices. */
typedef struct mote_op {
    char *name; /* owned by the graph */
    mote_opcode opcode;
    int input_count, output_count, param_count;
    int *inputs; /* tensor indices, -1 for what is absent; one allocation with outputs and params, owned by the graph */
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
    uint8_t *tokenizer; /* mote_tokenizer and what follows it, owned, NULL when absent (compiler/token/token.h) */
    uint32_t tokenizer_size;
    char *metadata;  /* lines "key=value\n", owned, NULL where there are none; read by mote_graph_metadata */
    uint8_t *golden; /* mote_golden and its inputs, owned, NULL when absent */
    uint32_t golden_size;
    uint16_t *placement; /* numbers of constants, worth a copy in SRAM, the best first; owned, NULL when absent */
    uint32_t placement_count;
    uint32_t arena_size, state_size; /* once planned */
    bool packed;
} mote_graph;

void mote_graph_init(mote_graph *g);
void mote_graph_free(mote_graph *g);
bool mote_graph_copy(mote_graph *to, const mote_graph *from, mote_error *error);

/* Adds and returns an index; -1 when out of memory or when a tensor has this name. Constants get zeroed data of the
 * right size. */
int mote_graph_tensor(mote_graph *g, const char *name, mote_dtype dtype, mote_role role, int rank,
                      const uint32_t *dims);
/* Operands past the counts given are absent. */
int mote_graph_op(mote_graph *g, const char *name, mote_opcode opcode, int input_count, const int *inputs,
                  int output_count, const int *outputs);
bool mote_graph_rename(mote_graph *g, int tensor, const char *name); /* false when out of memory */
int mote_graph_find(const mote_graph *g, const char *tensor_name);   /* -1 when there is none */

size_t mote_tensor_elements(const mote_tensor *t);
size_t mote_tensor_size(const mote_tensor *t);     /* bytes as stored, row padding of packed types included */
uint32_t mote_tensor_stride(const mote_tensor *t); /* bytes from one row to the next; 0 of layouts other than rows */
/* Gives the tensor a scale for each index along an axis: a copy of scales[dims[axis]]. False when out of memory. */
bool mote_tensor_set_scales(mote_tensor *t, int axis, const float *scales);

/* Positions of the shortest key/value cache; 0 where there is none, and a state carries on for ever. */
uint32_t mote_graph_context(const mote_graph *g);

/* Replaces the tokenizer by a copy of a section's bytes; NULL takes it away. False when out of memory. */
bool mote_graph_set_tokenizer(mote_graph *g, const void *section, uint32_t size);

/* All of the metadata, "" where there is none. */
const char *mote_graph_metadata(const mote_graph *g);

/* Metadata: value of a key into `out` (empty when absent); set replaces. */
void mote_graph_get_meta(const mote_graph *g, const char *key, char *out, size_t size);
bool mote_graph_set_meta(mote_graph *g, const char *key, const char *value);

static inline bool mote_op_has(const mote_op *op, unsigned trait)
{
    return mote_operator_of(op->opcode)->traits & trait;
}

/* The tensor that is the operator's first output; what else it writes is scratch or state. */
static inline int mote_op_result(const mote_op *op)
{
    return op->outputs[0];
}

/* The tensor that is the first input with this role; -1 when the operator has none or it is absent. */
int mote_op_operand(const mote_op *op, mote_operand_role role);
/* Where the operator keeps it; NULL when it has no such operand. */
int *mote_op_slot(mote_op *op, mote_operand_role role);

/* An operand by its index; NULL when absent. */
const mote_tensor *mote_op_input(const mote_graph *g, const mote_op *op, int index);
const mote_tensor *mote_op_output(const mote_graph *g, const mote_op *op, int index);

/* How many inputs of operators the tensor is; whether it is one with this role. */
int mote_graph_readers(const mote_graph *g, int tensor);
bool mote_graph_reads_as(const mote_graph *g, int tensor, mote_operand_role role);

/* Whether packing a float graph needs ranges of its activations. One of tokens, embeddings, GRUs, sums of them, and
 * products that make gates or outputs has fixed scales. */
bool mote_graph_needs_ranges(const mote_graph *g);

/* Takes a tensor that no operator reads or writes out of the graph; those behind it move up. */
bool mote_graph_remove(mote_graph *g, int tensor);

/* The i-th tensor with this role, -1 past the last. */
int mote_graph_of_role(const mote_graph *g, mote_role role, int i);

/* `base` followed by `suffix`, owned by the caller; NULL when out of memory. */
char *mote_name(const char *base, const char *suffix);

#endif
