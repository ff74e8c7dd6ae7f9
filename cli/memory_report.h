/* The arena of a packed network over a run: what is alive at each operator, as text, as JSON and as a picture. */
#ifndef MOTE_CLI_MEMORY_REPORT_H
#define MOTE_CLI_MEMORY_REPORT_H

#include <jansson.h>

#include "compiler/graph/graph.h"

/* A tensor in the arena: needed from operator `first` to operator `last`. */
typedef struct mote_span {
    int tensor, first, last;
    uint32_t offset, end; /* bytes of the arena */
} mote_span;

typedef struct mote_memory_report {
    const mote_graph *graph; /* not owned */
    mote_span *spans;        /* [count], by offset; owned */
    int count;
    uint32_t *alive; /* [operators]: bytes of the arena in use, those that tensors share counted once; owned */
    int peak;        /* operator with the most */
} mote_memory_report;

/* `g` is a packed graph with at least one operator and must outlive the report. On failure there is nothing to free. */
bool mote_memory_report_make(mote_memory_report *r, const mote_graph *g, mote_error *error);
void mote_memory_report_free(mote_memory_report *r);

void mote_memory_report_print(const mote_memory_report *r);
json_t *mote_memory_report_json(const mote_memory_report *r);
/* Draws bytes of the arena over the operators, as an SVG. */
bool mote_memory_report_draw(const mote_memory_report *r, const char *path, mote_error *error);

#endif
