#include "compiler/graph/operator_info.h"

#include <string.h>

/* The empty entry at the end keeps each array from having size 0. */
#define INPUT(ID, name, role, presence)  {name, MOTE_OPERAND_##role, MOTE_##presence},
#define OUTPUT(ID, name, role, presence) {name, MOTE_OPERAND_##role, MOTE_##presence},
#define PARAM(ID, name, kind)            {name, MOTE_PARAM_##kind},
#define OPERATOR(ID, id, traits, cost, inputs, outputs, params)                                                        \
    static const mote_operand_info inputs_of_##id[] = {MOTE_STRIP inputs{0}};                                          \
    static const mote_operand_info outputs_of_##id[] = {MOTE_STRIP outputs{0}};                                        \
    static const mote_param_info params_of_##id[] = {MOTE_STRIP params{0}};
#include "runtime/operators.def"
#undef OPERATOR
#undef INPUT
#undef OUTPUT
#undef PARAM

#define TRAIT(trait) | MOTE_TRAIT_##trait
#define OPERATOR(ID, id, its_traits, its_cost, its_inputs, its_outputs, its_params)                                    \
    [MOTE_OP_##ID] = {.name = #id,                                                                                     \
                      .traits = 0 MOTE_STRIP its_traits,                                                               \
                      .cost = MOTE_COST_##its_cost,                                                                    \
                      .cost_name = #its_cost,                                                                          \
                      .input_count = MOTE_##ID##_INPUTS,                                                               \
                      .output_count = MOTE_##ID##_OUTPUTS,                                                             \
                      .param_count = MOTE_##ID##_PARAMS,                                                               \
                      .inputs = inputs_of_##id,                                                                        \
                      .outputs = outputs_of_##id,                                                                      \
                      .params = params_of_##id},
static const mote_operator_info operators[MOTE_OPCODE_COUNT] = {
#include "runtime/operators.def"
};

const mote_operator_info *mote_operator_of(mote_opcode opcode)
{
    return &operators[opcode];
}

int mote_operator_named(const char *name)
{
    for (int i = 0; i < MOTE_OPCODE_COUNT; i++)
        if (strcmp(operators[i].name, name) == 0)
            return i;
    return -1;
}

int mote_operator_input(mote_opcode opcode, mote_operand_role role)
{
    const mote_operator_info *info = mote_operator_of(opcode);
    for (int i = 0; i < info->input_count; i++)
        if (info->inputs[i].role == role || (role == MOTE_OPERAND_VALUE && info->inputs[i].role == MOTE_OPERAND_ANY))
            return i;
    return -1;
}
