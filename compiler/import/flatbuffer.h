/* Reads FlatBuffers of untrusted origin. Every offset, table and vector is checked before its bytes are read. After the
 * first fault all reads return nothing: zeros, absent tables, empty vectors; `fault` says what is wrong. */
#ifndef MOTE_COMPILER_IMPORT_FLATBUFFER_H
#define MOTE_COMPILER_IMPORT_FLATBUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct mote_flat {
    const uint8_t *data;
    uint32_t size;
    const char *fault; /* NULL while there is none */
    uint32_t fault_at; /* byte of the fault */
} mote_flat;

typedef struct mote_flat_table {
    mote_flat *in; /* NULL for an absent table */
    uint32_t at, size;
    uint32_t vtable;
    uint16_t fields;
} mote_flat_table;

typedef struct mote_flat_vector {
    mote_flat *in;
    uint32_t at, count; /* of the first element */
} mote_flat_vector;

/* Returns the root table; fails for data of 2^31 bytes or more. */
mote_flat_table mote_flat_root(mote_flat *f, const uint8_t *data, size_t size);

/* Scalars by the number of their field, or `absent`. */
int64_t mote_flat_int(mote_flat_table *t, int field, int bytes, int64_t absent); /* 1, 4 or 8 bytes, signed */
float mote_flat_float(mote_flat_table *t, int field, float absent);

mote_flat_table mote_flat_child(mote_flat_table *t, int field);
/* A vector of elements of this many bytes; an absent one is empty. Strings are vectors of single bytes. */
mote_flat_vector mote_flat_vector_of(mote_flat_table *t, int field, uint32_t bytes);
mote_flat_table mote_flat_element(const mote_flat_vector *v, uint32_t index); /* of a vector of tables */

static inline const uint8_t *mote_flat_data(const mote_flat_vector *v)
{
    return v->count ? v->in->data + v->at : NULL;
}

/* Little-endian numbers at any address. */
uint32_t mote_flat_u32(const uint8_t *from);
int64_t mote_flat_i64(const uint8_t *from);
float mote_flat_f32(const uint8_t *from);

#endif
