/* Reads and writes .npy files of numpy: a text header, then the numbers in row-major order. */
#ifndef MOTE_COMPILER_NPY_H
#define MOTE_COMPILER_NPY_H

#include "compiler/manifest/array.h"

enum { MOTE_NPY_HEADER = 128 };

/* Writes a header of version 1.0, padded with spaces to MOTE_NPY_HEADER bytes. */
void mote_npy_header(const mote_array *a, uint8_t header[MOTE_NPY_HEADER]);

/* Reads a->data from a file of version 1, 2 or 3, which must have the type and the shape of `a`. `name` is for
 * messages. Errors: MOTE_E_FORMAT, and MOTE_E_INTERNAL when out of memory. On failure a->data is NULL. */
bool mote_npy_read(mote_array *a, const uint8_t *file, size_t size, const char *name, mote_error *error);

/* Reads the header of an .npy file of version 1, 2 or 3 into `a`: kind, element size in bytes (1, 2, 4 or 8; for kind
 * 'f' 4 or 8) and shape. Sets *begin to the offset of the data, after checking that the file contains all of it, and
 * a->data to NULL. Errors: MOTE_E_FORMAT, also for big-endian or Fortran-ordered data, more than MOTE_ARRAY_RANK
 * dimensions, and strings. */
bool mote_npy_form(mote_array *a, size_t *begin, const uint8_t *file, size_t size, const char *name, mote_error *error);

#endif
