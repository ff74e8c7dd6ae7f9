/* What quantizing did to every matrix and every activation. */
#ifndef MOTE_COMPILER_REPORT_H
#define MOTE_COMPILER_REPORT_H

#include "compiler/quantize/activations.h"
#include "compiler/quantize/quantization.h"

typedef struct mote_layer_report {
    int tensor;
    mote_dtype dtype;
    float least, most;                      /* weights */
    float ranges[MOTE_OBSERVER_KIND_COUNT]; /* of all weights, by each observer; MSE not a number for ternary, binary
                                               and fp16 */
    float least_scale, most_scale;          /* what code 1 stands for, factors included */
    double saturated;                       /* part of the codes that are the largest; of ternary and binary 0 */
    double snr;                             /* decibels: weights to their error; infinite when there is none */
    double loss;                            /* more than float when only this matrix is quantized */
    uint64_t float_bytes, bytes;            /* of the constant, factors included */
} mote_layer_report;

typedef struct mote_report_table {
    mote_layer_report *layers;
    int count;
    double float_loss;                 /* mean, of the samples' task */
    double loss;                       /* with all matrices quantized, activations still float */
    mote_activation_table activations; /* beside the float graph with the matrices as quantized */
} mote_report_table;

/* Of the matrices made and of the graph packed with them; needs the samples with targets that `q` has; activations are
 * looked at over a text only. On failure there is nothing to free. */
bool mote_report_init(mote_report_table *t, const mote_quantization *q, const mote_graph *packed, mote_error *error);
void mote_report_free(mote_report_table *t);

uint64_t mote_matrix_bytes(const mote_matrix *m); /* as stored, factors included, but for alignment */

#endif
