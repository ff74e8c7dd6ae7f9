/* The metadata of a graph: lines "key=value". */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/graph/graph.h"

const char *mote_graph_metadata(const mote_graph *g)
{
    return g->metadata ? g->metadata : "";
}

/* Returns the line of `key` in the metadata, or NULL. Sets *value to its value and *end past its newline. */
static char *find_meta(const mote_graph *g, const char *key, char **value, char **end)
{
    size_t length = strlen(key);
    for (char *line = g->metadata; line && *line; line = *end) {
        char *newline = strchr(line, '\n');
        *end = newline ? newline + 1 : line + strlen(line);
        if (strncmp(line, key, length) == 0 && line[length] == '=') {
            *value = line + length + 1;
            return line;
        }
    }
    return NULL;
}

void mote_graph_get_meta(const mote_graph *g, const char *key, char *out, size_t size)
{
    char *value, *end;
    if (!size)
        return;
    out[0] = 0;
    if (!find_meta(g, key, &value, &end))
        return;
    size_t length = (size_t)(end - value);
    if (length && value[length - 1] == '\n')
        length--;
    if (length > size - 1)
        length = size - 1;
    memcpy(out, value, length);
    out[length] = 0;
}

bool mote_graph_set_meta(mote_graph *g, const char *key, const char *value)
{
    if (strpbrk(key, "=\n") || strchr(value, '\n'))
        return false;
    char *old_value, *end, *line = find_meta(g, key, &old_value, &end);
    if (line)
        memmove(line, end, strlen(end) + 1);
    size_t length = strlen(mote_graph_metadata(g)), added = strlen(key) + strlen(value) + 3;
    char *metadata = realloc(g->metadata, length + added);
    if (!metadata)
        return false;
    g->metadata = metadata;
    snprintf(metadata + length, added, "%s=%s\n", key, value);
    return true;
}
