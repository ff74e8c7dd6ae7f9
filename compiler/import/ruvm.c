#include "compiler/import/ruvm.h"

_Static_assert(sizeof(mote_ruvm_header) == 32 && sizeof(mote_ruvm_range) == 16, "as in the file");

const mote_weight mote_ruvm_layer[MOTE_RUVM_IN_LAYER] = {MOTE_W_Q,  MOTE_W_K,    MOTE_W_V,   MOTE_W_O,
                                                         MOTE_W_UP, MOTE_W_GATE, MOTE_W_DOWN};

const mote_ruvm_codes mote_ruvm_types[MOTE_RUVM_TYPE_COUNT] = {
    [MOTE_RUVM_INT8] = {"int8", 8, -128, 127, 127, 16},
    [MOTE_RUVM_INT4] = {"int4", 4, -8, 7, 7, 16},
    [MOTE_RUVM_BINARY] = {"binary", 1, -1, 1, 1, 16},
    [MOTE_RUVM_FIXED16] = {"fixed16", 16, -32768, 32767, 32767, 1},
};

uint64_t mote_ruvm_size(mote_ruvm_type type, uint64_t elements)
{
    return (elements * mote_ruvm_types[type].bits + 31) / 32 * 4;
}

mote_transformer_shape mote_ruvm_shape(const mote_ruvm_header *h)
{
    mote_transformer_shape s = MOTE_TRANSFORMER_DEFAULTS;
    s.vocabulary = h->vocabulary;
    s.dim = h->dim;
    s.hidden = h->hidden;
    s.layers = h->layers;
    s.heads = s.kv_heads = h->heads;
    s.context = h->context;
    return s;
}
