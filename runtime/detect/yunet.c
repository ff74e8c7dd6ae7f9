/* Boxes and landmarks as offsets from the corners of cells, in strides (Wu et al. 2023, YuNet). */
#include "detect.h"

enum { SCORE, OBJECT };

static uint32_t cells_of(const mote_detector *d, uint32_t grid)
{
    return mote_cells(d->width, d->strides[grid]) * mote_cells(d->height, d->strides[grid]);
}

int mote_yunet_fits(const mote_detector *d, const mote_value *outputs, uint32_t count)
{
    for (uint32_t g = 0; g < MOTE_DETECT_STRIDES && d->strides[g]; g++) {
        const uint32_t cells = cells_of(d, g);
        if (!mote_value_of(outputs, count, cells, 1, SCORE) || !mote_value_of(outputs, count, cells, 1, OBJECT) ||
            !mote_value_of(outputs, count, cells, 4, 0) ||
            !mote_value_of(outputs, count, cells, 2 * MOTE_DETECT_POINTS, 0))
            return 0;
    }
    return d->strides[0] != 0;
}

static void add(const mote_detector *d, const mote_value *offsets, const mote_value *points, uint32_t grid,
                uint32_t index, float score, mote_candidates *c)
{
    const uint32_t columns = mote_cells(d->width, d->strides[grid]);
    const float x_unit = (float)d->strides[grid] / (float)d->width, y_unit = (float)d->strides[grid] / (float)d->height;
    const float column = (float)(index % columns), row = (float)(index / columns);
    const float x = (mote_real_at(offsets, index, 0) + column) * x_unit;
    const float y = (mote_real_at(offsets, index, 1) + row) * y_unit;
    const float width = mote_exp(mote_real_at(offsets, index, 2)) * x_unit;
    const float height = mote_exp(mote_real_at(offsets, index, 3)) * y_unit;
    mote_box box = {.left = x - width / 2,
                    .top = y - height / 2,
                    .right = x + width / 2,
                    .bottom = y + height / 2,
                    .score = score,
                    .point_count = MOTE_DETECT_POINTS};
    for (uint32_t i = 0; i < MOTE_DETECT_POINTS; i++) {
        box.points[i][0] = (mote_real_at(points, index, 2 * i) + column) * x_unit;
        box.points[i][1] = (mote_real_at(points, index, 2 * i + 1) + row) * y_unit;
    }
    mote_candidate_add(c, &box);
}

void mote_yunet_detect(const mote_detector *d, const mote_value *outputs, uint32_t count, mote_candidates *c)
{
    for (uint32_t g = 0; g < MOTE_DETECT_STRIDES && d->strides[g]; g++) {
        const uint32_t cells = cells_of(d, g);
        const mote_value *scores = mote_value_of(outputs, count, cells, 1, SCORE);
        const mote_value *objects = mote_value_of(outputs, count, cells, 1, OBJECT);
        const mote_value *offsets = mote_value_of(outputs, count, cells, 4, 0);
        const mote_value *points = mote_value_of(outputs, count, cells, 2 * MOTE_DETECT_POINTS, 0);
        for (uint32_t i = 0; i < cells; i++) {
            const float score = mote_real_at(scores, i, 0) * mote_real_at(objects, i, 0);
            if (score > d->threshold)
                add(d, offsets, points, g, i, score, c);
        }
    }
}
