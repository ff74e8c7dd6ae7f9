/* The words for the numbers of runtime/format.h, as `mote info` prints them and a manifest has them. */
#ifndef MOTE_COMPILER_NAMES_H
#define MOTE_COMPILER_NAMES_H

#include "runtime/format.h"

extern const char *const mote_role_names[MOTE_ROLE_COUNT];
extern const char *const mote_layout_names[MOTE_LAYOUT_COUNT];
extern const char *const mote_granularity_names[MOTE_GRANULARITY_COUNT];
extern const char *const mote_pruned_names[MOTE_PRUNED_COUNT];

const char *mote_dtype_name(mote_dtype dtype); /* "int8" */

#endif
