/* What detectors have in common: reading outputs, keeping the best boxes. */
#ifndef MOTE_RUNTIME_DETECT_H
#define MOTE_RUNTIME_DETECT_H

#include <mote_detect.h>

/* The best boxes so far, as a heap: the one of the lowest score first. */
typedef struct mote_candidates {
    mote_box *boxes;
    uint32_t count, capacity;
} mote_candidates;

/* Adds a box. Replaces the worst one when there is no room. Ignores a box whose edges are no numbers. */
void mote_candidate_add(mote_candidates *c, const mote_box *box);

/* Returns the real value in row `row`, all dimensions but the last taken together, and column `column`. */
float mote_real_at(const mote_value *v, uint32_t row, uint32_t column);

/* Returns output number `nth` with this number of rows and columns; NULL if there is none. */
const mote_value *mote_value_of(const mote_value *outputs, uint32_t count, uint32_t rows, uint32_t columns,
                                uint32_t nth);
uint32_t mote_rows_of(const mote_value *v);
uint32_t mote_columns_of(const mote_value *v);

/* Returns e^x, limited to x from −40 to 40, with a relative error below 2e-7; NaN for NaN. */
float mote_exp(float x);

static inline uint32_t mote_cells(uint32_t pixels, uint32_t stride) /* of a grid along one side */
{
    return (pixels + stride - 1) / stride;
}

int mote_ssd_fits(const mote_detector *d, const mote_value *outputs, uint32_t count);
void mote_ssd_detect(const mote_detector *d, const mote_value *outputs, uint32_t count, mote_candidates *c);
int mote_yunet_fits(const mote_detector *d, const mote_value *outputs, uint32_t count);
void mote_yunet_detect(const mote_detector *d, const mote_value *outputs, uint32_t count, mote_candidates *c);
int mote_fomo_fits(const mote_value *output);
void mote_fomo_detect(const mote_detector *d, const mote_value *output, mote_candidates *c);

#endif
