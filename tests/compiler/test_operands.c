/* Tests every line of operators.def: the required operands and their roles, on the device and in the compiler, in
 * packed networks and in float graphs, and in docs/SPEC.md. */
#include "tests/compiler/random_graph.h"
#include "tests/compiler/small_transformer.h"

#include "compiler/graph/check.h"

/* The table in docs/SPEC.md, section "Operator record". */
static bool role_allowed(mote_operand_role role, mote_role tensor, bool is_output, bool packed)
{
    const bool made = tensor == MOTE_ACTIVATION || tensor == MOTE_OUTPUT;
    const bool value = made || tensor == MOTE_INPUT || (packed && tensor == MOTE_STATE);
    switch (role) {
    case MOTE_OPERAND_VALUE:
        return value;
    case MOTE_OPERAND_ANY:
        return value || tensor == MOTE_CONSTANT;
    case MOTE_OPERAND_STATE:
        return is_output && !packed ? made : tensor == MOTE_STATE;
    case MOTE_OPERAND_RESULT:
    case MOTE_OPERAND_SCRATCH:
        return made;
    default:
        return tensor == MOTE_CONSTANT;
    }
}

/* Expects a refusal that names the operator, and the operand or its tensor. */
static void refused_by_check(const mote_graph *g, const mote_op *op, const char *what)
{
    mote_error error = {0};
    assert_false(mote_graph_check(g, &error));
    assert_int_equal(error.code, MOTE_E_FORMAT);
    if (!strstr(error.text, op->name) || !strstr(error.text, what))
        fail_msg("'%s' names neither %s nor %s", error.text, op->name, what);
}

static mote_status opened_status(const mote_graph *g)
{
    mote_model m;
    mote_bytes file = encoded(g);
    const mote_status status = mote_open(&m, file.data, file.size);
    free(file.data);
    return status;
}

/* A tensor in a role that no operand of its type has may already be refused in the table of tensors. */
static void opens_only_if(const mote_graph *g, bool allowed)
{
    const mote_status status = opened_status(g);
    if (allowed)
        assert_int_equal(status, MOTE_SUCCESS);
    else
        assert_true(status == MOTE_BAD_TABLE || status == MOTE_BAD_OPERATOR);
}

/* Adds a copy of tensor `t`, including its data, with another role. */
static int clone_as(mote_graph *g, int t, mote_role role)
{
    const mote_tensor like = g->tensors[t]; /* a copy, because the array may move */
    const int clone = mote_graph_tensor(g, "wrong", like.dtype, role, like.rank, like.dims);
    assert_true(clone >= 0);
    if (role == MOTE_CONSTANT && like.data)
        memcpy(g->tensors[clone].data, like.data, mote_tensor_size(&like));
    g->tensors[clone].bound = like.bound;
    return clone;
}

/* Tries every role for operand `k`, which counts the inputs and then the outputs. */
static void each_role(const mote_graph *g, int index, int k)
{
    const mote_op *op = &g->ops[index];
    const mote_operator_info *info = mote_operator_of(op->opcode);
    const bool is_output = k >= op->input_count;
    const mote_operand_info *operand = is_output ? &info->outputs[k - op->input_count] : &info->inputs[k];
    for (int role = 0; role < MOTE_ROLE_COUNT; role++) {
        mote_graph changed;
        mote_error error = {0};
        assert_true(mote_graph_copy(&changed, g, &error));
        changed.ops[index].inputs[k] = clone_as(&changed, op->inputs[k], (mote_role)role);
        if (g->packed && !mote_graph_plan(&changed, &error))
            fail_msg("%s", error.text);
        const bool allowed = role_allowed(operand->role, (mote_role)role, is_output, g->packed);
        const bool same = (mote_role)role == g->tensors[op->inputs[k]].role;
        if (!allowed)
            refused_by_check(&changed, op, "wrong");
        if (g->packed && (!allowed || (same && role != MOTE_STATE)))
            opens_only_if(&changed, allowed);
        assert_true(allowed || !same);
        mote_graph_free(&changed);
    }
}

static void each_absence(const mote_graph *g, int index, int k)
{
    const mote_op *op = &g->ops[index];
    const mote_operator_info *info = mote_operator_of(op->opcode);
    const mote_operand_info *operand = k < op->input_count ? &info->inputs[k] : &info->outputs[k - op->input_count];
    mote_graph changed;
    mote_error error = {0};
    assert_true(mote_graph_copy(&changed, g, &error));
    changed.ops[index].inputs[k] = -1;
    if (operand->presence == MOTE_REQUIRED || operand->presence == MOTE_PACKED) {
        refused_by_check(&changed, op, operand->name);
        if (g->packed)
            assert_int_equal(opened_status(&changed), MOTE_BAD_OPERATOR);
    }
    mote_graph_free(&changed);
}

/* A float graph may not have operands that only packed networks have. */
static void present_in_float(const mote_graph *g, int index, int k)
{
    const mote_op *op = &g->ops[index];
    const mote_operator_info *info = mote_operator_of(op->opcode);
    const mote_operand_info *operand = k < op->input_count ? &info->inputs[k] : &info->outputs[k - op->input_count];
    mote_graph changed;
    mote_error error = {0};
    assert_true(operand->presence == MOTE_OPTIONAL || operand->presence == MOTE_PACKED ||
                operand->presence == MOTE_PACKED_OPTIONAL);
    if (operand->presence == MOTE_OPTIONAL)
        return;
    assert_true(mote_graph_copy(&changed, g, &error));
    changed.ops[index].inputs[k] = clone_as(&changed, 0, MOTE_CONSTANT);
    refused_by_check(&changed, op, operand->name);
    mote_graph_free(&changed);
}

static void packed_params_in_float(const mote_graph *g, int index)
{
    const mote_operator_info *info = mote_operator_of(g->ops[index].opcode);
    for (int i = 0; i < info->param_count; i++) {
        if (info->params[i].kind != MOTE_PARAM_PACKED)
            continue;
        g->ops[index].params[i] = 1;
        refused_by_check(g, &g->ops[index], info->params[i].name);
        g->ops[index].params[i] = 0;
    }
}

static void every_operand(const mote_graph *g)
{
    mote_error error = {0};
    if (!mote_graph_check(g, &error))
        fail_msg("%s", error.text);
    for (int i = 0; i < g->op_count; i++) {
        const mote_op *op = &g->ops[i];
        for (int k = 0; k < op->input_count + op->output_count; k++) {
            if (op->inputs[k] >= 0) {
                each_role(g, i, k);
                each_absence(g, i, k);
            } else if (!g->packed) {
                present_in_float(g, i, k);
            }
        }
        if (!g->packed)
            packed_params_in_float(g, i);
    }
}

static void packed_networks(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 12; seed++) {
        mote_graph g = random_packed(seed);
        every_operand(&g);
        mote_graph_free(&g);
    }
    static const mote_tinylm_shape shape = {12, 16, 16, 1, false};
    const mote_quantize_options options = {.weights = MOTE_SCHEME_TERNARY, .granularity = MOTE_PER_ROW};
    mote_graph g, packed;
    mote_error error = {0};
    float_model(&g, &shape);
    assert_true(mote_graph_quantize(&g, &options, &packed, &error));
    assert_true(mote_graph_set_tokenizer(&packed, NULL, 0)); /* with more inputs it is not a language model */
    free(packed.golden);
    packed.golden = NULL, packed.golden_size = 0;
    every_operand(&packed);
    mote_graph_free(&g), mote_graph_free(&packed);
}

static void float_graphs(void **state)
{
    (void)state;
    static const mote_tinylm_shape shape = {12, 16, 16, 1, false};
    mote_graph g;
    mote_error error = {0};
    float_model(&g, &shape);
    every_operand(&g);
    mote_graph_free(&g);
    for (int gelu = 0; gelu < 2; gelu++) {
        const mote_transformer_shape s = small_transformer(gelu);
        assert_true(mote_transformer_build(&g, &s, 1, &error));
        every_operand(&g);
        mote_graph_free(&g);
    }
}

static void packed_only_operators(void **state)
{
    (void)state;
    static const mote_tinylm_shape shape = {12, 16, 16, 1, false};
    mote_graph g;
    float_model(&g, &shape);
    const uint32_t dim = 16;
    const int x = mote_op_result(&g.ops[0]);
    const int y = mote_graph_tensor(&g, "y", MOTE_F32, MOTE_ACTIVATION, 1, &dim);
    const int op = mote_graph_op(&g, "more", MOTE_OP_QUANTIZE, 1, &x, 1, &y);
    assert_true(op >= 0);
    refused_by_check(&g, &g.ops[op], "quantize");
    mote_graph_free(&g);
}

/* docs/SPEC.md */

static char *specification(void)
{
    mote_bytes bytes;
    mote_error error = {0};
    if (!mote_file_read(MOTE_SOURCE_DIR "/docs/SPEC.md", 1 << 20, &bytes, &error))
        fail_msg("%s", error.text);
    char *text = strndup((char *)bytes.data, bytes.size);
    assert_non_null(text);
    free(bytes.data);
    return text;
}

static void put_operands(FILE *out, const mote_operand_info *infos, int count)
{
    static const char *const roles[] = {"value",  "any",   "state",    "weights", "bias",   "multiplier",
                                        "groups", "table", "constant", "result",  "scratch"};
    static const char *const marks[] = {
        [MOTE_REQUIRED] = "", [MOTE_OPTIONAL] = "?", [MOTE_PACKED] = "+", [MOTE_PACKED_OPTIONAL] = "+?"};
    for (int i = 0; i < count; i++)
        fprintf(out, "%s%s%s: %s", i ? ", " : "", infos[i].name, marks[infos[i].presence], roles[infos[i].role]);
}

/* Returns the row of the table of operators that follows from operators.def. */
static char *row_of(mote_opcode opcode)
{
    static const char *const kinds[] = {
        [MOTE_PARAM_INTEGER] = "", [MOTE_PARAM_PACKED] = "+", [MOTE_PARAM_REAL] = ": real"};
    const mote_operator_info *info = mote_operator_of(opcode);
    char *row;
    size_t size;
    FILE *out = open_memstream(&row, &size);
    assert_non_null(out);
    fprintf(out, "\n| %d | %s | ", (int)opcode, info->name);
    put_operands(out, info->inputs, info->input_count);
    fprintf(out, " | ");
    put_operands(out, info->outputs, info->output_count);
    fprintf(out, " | ");
    for (int i = 0; i < info->param_count; i++)
        fprintf(out, "%s%s%s%s", i ? ", " : "", info->params[i].name, kinds[info->params[i].kind],
                i + 1 == info->param_count ? " " : "");
    fprintf(out, "|\n");
    fclose(out);
    return row;
}

static void the_specification_has_every_operator(void **state)
{
    (void)state;
    char *text = specification(), section[64];
    for (int i = 0; i < MOTE_OPCODE_COUNT; i++) {
        char *row = row_of((mote_opcode)i);
        if (!strstr(text, row))
            fail_msg("docs/SPEC.md lacks the row:%s", row);
        snprintf(section, sizeof section, "\n### %s\n", mote_operator_of((mote_opcode)i)->name);
        if (!strstr(text, section))
            fail_msg("docs/SPEC.md lacks the section %s", section);
        free(row);
    }
    snprintf(section, sizeof section, "\n| %d | ", MOTE_OPCODE_COUNT); /* no row follows the rows of the opcodes */
    const char *table = strstr(text, "| opcode | operator |");
    assert_non_null(table);
    const char *end = strstr(table, "\n\n"), *more = strstr(table, section);
    assert_true(end && (!more || more > end));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packed_networks),
        cmocka_unit_test(float_graphs),
        cmocka_unit_test(packed_only_operators),
        cmocka_unit_test(the_specification_has_every_operator),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
