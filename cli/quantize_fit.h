/* The size search of `mote quantize`: --fit and --size. */
#ifndef MOTE_CLI_QUANTIZE_FIT_H
#define MOTE_CLI_QUANTIZE_FIT_H

#include "compiler/quantize/quantization.h"

typedef struct mote_fit_request {
    const mote_chip *chip;    /* NULL: bytes alone */
    uint64_t bytes;           /* most bytes of the file; with a chip, the chip decides */
    double tokens_per_second; /* lowest speed on the chip; 0 for none */
    bool json;
} mote_fit_request;

/* Chooses a type for every matrix, prints the table of losses and the mixes, and packs. Shows progress on standard
 * error. On failure there is nothing to free. */
bool mote_quantize_fit(mote_quantization *q, const mote_fit_request *request, mote_graph *packed, mote_error *error);

#endif
