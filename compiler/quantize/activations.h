/* Reports the quantization error of every activation: a packed model and the float graph that it was made from read the
 * same text. */
#ifndef MOTE_COMPILER_ACTIVATIONS_H
#define MOTE_COMPILER_ACTIVATIONS_H

#include "compiler/graph/graph.h"
#include "compiler/quantize/observer.h"
#include "compiler/task/source.h"

typedef struct mote_activation_report {
    int tensor;                             /* index in the packed graph */
    float least, most;                      /* range of the float values */
    float ranges[MOTE_OBSERVER_KIND_COUNT]; /* range chosen by each observer */
    double scale, most_scale;               /* value of code 1: mean and largest; equal if the file stores the scale */
    double saturated; /* fraction of codes at the largest magnitude; 0 if the scale is found at run time, which clips
                         nothing */
    double snr; /* decibels: float values relative to their difference from the integers; infinite if there is none */
} mote_activation_report;

typedef struct mote_activation_table {
    mote_activation_report *rows; /* in the order in which they are computed */
    int count;
    double float_loss, loss; /* nats per token */
} mote_activation_table;

/* Compares every tensor that `packed` computes with the tensor of `from` that has its name, or its name without a final
 * 8: activations, logits, states. `from` is a float graph without quantizers. A new sequence, with the start token,
 * begins whenever the context of `packed` is full. Errors: values that are not finite. On failure there is nothing to
 * free. */
bool mote_activations_init(mote_activation_table *t, const mote_graph *from, const mote_graph *packed,
                           const mote_source *text, mote_error *error);
void mote_activations_free(mote_activation_table *t);

#endif
