/* Predicts the cycles per token on a chip, from chip/costs.def and chip/memory.h. */
#ifndef MOTE_COMPILER_COST_H
#define MOTE_COMPILER_COST_H

#include "compiler/plan/placement.h"
#include "runtime/format.h"

typedef struct mote_prediction {
    bool known;    /* every kernel has a row in chip/costs.def */
    bool counted;  /* the numbers are instructions: a lower bound of the cycles, which are unknown for the chip */
    double work;   /* cycles per token with everything in SRAM, including sampling by temperature */
    double memory; /* cycles per token of waiting for flash */
} mote_prediction;

/* Predicts a token with a full attention window, which takes longest. `model` passed mote_open and was not placed. */
mote_prediction mote_predict(const mote_model *model, const mote_chip *chip, const mote_placement *placement);

/* True if chip/costs.def has a product of this layout and type for the chip. */
bool mote_chip_multiplies(const mote_chip *chip, mote_layout layout, mote_dtype dtype);

/* Returns the cycles of one product with weights in SRAM, NaN when unknown. `bytes` is the size of the weights in the
 * layout. */
double mote_product_work(const mote_chip *chip, mote_layout layout, mote_dtype dtype, uint32_t rows, uint32_t columns,
                         uint64_t bytes);

/* Returns the cycles per token of the operators that read a constant, with everything in SRAM; NaN when unknown. */
double mote_constant_work(const mote_model *model, const mote_chip *chip, uint32_t tensor);

/* Estimates the cycles per token of waiting for constants of this many bytes that a token reads from flash: 0 if they
 * fill at most half of the cache. In a fuller cache some sets overflow, since the constants are scattered. 0 for a chip
 * without a known cache. */
double mote_flash_work(const mote_chip *chip, double bytes);

/* Returns the cycles per byte of weights read from flash, for a model that does not fit in RAM; 0 for a chip without a
 * known cache. */
double mote_flash_byte_work(const mote_chip *chip);

#endif
