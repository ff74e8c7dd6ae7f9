/* The constants that operators.def defines: opcodes, and for each operator the indices of its inputs, outputs and
 * parameters and their numbers MOTE_ID_INPUTS, MOTE_ID_OUTPUTS and MOTE_ID_PARAMS. */
#ifndef MOTE_RUNTIME_OPERATORS_H
#define MOTE_RUNTIME_OPERATORS_H

typedef enum mote_opcode {
#define OPERATOR(ID, ...) MOTE_OP_##ID,
#include "operators.def"
#undef OPERATOR
    MOTE_OPCODE_COUNT
} mote_opcode;

#define MOTE_STRIP(...) __VA_ARGS__
#define INPUT(ID, ...)  MOTE_##ID,
#define OUTPUT(ID, ...) MOTE_##ID,
#define PARAM(ID, ...)  MOTE_##ID,
#define OPERATOR(ID, id, traits, cost, inputs, outputs, params)                                                        \
    enum { MOTE_STRIP inputs MOTE_##ID##_INPUTS };                                                                     \
    enum { MOTE_STRIP outputs MOTE_##ID##_OUTPUTS };                                                                   \
    enum { MOTE_STRIP params MOTE_##ID##_PARAMS };
#include "operators.def"
/* Indices of the shared parameters. */
enum { PRODUCT_PARAMS(PRODUCT) MOTE_PRODUCT_PARAMS };
enum { NORM_PARAMS(NORM) MOTE_NORM_PARAMS };
enum { CURVE_PARAMS(CURVE) MOTE_CURVE_PARAMS };
enum { WINDOW_PARAMS(WINDOW) MOTE_WINDOW_PARAMS };
enum { ENDING_PARAMS(ENDING) MOTE_ENDING_PARAMS };
enum { FACTOR_PARAMS(FACTOR, "") MOTE_FACTOR_PARAMS };
#undef OPERATOR
#undef INPUT
#undef OUTPUT
#undef PARAM
#undef PRODUCT_PARAMS
#undef NORM_PARAMS
#undef CURVE_PARAMS
#undef WINDOW_PARAMS
#undef ENDING_PARAMS
#undef FACTOR_PARAMS
#undef AXES_PARAMS

/* Roles of operands; operators.def describes them. */
typedef enum mote_operand_role {
    MOTE_OPERAND_VALUE,
    MOTE_OPERAND_ANY,
    MOTE_OPERAND_STATE,
    MOTE_OPERAND_WEIGHTS,
    MOTE_OPERAND_BIAS,
    MOTE_OPERAND_MULTIPLIER,
    MOTE_OPERAND_GROUPS,
    MOTE_OPERAND_TABLE,
    MOTE_OPERAND_CONSTANT,
    MOTE_OPERAND_RESULT,
    MOTE_OPERAND_SCRATCH,
} mote_operand_role;

typedef enum mote_presence {
    MOTE_REQUIRED,
    MOTE_OPTIONAL,
    MOTE_PACKED,
    MOTE_PACKED_OPTIONAL,
} mote_presence;

static inline int mote_operand_is_value(mote_operand_role role)
{
    return role == MOTE_OPERAND_VALUE || role == MOTE_OPERAND_ANY;
}

static inline int mote_operand_is_constant(mote_operand_role role)
{
    return role >= MOTE_OPERAND_WEIGHTS && role <= MOTE_OPERAND_CONSTANT;
}

#endif
