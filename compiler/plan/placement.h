/* Which constants of a packed model a chip copies to SRAM, what a token costs with them there, and what to do about a
 * model that does not fit. */
#ifndef MOTE_COMPILER_PLACEMENT_H
#define MOTE_COMPILER_PLACEMENT_H

#include <mote.h>

#include "base/error.h"
#include "compiler/plan/chips.h"

typedef enum mote_weights_in {
    MOTE_IN_FLASH,   /* nothing is copied */
    MOTE_STREAMED,   /* nothing is copied, and every token finds the flash cache empty: as slow as flash can be */
    MOTE_IN_SRAM,    /* every constant that a token reads, and the tables */
    MOTE_AS_PLANNED, /* the tables and as many lines a token reads as fit the budget */
    MOTE_PLACES
} mote_weights_in;

/* "flash", "stream", "sram", "planned", NULL */
extern const char *const mote_weights_in_names[MOTE_PLACES + 1];

typedef struct mote_placement {
    bool streamed;     /* every token finds the flash cache empty */
    bool tables;       /* header, tensors and operators are copied; without them nothing is */
    uint16_t *tensors; /* [count], ascending, owned */
    uint32_t count;
    uint64_t bytes; /* of SRAM: as mote_place_size, 0 without the tables */
} mote_placement;

/* `model` passed mote_open and was not placed. `budget`: bytes of SRAM for copies; MOTE_IN_SRAM takes what it needs
 * and leaves comparing to the caller. Errors: MOTE_E_INTERNAL out of memory. */
bool mote_plan_placement(const mote_model *model, mote_weights_in where, uint64_t budget, mote_placement *placement,
                         mote_error *error);
void mote_placement_free(mote_placement *placement);
bool mote_is_placed(const mote_placement *placement, uint32_t tensor);

/* Bytes of the file that one token reads from a constant; of an embedding table, those of one row. */
uint64_t mote_bytes_read(const mote_model *model, uint32_t tensor);

/* What SRAM arena and state leave of what a model may use on the chip. */
uint64_t mote_sram_left(const mote_model *model, const mote_chip *chip);

enum { MOTE_ADVICE = 96 };

/* The largest setting of `mote quantize` with which the file would have at most `limit` bytes, estimated from the
 * matrices of this packed one, and what to do where there is none. `model` passed mote_open. */
const char *mote_smaller_setting(const mote_model *model, uint64_t limit, char advice[MOTE_ADVICE]);

/* The longest context with which arena and state of this packed model would have at most `limit` bytes, or what to do
 * where none would do. */
const char *mote_smaller_context(const mote_model *model, uint64_t limit, char advice[MOTE_ADVICE]);

#endif
