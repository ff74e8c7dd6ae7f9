/* Converts a graph to JSON and back. Callbacks write and read the numbers of its constants. */
#ifndef MOTE_COMPILER_MANIFEST_JSON_H
#define MOTE_COMPILER_MANIFEST_JSON_H

#include <jansson.h>

#include "compiler/manifest/array.h"

#define MOTE_MANIFEST_VERSION 2

/* Adds the numbers of a constant, or a reference to them, to the JSON of its tensor. */
typedef bool mote_numbers_write(void *context, const mote_array *a, const char *name, json_t *tensor,
                                mote_error *error);
/* Allocates and fills a->data. Kind, size and shape of `a` are set. */
typedef bool mote_numbers_read(void *context, mote_array *a, const char *name, const json_t *tensor, mote_error *error);

/* Makes a string of a name; NULL on failure. json_string fails for a name that is not UTF-8. */
typedef json_t *mote_name_to_json(const char *name);

/* Returns the operators with their operands and parameters by name; NULL when a name fails or out of memory. */
json_t *mote_operators_to_json(const mote_graph *g, mote_name_to_json *name);

/* Returns the graph as JSON, NULL on failure. */
json_t *mote_graph_to_json(const mote_graph *g, mote_numbers_write *write, void *context, mote_error *error);

/* Builds a graph from JSON. Checks names, types and shapes, but not whether they are consistent: encode and decode the
 * graph to check that. `file` is for messages. On failure there is nothing to free. */
bool mote_graph_from_json(mote_graph *g, const json_t *root, const char *file, mote_numbers_read *read, void *context,
                          mote_error *error);

#endif
