/* Searches the mix of types for a chip or a size.
 *
 * For each of a series of prices of time, and for a series of smaller sizes at the middle price, mote_fit_choose gives
 * the best mix of its table. Every such mix is packed:
 * its size is that of the file, its speed the prediction for the whole packed model with its placement, its loss
 * measured with all matrices quantized together. The decision is made between these mixes, by these figures:
 * - with a limit on cycles, the lowest loss that meets it;
 * - without, the lowest product of loss and cycles^MOTE_FIT_EXCHANGE. All mixes with the lowest product are corners of
 *   the convex hull of losses and cycles, which the prices follow. So this is the optimum, as far as the assumptions of
 *   the table hold and the steps between prices (a factor of 2) do not skip a corner.
 * A limit on cycles may be met with less loss by a mix that is not tried. */
#ifndef MOTE_COMPILER_FIT_SEARCH_H
#define MOTE_COMPILER_FIT_SEARCH_H

#include "compiler/quantize/fit_measure.h"

/* Exchange rate of loss and time: a mix may lose 5.4 % (2^0.076 − 1) more if a token takes half the time. A network
 * with half of the parameters takes half the time too, and its loss is higher by this much (Kaplan et al. 2020: loss ~
 * parameters^-0.076). At a worse rate a smaller network would be the better way to the same speed. */
#define MOTE_FIT_EXCHANGE 0.076

/* A mix that was tried. */
typedef struct mote_fit_point {
    uint64_t bytes; /* of the file */
    double loss;    /* added loss of all matrices together */
    double cycles;  /* predicted per token; 0 if time does not count */
    uint8_t *mix;   /* choice per row of the table, owned */
} mote_fit_point;

enum { MOTE_FIT_POINTS = 192 };

typedef struct mote_fit_frontier {
    mote_fit_point points[MOTE_FIT_POINTS]; /* those that no other exceeds in loss, bytes and cycles; by rising loss */
    int count, chosen;
} mote_fit_frontier;

/* Searches a file of at most `bytes` that takes at most `cycles` per token, INFINITY for no limit, and sets the chosen
 * types in the table and in q->recipes. `calibration` is that of mote_fit_measure. Errors: MOTE_E_UNSUPPORTED with the
 * smallest size or the highest speed. On failure there is nothing to free. */
bool mote_fit_search(mote_fit_frontier *f, mote_fit_table *t, mote_quantization *q, uint64_t bytes, double cycles,
                     const mote_calibration *calibration, const mote_fit_progress *progress, mote_error *error);
void mote_fit_frontier_free(mote_fit_frontier *f);

#endif
