/* The transformers of chip/models.def: one that is known to fit on each chip. */
#ifndef MOTE_COMPILER_MODELS_H
#define MOTE_COMPILER_MODELS_H

#include "compiler/graph/transformer.h"
#include "compiler/plan/chips.h"

enum { MOTE_CHIP_MODELS = 5 };

typedef struct mote_chip_model {
    const char *name; /* "esp32s3": the value of --chip */
    const char *part; /* name of the chip in chip/chips.def */
    mote_transformer_shape shape;
} mote_chip_model;

extern const mote_chip_model mote_chip_models[MOTE_CHIP_MODELS];

const mote_chip *mote_chip_of(const mote_chip_model *model);

#endif
