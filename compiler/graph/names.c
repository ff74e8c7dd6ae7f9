#include "compiler/graph/names.h"

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
