/* Chooses a type for every matrix from a table of measured losses and predicted costs.
 *
 * The table assumes that the losses of matrices add up, that a token takes the sum of the cycles of its operators, and
 * that the bytes beyond `room` are read from flash. Under these assumptions mote_fit_choose is exact for its price: no
 * mix within the bytes and cycles of the goal that the price's knapsack considers has a lower sum of loss and price of
 * cycles. Without a bound on cycles this is the optimum of all mixes. With a bound it is the optimum of the mixes that
 * are the best of their size at this price; another mix may meet the bound with less loss. */
#ifndef MOTE_COMPILER_FIT_H
#define MOTE_COMPILER_FIT_H

#include "compiler/plan/chips.h"
#include "compiler/quantize/matrix.h"

enum { MOTE_FIT_TYPES = 6 };

/* Cost of one matrix as one type. */
typedef struct mote_fit_choice {
    mote_recipe recipe;
    mote_dtype dtype;
    uint64_t bytes; /* of the constants of its operators in the file */
    double loss;    /* added loss, relative to float, if only this matrix is quantized */
    double work;    /* cycles per token of its operators, with everything in SRAM; 0 if time does not count */
} mote_fit_choice;

typedef struct mote_fit_row {
    int tensor;
    int count, chosen;
    mote_fit_choice choices[MOTE_FIT_TYPES];
} mote_fit_row;

typedef struct mote_fit_table {
    mote_fit_row *rows; /* one per matrix */
    int count;
    const mote_chip *chip; /* NULL: time does not count */
    double float_loss;
    uint64_t other_bytes; /* of the file, without those of the rows */
    uint64_t working;     /* bytes of arena and state */
    double other_work;    /* cycles per token of operators without a matrix */
    double room;          /* bytes of the rows that fit in SRAM; the rest is read from flash */
    bool starved;         /* set by mote_fit_choose when it is out of memory */
} mote_fit_table;

typedef struct mote_fit_goal {
    uint64_t bytes; /* most bytes of the file */
    double cycles;  /* most cycles per token; INFINITY for no limit */
    double price;   /* added loss that a cycle per token is worth */
} mote_fit_goal;

/* Sets `chosen` of every row. A loss below 0 is noise and counts as 0. Choices whose loss or work is not finite are
 * never chosen. Bytes are rounded up to units of 16 or 1/65536 of the largest mix. Returns false if no mix meets the
 * goal, or without memory. */
bool mote_fit_choose(mote_fit_table *t, const mote_fit_goal *goal);

/* Figures of the chosen types: bytes of the file, cycles per token, sum of the added losses. */
uint64_t mote_fit_bytes(const mote_fit_table *t);
double mote_fit_cycles(const mote_fit_table *t);
double mote_fit_loss(const mote_fit_table *t);

uint64_t mote_fit_least(const mote_fit_table *t); /* bytes of the file with the smallest types */

#endif
