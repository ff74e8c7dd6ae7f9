/* Packs a mix of types, as it would be written, to see its size and its speed. */
#ifndef MOTE_COMPILER_FIT_TRIAL_H
#define MOTE_COMPILER_FIT_TRIAL_H

#include <mote.h>

#include "base/file.h"
#include "compiler/quantize/quantization.h"

typedef struct mote_fit_trial {
    mote_graph packed;
    mote_bytes file;
    mote_model model; /* of the file */
} mote_fit_trial;

/* Quantizes by q->recipes and packs with the ranges of `calibration`, or NULL if the graph needs none. On failure there
 * is nothing to free. */
bool mote_fit_trial_init(mote_fit_trial *t, mote_quantization *q, const mote_calibration *calibration,
                         mote_error *error);
void mote_fit_trial_free(mote_fit_trial *t);

/* Predicts the cycles per token on the chip with the planned placement; NaN when unknown. */
bool mote_fit_trial_cycles(const mote_fit_trial *t, const mote_chip *chip, double *cycles, mote_error *error);

#endif
