/* A graph as JSON and back: everything but the numbers of its constants, which a callback writes and reads. */
#ifndef MOTE_COMPILER_MANIFEST_JSON_H
#define MOTE_COMPILER_MANIFEST_JSON_H

#include <jansson.h>

#include "compiler/manifest/array.h"

#define MOTE_MANIFEST_VERSION 2

/* Adds to the tensor's JSON what says where the numbers are, or the numbers. */
typedef bool mote_numbers_write(void *context, const mote_array *a, const char *name, json_t *tensor,
                                mote_error *error);
/* Fills a->data; kind, size and shape are given. */
typedef bool mote_numbers_read(void *context, mote_array *a, const char *name, const json_t *tensor, mote_error *error);

/* The operators, with their operands and parameters by name. NULL when a name is no UTF-8. */
json_t *mote_operators_to_json(const mote_graph *g);

/* NULL on failure. */
json_t *mote_graph_to_json(const mote_graph *g, mote_numbers_write *write, void *context, mote_error *error);

/* Names, types and shapes are checked, what they mean together is not: encode and decode the graph for that. `file` is
 * for messages. On failure there is nothing to free. */
bool mote_graph_from_json(mote_graph *g, const json_t *root, const char *file, mote_numbers_read *read, void *context,
                          mote_error *error);

#endif
