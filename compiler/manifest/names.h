/* The words of a manifest for what the file has numbers for. */
#ifndef MOTE_COMPILER_MANIFEST_NAMES_H
#define MOTE_COMPILER_MANIFEST_NAMES_H

#include "compiler/graph/operator.h"

static const char *const mote_role_words[MOTE_ROLE_COUNT] = {"constant", "input", "activation", "output", "state"};
static const char *const mote_layout_words[MOTE_LAYOUT_COUNT] = {"rows", "lanes16", "tiles16"};
static const char *const mote_granularity_words[MOTE_GRANULARITY_COUNT] = {"tensor", "row", "pow2", "pow2-row"};
static const char *const mote_pruned_words[MOTE_PRUNED_COUNT] = {"no", "weights", "blocks1x16", "blocks8x4",
                                                                 "blocks16x16"};

#endif
