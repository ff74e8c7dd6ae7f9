/* Runs a text through a float graph and watches every activation: what the scales of a packed graph are chosen from. */
#ifndef MOTE_COMPILER_CALIBRATE_H
#define MOTE_COMPILER_CALIBRATE_H

#include "compiler/graph/graph.h"
#include "compiler/quantize/observer.h"

enum {
    MOTE_CALIBRATION_LEAST = 128,  /* tokens, below which ranges mean nothing */
    MOTE_CALIBRATION_MOST = 16384, /* what follows is not read */
};

typedef struct mote_calibration {
    mote_observer *observers; /* per tensor of the graph; those that are no activations have seen nothing */
    int count;
} mote_calibration;

/* With the text `tokens`, each below the vocabulary. The sequence begins anew whenever the context is full. Errors: a
 * text that is too short, values that are not finite. On failure there is nothing to free. */
bool mote_calibrate(mote_calibration *c, const mote_graph *g, const uint16_t *tokens, size_t count, mote_error *error);

/* With what the model itself says: mote_own_text. */
bool mote_calibrate_self(mote_calibration *c, const mote_graph *g, mote_error *error);
void mote_calibration_free(mote_calibration *c);

#endif
