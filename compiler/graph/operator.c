#include "compiler/graph/operator.h"

const mote_operator *const mote_operators[MOTE_OPCODE_COUNT] = {
    [MOTE_OP_EMBEDDING] = &mote_embedding,
    [MOTE_OP_LINEAR] = &mote_linear,
    [MOTE_OP_GRU] = &mote_gru,
    [MOTE_OP_ADD] = &mote_add,
};
