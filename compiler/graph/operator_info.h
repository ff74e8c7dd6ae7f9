/* The lines of runtime/operators.def as data. Passes use these properties of an operator instead of its opcode. */
#ifndef MOTE_COMPILER_OPERATOR_INFO_H
#define MOTE_COMPILER_OPERATOR_INFO_H

#include "runtime/operators.h"

typedef enum mote_param_kind {
    MOTE_PARAM_INTEGER,
    MOTE_PARAM_PACKED,
    MOTE_PARAM_REAL,
} mote_param_kind;

enum { /* traits */
       MOTE_TRAIT_PRODUCT = 1,
       MOTE_TRAIT_LOOKUP = 2,
       MOTE_TRAIT_ELEMENTWISE = 4,
       MOTE_TRAIT_RANGED = 8,
       MOTE_TRAIT_PACKED_ONLY = 16,
       MOTE_TRAIT_MOVES = 32,
       MOTE_TRAIT_IN_PLACE = 64,
       MOTE_TRAIT_VIEW = 128,
};

typedef enum mote_cost_kind {
    MOTE_COST_EMBEDDING,
    MOTE_COST_LINEAR,
    MOTE_COST_GRU,
    MOTE_COST_VECTOR,
    MOTE_COST_ATTENTION,
    MOTE_COST_CONV,
    MOTE_COST_WINDOW,
    MOTE_COST_UNKNOWN,
} mote_cost_kind;

typedef struct mote_operand_info {
    const char *name;
    mote_operand_role role;
    mote_presence presence;
} mote_operand_info;

typedef struct mote_param_info {
    const char *name;
    mote_param_kind kind;
} mote_param_info;

typedef struct mote_operator_info {
    const char *name;
    unsigned traits;
    mote_cost_kind cost;
    const char *cost_name; /* the word in operators.def */
    int input_count, output_count, param_count;
    const mote_operand_info *inputs, *outputs;
    const mote_param_info *params;
} mote_operator_info;

const mote_operator_info *mote_operator_of(mote_opcode opcode);
int mote_operator_named(const char *name); /* returns the opcode, -1 when there is none */
/* Returns the index of the first input with this role, -1 when the operator has none. MOTE_OPERAND_ANY counts as
 * VALUE. */
int mote_operator_input(mote_opcode opcode, mote_operand_role role);

#endif
