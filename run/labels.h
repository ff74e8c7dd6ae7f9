/* Names of classes: lines of a file, or the metadata "labels", where tabs separate them. */
#ifndef MOTE_RUN_LABELS_H
#define MOTE_RUN_LABELS_H

#include "run/network.h"

typedef struct mote_labels {
    char *text;   /* owned */
    char **names; /* [count], owned; they point into the text */
    size_t count;
} mote_labels;

/* Reads a file of at most 65,536 labels, one a line; or, if `path` is NULL, those of the graph, none if it has none.
 * On failure there is nothing to free. */
bool mote_labels_read(mote_labels *l, const char *path, const mote_graph *g, mote_error *error);
void mote_labels_free(mote_labels *l);

/* Returns the index of the label, or the number that the name is; SIZE_MAX if it is neither. */
size_t mote_class_of(const mote_labels *l, const char *name);

/* True if one of the outputs has as many values as there are labels. */
bool mote_labels_fit(const mote_labels *l, const mote_port *outputs, int count);

/* Keeps them in the metadata. */
bool mote_labels_keep(const mote_labels *l, mote_graph *g, mote_error *error);

#endif
