/* What a token costs on a chip, from chip/costs.def and chip/memory.h. */
#ifndef MOTE_COMPILER_COST_H
#define MOTE_COMPILER_COST_H

#include "compiler/plan/placement.h"
#include "runtime/format.h"

typedef struct mote_prediction {
    bool known;    /* every kernel has its row in chip/costs.def */
    bool counted;  /* in instructions: the chip's cycles are not known, which are as many or more */
    double work;   /* cycles a token with everything in SRAM, sampling by temperature included */
    double memory; /* cycles a token waits for flash */
} mote_prediction;

/* Attention is predicted with its window full, when it takes longest.
 * `model` passed mote_open and was not placed. */
mote_prediction mote_predict(const mote_model *model, const mote_chip *chip, const mote_placement *placement);

/* Whether the chip has a kernel of its own for such products. */
bool mote_chip_multiplies(const mote_chip *chip, mote_layout layout, mote_dtype dtype);

/* Cycles of one product out of SRAM; `bytes` of weights as the layout stores them. NaN when not known. */
double mote_product_work(const mote_chip *chip, mote_layout layout, mote_dtype dtype, uint32_t rows, uint32_t columns,
                         uint64_t bytes);

/* Cycles a byte of weights takes from flash, in a model that does not fit the chip's RAM; 0 where no cache is known. */
double mote_flash_byte_work(const mote_chip *chip);

#endif
