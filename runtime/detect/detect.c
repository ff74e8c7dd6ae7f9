#include "detect.h"

#include "../memory.h"

/* --- values --- */

uint32_t mote_columns_of(const mote_value *v)
{
    return v->rank ? v->dims[v->rank - 1] : 1;
}

uint32_t mote_rows_of(const mote_value *v)
{
    uint32_t rows = 1;
    for (uint32_t i = 0; i + 1 < v->rank; i++)
        rows *= v->dims[i];
    return rows;
}

float mote_real_at(const mote_value *v, uint32_t row, uint32_t column)
{
    const uint8_t *from = (const uint8_t *)v->data + (size_t)row * v->stride;
    int32_t stored = 0;
    switch (v->type) {
    case MOTE_F32:
        return ((const float *)(const void *)from)[column];
    case MOTE_I16:
        stored = ((const int16_t *)(const void *)from)[column];
        break;
    case MOTE_U8:
        stored = from[column];
        break;
    default:
        stored = ((const int8_t *)from)[column];
    }
    return v->scale * (float)(stored - v->zero_point);
}

static int can_read(const mote_value *v)
{
    return v->data && (v->type == MOTE_F32 || v->type == MOTE_I16 || v->type == MOTE_U8 || v->type == MOTE_I8);
}

const mote_value *mote_value_of(const mote_value *outputs, uint32_t count, uint32_t rows, uint32_t columns,
                                uint32_t nth)
{
    for (uint32_t i = 0; i < count; i++)
        if (can_read(&outputs[i]) && mote_rows_of(&outputs[i]) == rows && mote_columns_of(&outputs[i]) == columns &&
            nth-- == 0)
            return &outputs[i];
    return NULL;
}

/* With n whole and |f| at most a half, e^x = 2^n · 2^f; 2^f by its series. */
float mote_exp(float x)
{
    if (x != x)
        return x;
    const float limited = x < -40 ? -40 : x > 40 ? 40 : x, scaled = limited * 1.44269504f;
    const int32_t n = (int32_t)(scaled + (scaled < 0 ? -0.5f : 0.5f));
    const float t = (limited - (float)n * 0.693359375f) + (float)n * 2.12194440e-4f; /* ln 2 in two parts */
    static const float terms[] = {
        1.98412698e-4f, 1.38888889e-3f, 8.33333333e-3f, 0.0416666667f, 0.166666667f, 0.5f, 1, 1};
    float series = 0;
    for (uint32_t i = 0; i < sizeof terms / sizeof *terms; i++)
        series = series * t + terms[i];
    const uint32_t bits = (uint32_t)(n + 127) << 23;
    float power;
    memcpy(&power, &bits, sizeof power);
    return power * series;
}

/* --- the best boxes --- */

static void swap(mote_box *a, mote_box *b)
{
    const mote_box kept = *a;
    *a = *b;
    *b = kept;
}

/* Moves the first box of `count` down to its place. */
static void sink(mote_box *boxes, uint32_t count)
{
    for (uint32_t at = 0, child; (child = 2 * at + 1) < count; at = child) {
        if (child + 1 < count && boxes[child + 1].score < boxes[child].score)
            child++;
        if (!(boxes[child].score < boxes[at].score))
            return;
        swap(&boxes[at], &boxes[child]);
    }
}

static int is_box(const mote_box *b)
{
    const float most = 1e6f; /* also excludes NaN */
    return b->left > -most && b->left < most && b->top > -most && b->top < most && b->right > -most &&
           b->right < most && b->bottom > -most && b->bottom < most;
}

void mote_candidate_add(mote_candidates *c, const mote_box *box)
{
    if (!c->capacity || !is_box(box))
        return;
    if (c->count == c->capacity) {
        if (!(box->score > c->boxes[0].score))
            return;
        c->boxes[0] = *box;
        sink(c->boxes, c->count);
        return;
    }
    uint32_t at = c->count++;
    c->boxes[at] = *box;
    for (; at && c->boxes[at].score < c->boxes[(at - 1) / 2].score; at = (at - 1) / 2)
        swap(&c->boxes[at], &c->boxes[(at - 1) / 2]);
}

/* Makes a list of the heap, the best box first. */
static void sort(mote_candidates *c)
{
    for (uint32_t left = c->count; left > 1; left--) {
        swap(&c->boxes[0], &c->boxes[left - 1]);
        sink(c->boxes, left - 1);
    }
}

static float area(float width, float height)
{
    return width > 0 && height > 0 ? width * height : 0;
}

/* The part of the union of two boxes that both cover. */
static float overlap(const mote_box *a, const mote_box *b)
{
    const float left = a->left > b->left ? a->left : b->left, right = a->right < b->right ? a->right : b->right;
    const float top = a->top > b->top ? a->top : b->top, bottom = a->bottom < b->bottom ? a->bottom : b->bottom;
    const float both = area(right - left, bottom - top);
    const float all =
        area(a->right - a->left, a->bottom - a->top) + area(b->right - b->left, b->bottom - b->top) - both;
    return all > 0 ? both / all : 0;
}

/* Drops boxes that overlap a better one of their class. Returns the number of those that stay. */
static uint32_t suppress(mote_box *boxes, uint32_t count, float most)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        int stays = 1;
        for (uint32_t k = 0; k < kept && stays; k++)
            stays = boxes[k].label != boxes[i].label || !(overlap(&boxes[k], &boxes[i]) > most);
        if (stays)
            boxes[kept++] = boxes[i];
    }
    return kept;
}

/* --- detectors --- */

mote_detector mote_detector_ultraface(uint32_t width, uint32_t height)
{
    const mote_detector d = {.kind = MOTE_DETECTOR_SSD,
                             .width = width,
                             .height = height,
                             .threshold = 0.7f,
                             .overlap = 0.3f,
                             .strides = {8, 16, 32, 64},
                             .sizes = {{10, 16, 24}, {32, 48}, {64, 96}, {128, 192, 256}},
                             .center_variance = 0.1f,
                             .size_variance = 0.2f};
    return d;
}

mote_detector mote_detector_yunet(uint32_t width, uint32_t height)
{
    const mote_detector d = {.kind = MOTE_DETECTOR_YUNET,
                             .width = width,
                             .height = height,
                             .threshold = 0.5f,
                             .overlap = 0.45f,
                             .strides = {8, 16, 32}};
    return d;
}

mote_detector mote_detector_fomo(uint32_t width, uint32_t height)
{
    const mote_detector d = {
        .kind = MOTE_DETECTOR_FOMO, .width = width, .height = height, .threshold = 0.5f, .overlap = 1};
    return d;
}

int mote_detector_fits(const mote_detector *d, const mote_value *outputs, uint32_t count)
{
    if (!d->width || !d->height || !count)
        return 0;
    switch (d->kind) {
    case MOTE_DETECTOR_SSD:
        return mote_ssd_fits(d, outputs, count);
    case MOTE_DETECTOR_YUNET:
        return mote_yunet_fits(d, outputs, count);
    default:
        return can_read(outputs) && mote_fomo_fits(outputs);
    }
}

uint32_t mote_detect(const mote_detector *d, const mote_value *outputs, uint32_t count, mote_box *boxes,
                     uint32_t capacity)
{
    mote_candidates c = {boxes, 0, capacity};
    if (!mote_detector_fits(d, outputs, count))
        return 0;
    if (d->kind == MOTE_DETECTOR_SSD)
        mote_ssd_detect(d, outputs, count, &c);
    else if (d->kind == MOTE_DETECTOR_YUNET)
        mote_yunet_detect(d, outputs, count, &c);
    else
        mote_fomo_detect(d, outputs, &c);
    sort(&c);
    return suppress(boxes, c.count, d->overlap);
}
