/* Chooses a type for every matrix: the least loss with a file no larger than asked. */
#ifndef MOTE_COMPILER_FIT_H
#define MOTE_COMPILER_FIT_H

#include "compiler/quantize/quantization.h"

enum { MOTE_FIT_TYPES = 6 };

/* Cost of one matrix as one type. */
typedef struct mote_fit_choice {
    mote_recipe recipe;
    mote_dtype dtype;
    uint64_t bytes; /* in the file, alignment and factors included */
    double loss;    /* added loss, relative to float, if only this matrix is quantized */
} mote_fit_choice;

typedef struct mote_fit_row {
    int tensor;
    int count, chosen;
    mote_fit_choice choices[MOTE_FIT_TYPES];
} mote_fit_row;

typedef struct mote_fit_table {
    mote_fit_row *rows; /* one per matrix */
    int count;
    double float_loss;
    size_t done, total; /* measurements, for `progress` */
} mote_fit_table;

/* Measures int8, int6, int5, int4, ternary and binary for every matrix, as far as it may have these types. The method
 * and the granularity are those of q->options; its layer choices are ignored. `q` must have samples with targets.
 * `progress`, or NULL, is called after each measurement. On failure there is nothing to free. */
bool mote_fit_init(mote_fit_table *t, const mote_quantization *q,
                   void (*progress)(void *context, size_t done, size_t total), void *context, mote_error *error);
void mote_fit_free(mote_fit_table *t);

/* Sets `chosen` of every row: the least sum of losses with a sum of bytes of at most `room`. The choice is exact if the
 * losses of matrices add up; bytes are rounded up to units of 16 or 1/65536 of the room. Returns false if even the
 * smallest types do not fit. */
bool mote_fit_choose(mote_fit_table *t, uint64_t room);

uint64_t mote_fit_bytes(const mote_fit_table *t); /* size with the chosen types */
uint64_t mote_fit_least(const mote_fit_table *t); /* size with the smallest types */

/* Fits a whole file: chooses types, quantizes the matrices of `q` and packs. If the file is larger than `bytes`,
 * chooses again with less room, four times at most. Errors: MOTE_E_UNSUPPORTED with the smallest size. */
bool mote_fit_file(mote_fit_table *t, mote_quantization *q, uint64_t bytes, mote_graph *packed, mote_error *error);

#endif
