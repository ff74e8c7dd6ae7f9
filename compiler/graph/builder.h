/* A graph under construction: after a failure every call is harmless, and the end reports it. */
#ifndef MOTE_COMPILER_BUILDER_H
#define MOTE_COMPILER_BUILDER_H

#include "compiler/graph/graph.h"
#include "compiler/graph/random.h"

typedef struct mote_builder {
    mote_graph *g;
    mote_random random;
    bool undrawn; /* leave zero what would be drawn */
    bool failed;
    mote_error error; /* why; without a code when memory was short */
    char name[64];    /* of mote_build_name; the builders' own names are short */
} mote_builder;

/* Formats a name, which lives until the next call. */
__attribute__((format(printf, 2, 3))) const char *mote_build_name(mote_builder *b, const char *format, ...);

/* A tensor of rank 2, or 1 when columns is 0; -1 after a failure, as the others. */
int mote_build_tensor(mote_builder *b, const char *name, mote_dtype dtype, mote_role role, uint32_t rows,
                      uint32_t columns);
/* F32 constants: drawn uniformly in ±range, normally with a deviation, or all of one value. */
int mote_build_uniform(mote_builder *b, const char *name, uint32_t rows, uint32_t columns, float range);
int mote_build_normal(mote_builder *b, const char *name, uint32_t rows, uint32_t columns, float deviation);
int mote_build_filled(mote_builder *b, const char *name, uint32_t rows, float value);

/* An operator with its parameters, NULL for zeros, and an activation of the same name that is its first output, of the
 * shape that the operator infers. Returns that tensor. */
int mote_build_op(mote_builder *b, const char *name, mote_opcode opcode, int input_count, const int *inputs,
                  const int32_t *params);
/* Makes an activation an output of the network, with a name of its own. */
void mote_build_output(mote_builder *b, int tensor, const char *name);
/* After the last call: true, or after a failure false with a message, the graph freed. */
bool mote_build_end(mote_builder *b, const char *network, mote_error *error);

#endif
