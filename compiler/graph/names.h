/* Names of the enumerations of runtime/format.h, as in the output of `mote info` and in a manifest. */
#ifndef MOTE_COMPILER_NAMES_H
#define MOTE_COMPILER_NAMES_H

#include "runtime/format.h"

extern const char *const mote_role_names[MOTE_ROLE_COUNT];
extern const char *const mote_layout_names[MOTE_LAYOUT_COUNT];
extern const char *const mote_granularity_names[MOTE_GRANULARITY_COUNT];
extern const char *const mote_pruned_names[MOTE_PRUNED_COUNT];

enum { MOTE_SHAPE_TEXT = 80 }; /* bytes of the longest text, its NUL included */
void mote_shape_text(int rank, const uint32_t *dims, char out[MOTE_SHAPE_TEXT]); /* "[8, 4]" */

const char *mote_dtype_name(mote_dtype dtype); /* "int8" */

#endif
