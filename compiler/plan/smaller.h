/* What to do about a model that does not fit. */
#ifndef MOTE_COMPILER_SMALLER_H
#define MOTE_COMPILER_SMALLER_H

#include <mote.h>

enum { MOTE_ADVICE = 96 };

/* The largest setting of `mote quantize` with which the file would have at most `limit` bytes, estimated from the
 * matrices of this packed one, and what to do where there is none. `model` passed mote_open. */
const char *mote_smaller_setting(const mote_model *model, uint64_t limit, char advice[MOTE_ADVICE]);

/* The longest context with which arena and state of this packed model would have at most `limit` bytes, or what to do
 * where none would do. */
const char *mote_smaller_context(const mote_model *model, uint64_t limit, char advice[MOTE_ADVICE]);

#endif
