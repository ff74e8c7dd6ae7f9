/* Arrays as numpy's .npy files: a header of text, then the numbers, rows first. */
#ifndef MOTE_COMPILER_NPY_H
#define MOTE_COMPILER_NPY_H

#include "compiler/manifest/array.h"

enum { MOTE_NPY_HEADER = 128 };

/* Version 1.0, filled with spaces to MOTE_NPY_HEADER bytes. */
void mote_npy_header(const mote_array *a, uint8_t header[MOTE_NPY_HEADER]);

/* Fills a->data from a file of versions 1 to 3, which must have the type and the shape that `a` has. `name` is for the
 * message. Errors: MOTE_E_FORMAT. On failure a->data is NULL. */
bool mote_npy_read(mote_array *a, const uint8_t *file, size_t size, const char *name, mote_error *error);

/* Reads the header of an .npy file of version 1, 2 or 3 into `a`: kind, element size in bytes (1, 2, 4 or 8; for kind 'f'
 * 4 or 8) and shape. *begin is the offset of the data, and the file holds all of it. a->data becomes NULL.
 * Errors: MOTE_E_FORMAT, also for big-endian or Fortran-ordered data, more than MOTE_RANK dimensions, and strings. */
bool mote_npy_form(mote_array *a, size_t *begin, const uint8_t *file, size_t size, const char *name, mote_error *error);

#endif
