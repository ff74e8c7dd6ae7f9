/* Plans which constants of a packed model to copy to SRAM, and suggests settings for a model that does not fit. */
#ifndef MOTE_COMPILER_PLACEMENT_H
#define MOTE_COMPILER_PLACEMENT_H

#include <mote.h>

#include "base/error.h"
#include "compiler/plan/chips.h"

typedef enum mote_weights_in {
    MOTE_IN_FLASH,   /* nothing is copied */
    MOTE_STREAMED,   /* nothing is copied, and the flash cache is empty before every token: the worst case of flash */
    MOTE_IN_SRAM,    /* the tables and every constant that a token reads */
    MOTE_AS_PLANNED, /* the tables and the constants with the most cache lines read per token that fit the budget */
    MOTE_PLACES
} mote_weights_in;

/* Names: "flash", "stream", "sram", "planned", NULL. */
extern const char *const mote_weights_in_names[MOTE_PLACES + 1];

typedef struct mote_placement {
    bool streamed;     /* the flash cache is empty before every token */
    bool tables;       /* header, tensors and operators are copied; if not, nothing is copied */
    uint16_t *tensors; /* [count], ascending, owned */
    uint32_t count;
    uint64_t bytes; /* bytes of SRAM for tables and constants (mote_place_tensors_size); 0 without the tables */
} mote_placement;

/* Plans a placement. `model` passed mote_open and was not placed. `budget` is the bytes of SRAM for copies;
 * MOTE_IN_SRAM ignores it, and the caller compares it with placement->bytes. Errors: MOTE_E_INTERNAL when out of
 * memory. */
bool mote_plan_placement(const mote_model *model, mote_weights_in where, uint64_t budget, mote_placement *placement,
                         mote_error *error);
void mote_placement_free(mote_placement *placement);
bool mote_is_placed(const mote_placement *placement, uint32_t tensor);

/* Returns the bytes of the file that one token reads from a constant; for an embedding table those of one row. */
uint64_t mote_bytes_read(const mote_model *model, uint32_t tensor);

/* Returns the bytes of RAM that a model may use on the chip, less arena and state. */
uint64_t mote_sram_left(const mote_model *model, const mote_chip *chip);

enum { MOTE_ADVICE = 96 };

/* Writes and returns advice: the largest setting of `mote quantize` with which the file would have at most `limit`
 * bytes, estimated from the matrices of this packed model, or what to do if there is none. `model` passed mote_open. */
const char *mote_smaller_setting(const mote_model *model, uint64_t limit, char advice[MOTE_ADVICE]);

/* Writes and returns advice: the longest context with which arena and state of this packed model would have at most
 * `limit` bytes, or what to do if there is none. */
const char *mote_smaller_context(const mote_model *model, uint64_t limit, char advice[MOTE_ADVICE]);

#endif
