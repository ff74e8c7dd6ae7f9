/* The network: operators in order of execution over named tensors. Everything the compiler does is a function from
 * graph to graph. Shapes have no batch or time axis; the executor adds them. */
#ifndef MOTE_COMPILER_GRAPH_H
#define MOTE_COMPILER_GRAPH_H

#include <stddef.h>

#include "base/error.h"
#include "runtime/format.h"

#define MOTE_NAME_SIZE 48

typedef struct mote_tensor {
    char name[MOTE_NAME_SIZE];
    mote_dtype dtype;
    mote_role role;
    int rank;
    uint32_t dims[4]; /* slowest first, 1 past the rank */
    void *data;       /* constants only: mote_tensor_size bytes, owned by the graph */
    float scale;      /* as in mote_tensor_record */
    uint32_t offset;  /* arena or state offset once planned */
    uint32_t bound;
    mote_layout layout;   /* of packed weights */
    mote_dtype quantiser; /* trained as this (MOTE_F32: plain), at this granularity */
    mote_granularity granularity;
    mote_pruned pruned; /* of float matrices: which zeros stay */
} mote_tensor;

typedef struct mote_op {
    char name[MOTE_NAME_SIZE];
    mote_opcode opcode;
    int input_count, output_count;
    int inputs[8]; /* tensor indices, -1 for an absent optional input */
    int outputs[4];
    int32_t params[8];
} mote_op;

typedef struct mote_graph {
    mote_tensor *tensors;
    int tensor_count, tensor_capacity;
    mote_op *ops;
    int op_count, op_capacity;
    uint8_t *tokenizer; /* mote_tokenizer and what follows it, owned, NULL when absent (compiler/token/token.h) */
    uint32_t tokenizer_size;
    char *metadata;  /* lines "key=value\n", owned, never NULL */
    uint8_t *golden; /* mote_golden and its tokens, owned, NULL when absent */
    uint32_t golden_size;
    uint32_t arena_size, state_size; /* once planned */
    bool packed;
} mote_graph;

void mote_graph_init(mote_graph *g);
void mote_graph_free(mote_graph *g);
bool mote_graph_copy(mote_graph *to, const mote_graph *from, mote_error *error);

/* Adds and returns an index; -1 when out of memory. Constants get zeroed data of the right size. */
int mote_graph_tensor(mote_graph *g, const char *name, mote_dtype dtype, mote_role role, int rank,
                      const uint32_t *dims);
int mote_graph_op(mote_graph *g, const char *name, mote_opcode opcode, int input_count, const int *inputs,
                  int output_count, const int *outputs);
int mote_graph_find(const mote_graph *g, const char *tensor_name);                    /* -1 when there is none */
const mote_tensor *mote_op_input(const mote_graph *g, const mote_op *op, int index);  /* NULL when absent */
const mote_tensor *mote_op_output(const mote_graph *g, const mote_op *op, int index); /* NULL when absent */

const char *mote_dtype_name(mote_dtype dtype); /* "int8": for people */
size_t mote_tensor_elements(const mote_tensor *t);
size_t mote_tensor_size(const mote_tensor *t); /* bytes as stored, row padding of packed types included */

/* Positions of the shortest key/value cache; 0 where there is none, and a state carries on for ever. */
uint32_t mote_graph_context(const mote_graph *g);

/* Replaces the tokenizer by a copy of a section's bytes; NULL takes it away. False when out of memory. */
bool mote_graph_set_tokenizer(mote_graph *g, const void *section, uint32_t size);

/* Metadata: value of a key into `out` (empty when absent); set replaces. */
void mote_graph_get_meta(const mote_graph *g, const char *key, char *out, size_t size);
bool mote_graph_set_meta(mote_graph *g, const char *key, const char *value);

/* Shapes and types of every operator fit; every index is in range; names are unique (compiler/graph/check.c). */
bool mote_graph_check(const mote_graph *g, mote_error *error);

#endif
