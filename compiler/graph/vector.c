#include "compiler/graph/vector.h"

MOTE_CLONES void mote_accumulate(float *restrict to, const float *restrict from, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] += from[i];
}

void mote_add_columns(float *restrict to, const float *restrict from, size_t rows, uint32_t columns)
{
    for (size_t i = 0; i < rows; i++)
        mote_accumulate(to, from + i * columns, columns);
}
