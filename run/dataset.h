/* Samples for a network, as real values: to calibrate it, and with targets to measure it. */
#ifndef MOTE_RUN_DATASET_H
#define MOTE_RUN_DATASET_H

#include "compiler/task/arrays.h"
#include "run/labels.h"

typedef struct mote_dataset {
    mote_arrays arrays;  /* float32 inputs, or ids */
    mote_graph shape;    /* the network's inputs, outputs and states as float32 (or ids), without operators */
    mote_labels classes; /* names of the classes, by index; none if unknown */
} mote_dataset;

/* Reads samples of the inputs of `g`, which may be packed, from
 *   a folder     whose subfolders are classes and hold files of samples; or, without subfolders, files without targets.
 *                A subfolder has the name of one of the network's labels, or the number of a class; otherwise the
 *                subfolders are the classes in the order of their names
 *   FILE.npz     arrays (compiler/task/arrays.h)
 *   FILE.csv     a line for each sample: the values of the input, and optionally the number or the label of its class
 *   another file that mote_frames_read takes: samples without targets
 * All but arrays are for networks with one input. Errors: those of mote_frames_read; an empty folder; a class that the
 * network has no output for. On failure there is nothing to free. */
bool mote_dataset_load(mote_dataset *d, const char *path, const mote_graph *g, mote_error *error);
void mote_dataset_free(mote_dataset *d);

bool mote_is_folder(const char *path);

#endif
