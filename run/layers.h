/* Two networks beside each other, tensor by tensor: where they differ, and which operator makes the difference. */
#ifndef MOTE_RUN_LAYERS_H
#define MOTE_RUN_LAYERS_H

#include "run/dataset.h"
#include "run/network.h"

/* A result of an operator of the second network. */
typedef struct mote_layer {
    const char *name, *operator_; /* of the tensor; of the kind of operator. They belong to the second network */
    const char *weights;          /* name of the operator's matrix; NULL if it has none */
    mote_dtype type;
    double power, noise; /* sums of squares: of the reference's values, of the differences */
    double largest;      /* difference */
    size_t count;        /* values compared; 0 if the reference has no tensor of this name */
    double share;        /* noise/power, that of the inputs if it was not compared */
    double cost;         /* by how much the share is above that of the operator's inputs */
} mote_layer;

typedef struct mote_layers {
    mote_layer *items; /* [count], in the order of the second network's operators; owned */
    int count;
    size_t frames;
} mote_layers;

/* Runs the samples through both networks. Tensors of the same name and size are compared as real values. Errors: inputs
 * of different numbers or sizes; no tensor of a common name. On failure there is nothing to free. */
bool mote_layers_of(mote_layers *l, mote_network *reference, mote_network *n, const mote_dataset *samples,
                    mote_error *error);

/* The same with an .npz of values in place of a network: arrays named as tensors, [shape] or [frames, shape]. */
bool mote_layers_of_arrays(mote_layers *l, const char *path, mote_network *n, const mote_dataset *samples,
                           mote_error *error);
void mote_layers_free(mote_layers *l);

/* Returns the index of the first layer that differs at all; −1 if none does. */
int mote_layers_first(const mote_layers *l);
/* Returns the index of the layer of the largest cost; −1 if nothing differs. */
int mote_layers_costliest(const mote_layers *l);

#endif
