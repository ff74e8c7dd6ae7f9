#include "compiler/graph/names.h"

#include <stdio.h>

const char *const mote_role_names[MOTE_ROLE_COUNT] = {
    [MOTE_CONSTANT] = "constant", [MOTE_INPUT] = "input", [MOTE_ACTIVATION] = "activation",
    [MOTE_OUTPUT] = "output",     [MOTE_STATE] = "state",
};

const char *const mote_layout_names[MOTE_LAYOUT_COUNT] = {
    [MOTE_ROWS] = "rows",
    [MOTE_LANES16] = "lanes16",
    [MOTE_TILES16] = "tiles16",
    [MOTE_BLOCKS16] = "blocks16",
};

const char *const mote_granularity_names[MOTE_GRANULARITY_COUNT] = {
    [MOTE_PER_TENSOR] = "tensor",
    [MOTE_PER_ROW] = "row",
    [MOTE_POW2_TENSOR] = "pow2",
    [MOTE_POW2_ROW] = "pow2-row",
};

const char *const mote_pruned_names[MOTE_PRUNED_COUNT] = {
    [MOTE_UNPRUNED] = "no",
    [MOTE_PRUNED_WEIGHTS] = "weight",
    [MOTE_PRUNED_BLOCKS1X16] = "block",
    [MOTE_PRUNED_BLOCKS8X4] = "block8x4",
    [MOTE_PRUNED_BLOCKS16X16] = "block16x16",
};

void mote_shape_text(int rank, const uint32_t *dims, char out[MOTE_SHAPE_TEXT])
{
    int at = 0;
    for (int i = 0; i < rank; i++)
        at += snprintf(out + at, (size_t)(MOTE_SHAPE_TEXT - at), "%s%u", i ? ", " : "[", dims[i]);
    snprintf(out + at, (size_t)(MOTE_SHAPE_TEXT - at), "]");
}

const char *mote_dtype_name(mote_dtype dtype)
{
    static const char *const names[MOTE_DTYPE_COUNT] = {
        [MOTE_F32] = "f32",
        [MOTE_I32] = "int32",
        [MOTE_I16] = "int16",
        [MOTE_I8] = "int8",
        [MOTE_U16] = "ids",
        [MOTE_TERNARY2] = "ternary",
        [MOTE_TERNARY5] = "ternary/5",
        [MOTE_I4] = "int4",
        [MOTE_BINARY] = "binary",
        [MOTE_I5] = "int5",
        [MOTE_I6] = "int6",
        [MOTE_F16] = "fp16",
        [MOTE_I8V] = "int8/vector",
        [MOTE_U8] = "uint8",
    };
    return names[dtype];
}
