/* A graph under construction. After a failure every call is harmless, and mote_build_end reports the failure. */
#ifndef MOTE_COMPILER_BUILDER_H
#define MOTE_COMPILER_BUILDER_H

#include "compiler/graph/graph.h"
#include "compiler/graph/random.h"

typedef struct mote_builder {
    mote_graph *g;
    mote_random random;
    bool undrawn; /* leave normal constants zero instead of drawing them */
    bool failed;
    mote_error error; /* reason of the failure; no code when out of memory */
    char name[64];    /* result of mote_build_name; the names of the builders are short */
} mote_builder;

/* Formats a name that is valid until the next call. */
__attribute__((format(printf, 2, 3))) const char *mote_build_name(mote_builder *b, const char *format, ...);

/* Adds a tensor of rank 2, or of rank 1 when columns is 0. Returns its index, -1 after a failure; so do the functions
 * below. */
int mote_build_tensor(mote_builder *b, const char *name, mote_dtype dtype, mote_role role, uint32_t rows,
                      uint32_t columns);
/* Add an F32 constant: uniform in ±range, normal with a standard deviation, or filled with one value. */
int mote_build_uniform(mote_builder *b, const char *name, uint32_t rows, uint32_t columns, float range);
int mote_build_normal(mote_builder *b, const char *name, uint32_t rows, uint32_t columns, float deviation);
int mote_build_filled(mote_builder *b, const char *name, uint32_t rows, float value);

/* Adds an operator with its parameters (NULL for zeros) and an activation of the same name as its first output, of the
 * shape that the operator infers. Returns that tensor. */
int mote_build_op(mote_builder *b, const char *name, mote_opcode opcode, int input_count, const int *inputs,
                  const int32_t *params);
/* Makes an activation an output of the network and renames it. */
void mote_build_output(mote_builder *b, int tensor, const char *name);
/* Ends the construction. Returns true; after a failure frees the graph and returns false with a message. */
bool mote_build_end(mote_builder *b, const char *network, mote_error *error);

#endif
