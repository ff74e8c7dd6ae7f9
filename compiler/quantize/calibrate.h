/* Runs samples through a float graph and observes every input and activation. The scales of a packed graph are chosen
 * from the observations. */
#ifndef MOTE_COMPILER_CALIBRATE_H
#define MOTE_COMPILER_CALIBRATE_H

#include "compiler/graph/graph.h"
#include "compiler/quantize/observer.h"
#include "compiler/task/source.h"

enum { MOTE_CALIBRATION_MOST = 16384 }; /* samples that are read at most */

typedef struct mote_calibration {
    mote_observer *observers; /* per tensor of the graph; those of constants and states stay empty */
    int count;
} mote_calibration;

/* Observes the samples. A text begins a new sequence, with the start token, whenever the context is full. Errors: too
 * few samples, values that are not finite. On failure there is nothing to free. */
bool mote_calibrate(mote_calibration *c, const mote_graph *g, const mote_source *source, mote_error *error);

/* Calibrates a language model on its own text (mote_own_text). Errors: the network is no language model. */
bool mote_calibrate_self(mote_calibration *c, const mote_graph *g, mote_error *error);
void mote_calibration_free(mote_calibration *c);

#endif
