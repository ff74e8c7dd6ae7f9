#include "compiler/quantize/matrix.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

float mote_matrix_largest_scale(const mote_matrix *m)
{
    float largest = 0;
    for (uint32_t r = 0; r < m->rows; r++)
        largest = fmaxf(largest, m->scales[r]);
    return largest;
}

bool mote_matrix_alloc(mote_matrix *m)
{
    m->codes = calloc((size_t)m->rows * m->columns, sizeof *m->codes);
    m->scales = malloc(m->rows * sizeof *m->scales);
    if (m->group)
        m->groups = malloc((size_t)m->rows * mote_matrix_groups(m));
    if (m->dtype == MOTE_F16)
        m->halves = malloc((size_t)m->rows * m->columns * sizeof *m->halves);
    return m->codes && m->scales && (!m->group || m->groups) && (m->dtype != MOTE_F16 || m->halves);
}

bool mote_matrix_copy(mote_matrix *to, const mote_matrix *from, mote_error *error)
{
    *to = *from;
    to->codes = NULL;
    to->scales = NULL;
    to->groups = NULL;
    to->halves = NULL;
    if (!mote_matrix_alloc(to)) {
        mote_matrix_free(to);
        return mote_fail(error, MOTE_E_INTERNAL, "no memory for a matrix of %u by %u", from->rows, from->columns);
    }
    const size_t count = (size_t)from->rows * from->columns;
    memcpy(to->codes, from->codes, count * sizeof *to->codes);
    memcpy(to->scales, from->scales, from->rows * sizeof *to->scales);
    if (to->groups)
        memcpy(to->groups, from->groups, (size_t)from->rows * mote_matrix_groups(from));
    if (to->halves)
        memcpy(to->halves, from->halves, count * sizeof *to->halves);
    return true;
}

void mote_matrix_free(mote_matrix *m)
{
    free(m->codes);
    free(m->scales);
    free(m->groups);
    free(m->halves);
    *m = (mote_matrix){0};
}

static uint32_t magnitude(const mote_matrix *m, uint32_t row, bool filled)
{
    const uint32_t groups = mote_matrix_groups(m);
    uint32_t sum = 0;
    for (uint32_t c = 0; c < m->columns; c++)
        sum += (filled ? 1u : (uint32_t)abs(m->codes[(size_t)row * m->columns + c])) *
               (m->groups ? m->groups[(size_t)row * groups + c / m->group] : 1u);
    return sum;
}

uint32_t mote_matrix_magnitude(const mote_matrix *m, uint32_t row)
{
    return magnitude(m, row, false);
}

uint32_t mote_matrix_reach(const mote_matrix *m, uint32_t row)
{
    return magnitude(m, row, m->dtype == MOTE_TERNARY2 || m->dtype == MOTE_TERNARY5);
}

void mote_matrix_floats(const mote_matrix *m, float *out)
{
    for (uint32_t r = 0; r < m->rows; r++)
        for (uint32_t c = 0; c < m->columns; c++)
            out[(size_t)r * m->columns + c] = (float)m->codes[(size_t)r * m->columns + c] * mote_matrix_step(m, r, c);
}

void mote_matrix_raise_scales(mote_matrix *m, float floor)
{
    for (uint32_t r = 0; r < m->rows; r++) {
        if (m->scales[r] >= floor)
            continue;
        int16_t *row = m->codes + (size_t)r * m->columns;
        for (uint32_t c = 0; c < m->columns; c++)
            if (m->dtype != MOTE_BINARY)
                row[c] = (int16_t)lrintf((float)row[c] * m->scales[r] / floor);
        m->scales[r] = floor;
    }
}
