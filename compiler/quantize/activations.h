/* What integers did to every activation: a packed model reads a text beside the float graph that it was made of. */
#ifndef MOTE_COMPILER_ACTIVATIONS_H
#define MOTE_COMPILER_ACTIVATIONS_H

#include "compiler/graph/graph.h"
#include "compiler/quantize/observer.h"
#include "compiler/task/source.h"

typedef struct mote_activation_report {
    int tensor;                             /* of the packed graph */
    float least, most;                      /* of the float graph's values */
    float ranges[MOTE_OBSERVER_KIND_COUNT]; /* by each observer */
    double scale, most_scale;               /* what code 1 stood for: mean, largest. Equal where the file says it */
    double saturated; /* part of the codes that are the largest; 0 where a scale is found while running, for then
                         nothing is cut off */
    double snr;       /* decibels: float values to their difference from the integers; infinite when there is none */
} mote_activation_report;

typedef struct mote_activation_table {
    mote_activation_report *rows; /* in the order in which they are computed */
    int count;
    double float_loss, loss; /* nats a token */
} mote_activation_table;

/* Of all that `packed` computes under the name of a tensor of `from`, a float graph without quantizers, or under that
 * name and an 8: activations, scores, states. Sequences begin anew, with the start token, whenever the context of
 * `packed` is full. Errors: values that are not finite. On failure there is nothing to free. */
bool mote_activations_init(mote_activation_table *t, const mote_graph *from, const mote_graph *packed,
                           const mote_source *text, mote_error *error);
void mote_activations_free(mote_activation_table *t);

#endif
