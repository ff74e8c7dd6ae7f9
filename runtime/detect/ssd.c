/* Boxes as offsets from priors: (Liu et al. 2016, SSD). A prior lies in the middle of a cell and is cut at the edges of
 * the input's range, 0..1, in its center and its size. */
#include "detect.h"

typedef struct prior {
    float x, y, width, height;
} prior;

static uint32_t sizes_of(const mote_detector *d, uint32_t grid)
{
    uint32_t count = 0;
    while (count < MOTE_DETECT_SIZES && d->sizes[grid][count])
        count++;
    return count;
}

static uint32_t prior_count(const mote_detector *d)
{
    uint32_t count = 0;
    for (uint32_t g = 0; g < MOTE_DETECT_STRIDES && d->strides[g]; g++)
        count += mote_cells(d->width, d->strides[g]) * mote_cells(d->height, d->strides[g]) * sizes_of(d, g);
    return count;
}

static const mote_value *offsets_of(const mote_detector *d, const mote_value *outputs, uint32_t count)
{
    const uint32_t priors = prior_count(d);
    const mote_value *second = mote_value_of(outputs, count, priors, 4, 1);
    return second ? second : mote_value_of(outputs, count, priors, 4, 0);
}

static const mote_value *scores_of(const mote_detector *d, const mote_value *outputs, uint32_t count)
{
    const uint32_t priors = prior_count(d);
    const mote_value *offsets = offsets_of(d, outputs, count);
    for (uint32_t i = 0; i < count; i++)
        if (&outputs[i] != offsets && mote_rows_of(&outputs[i]) == priors && mote_columns_of(&outputs[i]) > 1 &&
            mote_value_of(&outputs[i], 1, priors, mote_columns_of(&outputs[i]), 0))
            return &outputs[i];
    return NULL;
}

int mote_ssd_fits(const mote_detector *d, const mote_value *outputs, uint32_t count)
{
    return prior_count(d) && offsets_of(d, outputs, count) && scores_of(d, outputs, count);
}

static float limited(float v)
{
    return v < 0 ? 0 : v > 1 ? 1 : v;
}

static prior prior_of(const mote_detector *d, uint32_t grid, uint32_t row, uint32_t column, uint32_t size)
{
    const float stride = d->strides[grid], pixels = d->sizes[grid][size];
    const prior p = {limited(((float)column + 0.5f) * stride / (float)d->width),
                     limited(((float)row + 0.5f) * stride / (float)d->height), limited(pixels / (float)d->width),
                     limited(pixels / (float)d->height)};
    return p;
}

static void add(const mote_detector *d, const mote_value *offsets, uint32_t index, const prior *p, float score,
                uint32_t label, mote_candidates *c)
{
    const float x = mote_real_at(offsets, index, 0) * d->center_variance * p->width + p->x;
    const float y = mote_real_at(offsets, index, 1) * d->center_variance * p->height + p->y;
    const float width = mote_exp(mote_real_at(offsets, index, 2) * d->size_variance) * p->width;
    const float height = mote_exp(mote_real_at(offsets, index, 3) * d->size_variance) * p->height;
    const mote_box box = {.left = x - width / 2,
                          .top = y - height / 2,
                          .right = x + width / 2,
                          .bottom = y + height / 2,
                          .score = score,
                          .label = label};
    mote_candidate_add(c, &box);
}

void mote_ssd_detect(const mote_detector *d, const mote_value *outputs, uint32_t count, mote_candidates *c)
{
    const mote_value *scores = scores_of(d, outputs, count), *offsets = offsets_of(d, outputs, count);
    const uint32_t classes = mote_columns_of(scores);
    uint32_t index = 0;
    for (uint32_t g = 0; g < MOTE_DETECT_STRIDES && d->strides[g]; g++) {
        const uint32_t rows = mote_cells(d->height, d->strides[g]), columns = mote_cells(d->width, d->strides[g]);
        const uint32_t sizes = sizes_of(d, g), end = index + rows * columns * sizes;
        for (uint32_t at = 0; index < end; at++, index++)
            for (uint32_t label = 1; label < classes; label++) {
                const float score = mote_real_at(scores, index, label);
                if (!(score > d->threshold))
                    continue;
                const prior p = prior_of(d, g, at / sizes / columns, at / sizes % columns, at % sizes);
                add(d, offsets, index, &p, score, label, c);
            }
    }
}
