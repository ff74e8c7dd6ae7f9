/* Reports the effect of quantization on every matrix and every activation. */
#ifndef MOTE_COMPILER_REPORT_H
#define MOTE_COMPILER_REPORT_H

#include "compiler/quantize/activations.h"
#include "compiler/quantize/quantization.h"

typedef struct mote_layer_report {
    int tensor;
    mote_dtype dtype;
    float least, most;                      /* range of the weights */
    float ranges[MOTE_OBSERVER_KIND_COUNT]; /* range chosen by each observer over all weights; the MSE range is NaN for
                                               ternary, binary and fp16 */
    float least_scale, most_scale;          /* value of code 1, factors included */
    double saturated;            /* fraction of codes at the largest magnitude; 0 for ternary, binary and fp16 */
    double snr;                  /* decibels: weights relative to their error; infinite if there is none */
    double loss;                 /* added loss, relative to float, if only this matrix is quantized */
    uint64_t float_bytes, bytes; /* size of the constant, factors included */
} mote_layer_report;

typedef struct mote_report_table {
    mote_layer_report *layers;
    int count;
    double float_loss;                 /* mean loss of the samples' task */
    double loss;                       /* with all matrices quantized and float activations */
    mote_activation_table activations; /* compared with the float graph with quantized matrices */
} mote_report_table;

/* Reports on the matrices of `q` and on the graph packed with them. `q` must have samples with targets. Activations are
 * compared only if the samples are a text. On failure there is nothing to free. */
bool mote_report_init(mote_report_table *t, const mote_quantization *q, const mote_graph *packed, mote_error *error);
void mote_report_free(mote_report_table *t);

uint64_t mote_matrix_bytes(const mote_matrix *m); /* stored size, factors included, without alignment */

#endif
