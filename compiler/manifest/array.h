/* Arrays of numbers: the form in which a manifest stores constants. */
#ifndef MOTE_COMPILER_ARRAY_H
#define MOTE_COMPILER_ARRAY_H

#include "compiler/graph/graph.h"

enum { MOTE_ARRAY_RANK = MOTE_RANK + 1 }; /* of a tensor, and one for samples */

typedef struct mote_array {
    char kind;     /* 'i' signed, 'u' unsigned, 'f' float */
    uint32_t size; /* bytes per number: 1, 2 or 4 (8 in files for npy.h); little endian */
    int rank;
    uint32_t dims[MOTE_ARRAY_RANK]; /* [rank] */
    uint8_t *data;                  /* owned */
} mote_array;

size_t mote_array_bytes(const mote_array *a);
void mote_array_free(mote_array *a);

/* Converts a constant to the array that a manifest stores. Integer codes become one number each; floats and halves are
 * copied. A matrix in another layout than rows, or with padding that packing its codes would not reproduce, becomes its
 * bytes (kind 'u', rank 1). */
bool mote_array_of(const mote_tensor *t, mote_array *a, mote_error *error);
/* Returns kind, size and shape without the data. `bytes` is the size of a constant that is stored as bytes, else 0. */
mote_array mote_array_form(const mote_tensor *t, uint32_t bytes);
/* Converts an array back to the data of a constant. The tensor has the type, shape and layout; the array has the form
 * for them. Errors: MOTE_E_FORMAT for codes outside the range of the type, or bytes that are invalid for the layout. */
bool mote_array_store(const mote_array *a, mote_tensor *t, mote_error *error);

#endif
