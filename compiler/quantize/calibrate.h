/* Runs samples through a float graph and watches every input and activation: what the scales of a packed graph are
 * chosen from. */
#ifndef MOTE_COMPILER_CALIBRATE_H
#define MOTE_COMPILER_CALIBRATE_H

#include "compiler/graph/graph.h"
#include "compiler/quantize/observer.h"
#include "compiler/task/source.h"

enum { MOTE_CALIBRATION_MOST = 16384 }; /* samples: what follows is not read */

typedef struct mote_calibration {
    mote_observer *observers; /* per tensor of the graph; those of constants and states have seen nothing */
    int count;
} mote_calibration;

/* A text begins anew, with the start token, whenever the context is full. Errors: too few samples, values that are not
 * finite. On failure there is nothing to free. */
bool mote_calibrate(mote_calibration *c, const mote_graph *g, const mote_source *source, mote_error *error);

/* With what a language model itself generates: mote_own_text. Errors: a network that is none. */
bool mote_calibrate_self(mote_calibration *c, const mote_graph *g, mote_error *error);
void mote_calibration_free(mote_calibration *c);

#endif
