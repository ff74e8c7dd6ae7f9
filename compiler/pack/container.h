/* Converts graphs to model files and back. */
#ifndef MOTE_COMPILER_CONTAINER_H
#define MOTE_COMPILER_CONTAINER_H

#include "base/file.h"
#include "compiler/graph/graph.h"

#define MOTE_FILE_LIMIT ((size_t)1 << 30) /* bytes; larger files are neither written nor read */

/* Encodes a graph. The caller frees out->data with free. */
bool mote_graph_encode(const mote_graph *g, mote_bytes *out, mote_error *error);
/* Decodes a file after verifying it: a packed one by mote_open, a float one by mote_graph_check too. `name` is for
 * messages. */
bool mote_graph_decode(mote_graph *g, const void *data, size_t size, const char *name, mote_error *error);
/* The same without copies of the constants, so that a large file is in memory once. The data must outlive the graph,
 * which may only be read and freed. */
bool mote_graph_view(mote_graph *g, const void *data, size_t size, const char *name, mote_error *error);

/* Fails with a message for the status that mote_open or mote_check_container returned for `data`: both versions if the
 * format has another one, and the kind of a file that is no .mote file if it is a known one. */
bool mote_fail_open(mote_error *error, mote_status status, const void *data, size_t size, const char *name);

bool mote_graph_save(const mote_graph *g, const char *path, mote_error *error); /* atomic */
bool mote_graph_load(mote_graph *g, const char *path, mote_error *error);

#endif
