/* Placement of a model's constants on a chip, and its predicted cost. */
#ifndef MOTE_CLI_PLACEMENT_REPORT_H
#define MOTE_CLI_PLACEMENT_REPORT_H

#include <jansson.h>

#include "base/file.h"
#include "compiler/plan/cost.h"

typedef struct mote_placement_report {
    mote_model model;
    const mote_chip *chip;
    uint64_t sram;                      /* bytes of SRAM that the model may use */
    mote_placement places[MOTE_PLACES]; /* indexed by mote_weights_in */
    mote_prediction predictions[MOTE_PLACES];
} mote_placement_report;

/* Plans placements of `file`, called `path`, and predicts their costs. The caller keeps `file`. sram: bytes of SRAM for
 * the model, 0 for those of chip/chips.def. Errors: MOTE_E_UNSUPPORTED if the model is not packed or does not fit;
 * MOTE_E_INTERNAL if out of memory. */
bool mote_placement_report_make(mote_placement_report *r, mote_bytes file, const char *path, const mote_chip *chip,
                                uint64_t sram, mote_error *error);
void mote_placement_report_free(mote_placement_report *r);
void mote_placement_report_print(const mote_placement_report *r);
json_t *mote_placement_report_json(const mote_placement_report *r);

#endif
