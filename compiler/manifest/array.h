/* Numbers of one kind in a shape: what a manifest stores of a constant. */
#ifndef MOTE_COMPILER_ARRAY_H
#define MOTE_COMPILER_ARRAY_H

#include "compiler/graph/graph.h"

typedef struct mote_array {
    char kind;     /* 'i' signed, 'u' unsigned, 'f' float */
    uint32_t size; /* bytes a number: 1, 2 or 4; little endian */
    int rank;
    uint32_t dims[MOTE_RANK]; /* 1 past the rank */
    uint8_t *data;            /* owned */
} mote_array;

size_t mote_array_bytes(const mote_array *a);
void mote_array_free(mote_array *a);

/* What the manifest stores of a constant: integer codes a number each, floats and halves as they are; a matrix in a
 * layout of its own, or with padding that packing its codes would not make again, as its bytes (kind 'u', rank 1). */
bool mote_array_of(const mote_tensor *t, mote_array *a, mote_error *error);
/* Kind, size and shape without the data. `bytes`: of a constant stored as such, else 0. */
mote_array mote_array_form(const mote_tensor *t, uint32_t bytes);
/* The constant's data again; the array has the form above, whose type, shape and layout the tensor has. Errors:
 * MOTE_E_FORMAT codes beyond the type, bytes that are no such layout. */
bool mote_array_store(const mote_array *a, mote_tensor *t, mote_error *error);

#endif
