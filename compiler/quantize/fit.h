/* Which type for which matrix, so that the loss is least and the file no larger than asked. */
#ifndef MOTE_COMPILER_FIT_H
#define MOTE_COMPILER_FIT_H

#include "compiler/quantize/quantization.h"

enum { MOTE_FIT_TYPES = 6 };

/* What one matrix costs as one type. */
typedef struct mote_fit_choice {
    mote_recipe recipe;
    mote_dtype dtype;
    uint64_t bytes; /* in the file, alignment and factors included */
    double loss;    /* loss more than float when only this matrix is quantized */
} mote_fit_choice;

typedef struct mote_fit_row {
    int tensor;
    int count, chosen;
    mote_fit_choice choices[MOTE_FIT_TYPES];
} mote_fit_row;

typedef struct mote_fit_table {
    mote_fit_row *rows; /* a matrix each */
    int count;
    double float_loss;
    size_t done, total; /* measurements, for `progress` */
} mote_fit_table;

/* Measures int8, int6, int5, int4, ternary and binary for every matrix, with the method and the granularity of its
 * recipe in `q`, on the calibration samples, which `q` must have. `progress`, or NULL, is called after each
 * measurement. On failure there is nothing to free. */
bool mote_fit_init(mote_fit_table *t, const mote_quantization *q,
                   void (*progress)(void *context, size_t done, size_t total), void *context, mote_error *error);
void mote_fit_free(mote_fit_table *t);

/* Sets `chosen` everywhere: the least sum of losses with a sum of bytes at most `room`, exactly (losses of matrices
 * taken to add up, bytes in units of 16 or a 65536th of the room). False when even the smallest types do not fit. */
bool mote_fit_choose(mote_fit_table *t, uint64_t room);

uint64_t mote_fit_bytes(const mote_fit_table *t); /* of the choices made */
uint64_t mote_fit_least(const mote_fit_table *t); /* of the smallest types */

/* The same for a whole file: chooses, makes the matrices of `q`, packs, and where the file turns out larger than
 * `bytes`, chooses again with that much less. Errors: MOTE_E_UNSUPPORTED with the size of the smallest. */
bool mote_fit_file(mote_fit_table *t, mote_quantization *q, uint64_t bytes, mote_graph *packed, mote_error *error);

#endif
