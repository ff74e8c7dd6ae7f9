/* Objects as groups of neighbouring cells of a class. */
#include "detect.h"

int mote_fomo_fits(const mote_value *output)
{
    return output->rank == 3 && output->dims[2] > 1;
}

/* True if two boxes have a side or a corner in common, or overlap. `x` and `y` are half a cell. */
static int touch(const mote_box *a, const mote_box *b, float x, float y)
{
    return a->label == b->label && a->left < b->right + x && b->left < a->right + x && a->top < b->bottom + y &&
           b->top < a->bottom + y;
}

static void extend(mote_box *a, const mote_box *b)
{
    a->left = a->left < b->left ? a->left : b->left;
    a->top = a->top < b->top ? a->top : b->top;
    a->right = a->right > b->right ? a->right : b->right;
    a->bottom = a->bottom > b->bottom ? a->bottom : b->bottom;
    a->score = a->score > b->score ? a->score : b->score;
}

/* Takes every box that touches `box` out of the list and extends `box` by it, until none does. */
static void gather(mote_candidates *c, mote_box *box, float x, float y)
{
    for (uint32_t i = 0; i < c->count;) {
        if (!touch(&c->boxes[i], box, x, y)) {
            i++;
            continue;
        }
        extend(box, &c->boxes[i]);
        c->boxes[i] = c->boxes[--c->count];
        i = 0;
    }
}

static void replace_worst(mote_candidates *c, const mote_box *box)
{
    uint32_t worst = 0;
    for (uint32_t i = 1; i < c->count; i++)
        worst = c->boxes[i].score < c->boxes[worst].score ? i : worst;
    if (c->count && box->score > c->boxes[worst].score)
        c->boxes[worst] = *box;
}

/* Makes a heap of the list. */
static void make_heap(mote_candidates *c)
{
    mote_candidates heap = {c->boxes, 0, c->capacity};
    for (uint32_t i = 0; i < c->count; i++) {
        const mote_box box = c->boxes[i];
        mote_candidate_add(&heap, &box);
    }
}

void mote_fomo_detect(const mote_detector *d, const mote_value *output, mote_candidates *c)
{
    const uint32_t rows = output->dims[0], columns = output->dims[1], classes = output->dims[2];
    const float x = 1.0f / (float)columns, y = 1.0f / (float)rows;
    for (uint32_t i = 0; i < rows * columns; i++)
        for (uint32_t label = 1; label < classes; label++) {
            const float score = mote_real_at(output, i, label);
            if (!(score > d->threshold))
                continue;
            const float column = (float)(i % columns), row = (float)(i / columns);
            mote_box box = {.left = column * x,
                            .top = row * y,
                            .right = (column + 1) * x,
                            .bottom = (row + 1) * y,
                            .score = score,
                            .label = label};
            gather(c, &box, x / 2, y / 2);
            if (c->count < c->capacity)
                c->boxes[c->count++] = box;
            else
                replace_worst(c, &box);
        }
    make_heap(c);
}
