/* A float matrix as integer codes, before it is stored in a packed graph. */
#ifndef MOTE_COMPILER_MATRIX_H
#define MOTE_COMPILER_MATRIX_H

#include "compiler/graph/graph.h"
#include "compiler/graph/scheme.h"

typedef enum mote_method {
    MOTE_METHOD_RTN,  /* round to nearest, scales by the rule of the scheme */
    MOTE_METHOD_MSE,  /* round to nearest, scales of the least squared error, weighted by the inputs' squares */
    MOTE_METHOD_GPTQ, /* scales of the least error, codes that compensate for each other's errors */
    MOTE_METHOD_AUTO, /* not in a recipe: GPTQ in a graph that is calibrated anyway, for types below 8 bits and for int8
                         with power-of-two scales, else RTN */
    MOTE_METHOD_COUNT
} mote_method;

/* Parameters of a matrix's quantization. */
typedef struct mote_recipe {
    mote_scheme scheme; /* FLOAT: not quantized */
    mote_granularity granularity;
    uint32_t group; /* columns that share an integer factor of the scale, a multiple of 16; 0: no factors */
    mote_method method;
    bool five_trits; /* ternary as 5 trits a byte, else 2-bit codes */
    bool even;       /* no scale below 1/256 of the largest, because requantization has 15 bits for all rows */
    uint32_t room;   /* the most that Σ |code|·factor of a row may be where the scheme can choose: half of what an
                        accumulator holds over the largest input; the other half is for the bias. 2^23 for int8 inputs,
                        2^15 for int16 ones; 0 means 2^23 */
    uint32_t lanes;  /* for int8 with a scale per row, by round to nearest: limit of Σ |code| of all rows, if scales at
                        most `coarser` times as large achieve it; 0: none */
    uint32_t coarser;
} mote_recipe;

typedef struct mote_matrix {
    mote_dtype dtype; /* type of the weights */
    uint32_t rows, columns;
    int16_t *codes;   /* [rows, columns]; for F16 the integers that a product uses, w·2^fraction to nearest */
    float *scales;    /* [rows]: w ≈ scale · factor · code, all > 0 */
    uint32_t group;   /* columns that share a factor, 0: all factors are 1 */
    uint8_t *groups;  /* [rows, mote_matrix_groups]: factors 1..127, or NULL */
    int fraction;     /* for F16: scale is 2^-fraction */
    uint16_t *halves; /* for F16: [rows, columns] as stored, else NULL */
} mote_matrix;

/* Allocates memory for a matrix of m's type, size and group; codes are 0. Returns false when out of memory; the matrix
 * must be freed then too. */
bool mote_matrix_alloc(mote_matrix *m);
bool mote_matrix_copy(mote_matrix *to, const mote_matrix *from, mote_error *error);
void mote_matrix_free(mote_matrix *m);

static inline uint32_t mote_matrix_groups(const mote_matrix *m) /* groups of a row */
{
    return m->group ? (m->columns + m->group - 1) / m->group : 0;
}

/* Returns the value of code 1 at this position. */
static inline float mote_matrix_step(const mote_matrix *m, uint32_t row, uint32_t column)
{
    if (!m->groups)
        return m->scales[row];
    const size_t group = column / m->group;
    return m->scales[row] * (float)m->groups[(size_t)row * mote_matrix_groups(m) + group];
}

uint32_t mote_matrix_magnitude(const mote_matrix *m, uint32_t row); /* Σ |code|·factor */
/* Σ |code|·factor as runtime/ops/product.c checks it: no code of a ternary row counts as 0. */
uint32_t mote_matrix_reach(const mote_matrix *m, uint32_t row);
float mote_matrix_largest_scale(const mote_matrix *m);

/* Writes the values of the codes, [rows, columns]. */
void mote_matrix_floats(const mote_matrix *m, float *out);

/* Raises every scale to at least `floor` and rounds the codes of such rows to the new scale. Binary codes stay. */
void mote_matrix_raise_scales(mote_matrix *m, float floor);

#endif
