/* Lowers matrices: quantizes them by their recipes and stores their codes as constants. */
#include "compiler/quantize/lower.h"

#include <math.h>
#include <stdlib.h>

#include "compiler/pack/codes.h"
#include "compiler/quantize/method.h"
#include "compiler/quantize/select.h"

/* Halves the codes and doubles the scale of rows that exceed an accumulator's room. Power-of-two scales stay powers of
 * two. */
static void limit_magnitudes(mote_matrix *m, uint32_t room)
{
    for (uint32_t r = 0; r < m->rows; r++) {
        int16_t *row = m->codes + (size_t)r * m->columns;
        while (mote_matrix_magnitude(m, r) > room && m->dtype != MOTE_BINARY && !m->halves) {
            for (uint32_t c = 0; c < m->columns; c++)
                row[c] = (int16_t)rint(row[c] / 2.0);
            m->scales[r] *= 2;
        }
    }
}

bool mote_lowering_matrix(mote_lowering *l, int tensor, mote_matrix *m)
{
    const mote_recipe recipe = mote_recipe_of(l->from, l->options, tensor);
    if (!(l->options->matrices ? mote_matrix_copy(m, &l->options->matrices[tensor], l->error)
                               : mote_matrix_init(m, mote_lowering_tensor(l, tensor), &recipe, NULL, l->error)))
        return false;
    limit_magnitudes(m, recipe.room);
    return true;
}

static bool one_scale(const mote_matrix *m)
{
    for (uint32_t r = 1; r < m->rows; r++)
        if (m->scales[r] != m->scales[0])
            return false;
    return true;
}

int mote_lowering_store(mote_lowering *l, int from, const mote_matrix *m)
{
    mote_lowered *lowered = &l->lowered[from];
    if (lowered->tensor >= 0)
        return lowered->tensor;
    const int index =
        mote_lowering_add(l, mote_lowering_tensor(l, from)->name, "", m->dtype, MOTE_CONSTANT, m->rows, m->columns);
    if (index < 0)
        return -1;
    mote_tensor *t = &l->to->tensors[index];
    const int16_t *codes = m->halves ? (const int16_t *)m->halves : m->codes;
    mote_codes_pack(m->dtype, codes, m->rows, m->columns, t->data);
    t->quantization.scale = one_scale(m) ? m->scales[0] : 0;
    lowered->tensor = index;
    return index;
}
