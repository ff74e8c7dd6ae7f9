/* Placement of a model's constants on a chip, and its predicted cost. */
#ifndef MOTE_CLI_PLACEMENT_REPORT_H
#define MOTE_CLI_PLACEMENT_REPORT_H

#include <jansson.h>

#include "base/file.h"
#include "compiler/plan/cost.h"

typedef struct mote_placement_report {
    mote_model model;
    const mote_chip *chip;
    uint64_t sram;                      /* bytes a model may have */
    mote_placement places[MOTE_PLACES]; /* by mote_weights_in */
    mote_prediction predictions[MOTE_PLACES];
} mote_placement_report;

/* Plans and predicts for `file`, called `path`, which stays the caller's. `sram`: bytes for the model, 0 for what the
 * chip leaves it. Errors: MOTE_E_UNSUPPORTED it is no packed model or does not fit; MOTE_E_INTERNAL out of memory. */
bool mote_placement_report_make(mote_placement_report *r, mote_bytes file, const char *path, const mote_chip *chip,
                                uint64_t sram, mote_error *error);
void mote_placement_report_free(mote_placement_report *r);
void mote_placement_report_print(const mote_placement_report *r);
json_t *mote_placement_report_json(const mote_placement_report *r);

#endif
