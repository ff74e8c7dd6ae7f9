/* Names files of other kinds that are often given in place of a model or a tokenizer. */
#ifndef MOTE_BASE_FOREIGN_H
#define MOTE_BASE_FOREIGN_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum { MOTE_FOREIGN_BYTES = 64 }; /* number of first bytes that suffice to recognize each kind */

/* Returns true if the file is of no such kind. Otherwise fails with its kind and the remedy. `start` has the first
 * `size` bytes of the file: all of them, or at least MOTE_FOREIGN_BYTES. */
bool mote_foreign_none(const char *path, const uint8_t *start, size_t size, mote_error *error);

#endif
