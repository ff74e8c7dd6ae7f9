#include "compiler/manifest/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/graph/names.h"
#include "compiler/graph/operator.h"

/* False when there is no memory for `value` or it was none. */
static bool put(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) == 0;
}

static json_t *hex(const uint8_t *bytes, size_t size)
{
    static const char digits[] = "0123456789abcdef";
    char *text = malloc(2 * size + 1);
    for (size_t i = 0; text && i < size; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    json_t *value = text ? json_stringn(text, 2 * size) : NULL;
    free(text);
    return value;
}

static json_t *shape(const mote_tensor *t)
{
    json_t *list = json_array();
    for (int i = 0; i < t->rank; i++)
        json_array_append_new(list, json_integer(t->dims[i]));
    return list;
}

static json_t *scales(const mote_tensor *t)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < t->dims[t->quantization.axis]; i++)
        if (json_array_append_new(list, json_real((double)t->quantization.scales[i])) != 0) {
            json_decref(list);
            return NULL;
        }
    return list;
}

/* What is as usual is left out. */
static bool put_properties(json_t *o, const mote_tensor *t)
{
    bool done = put(o, "name", json_string(t->name)) && put(o, "role", json_string(mote_role_names[t->role])) &&
                put(o, "type", json_string(mote_dtype_name(t->dtype))) && put(o, "shape", shape(t)) &&
                put(o, "scale", json_real((double)t->quantization.scale));
    if (t->quantization.zero_point)
        done = done && put(o, "zero_point", json_integer(t->quantization.zero_point));
    if (t->quantization.scales)
        done = done && put(o, "axis", json_integer(t->quantization.axis)) && put(o, "scales", scales(t));
    if (t->stride)
        done = done && put(o, "stride", json_integer(t->stride));
    if (t->role != MOTE_CONSTANT)
        done = done && put(o, "offset", json_integer(t->offset));
    if (t->bound)
        done = done && put(o, "bound", json_integer(t->bound));
    if (t->layout)
        done = done && put(o, "layout", json_string(mote_layout_names[t->layout]));
    if (t->quantiser || t->granularity)
        done = done && put(o, "trained_as", json_string(mote_dtype_name(t->quantiser))) &&
               put(o, "granularity", json_string(mote_granularity_names[t->granularity]));
    if (t->pruned)
        done = done && put(o, "pruned", json_string(mote_pruned_names[t->pruned]));
    return done;
}

static bool put_numbers(json_t *o, const mote_tensor *t, mote_numbers_write *write, void *context, mote_error *error)
{
    mote_array a;
    if (t->role != MOTE_CONSTANT)
        return true;
    if (!mote_array_of(t, &a, error))
        return false;
    const mote_array whole = mote_array_form(t, 0);
    const bool raw = t->layout != MOTE_ROWS || t->stride || a.kind != whole.kind || a.rank != whole.rank;
    const bool done = (!raw || put(o, "bytes", json_integer(a.dims[0]))) && write(context, &a, t->name, o, error);
    mote_array_free(&a);
    return done;
}

static json_t *tensors(const mote_graph *g, mote_numbers_write *write, void *context, mote_error *error)
{
    json_t *list = json_array(), *names = json_object();
    bool done = list && names;
    for (int i = 0; done && i < g->tensor_count; i++) {
        const mote_tensor *t = &g->tensors[i];
        json_t *o = json_object();
        if (!t->name[0] || json_object_get(names, t->name))
            done = mote_fail(error, MOTE_E_UNSUPPORTED, "two tensors, or one without, have the name '%s'", t->name);
        else if (!isfinite(t->quantization.scale) || !put_properties(o, t))
            done =
                mote_fail(error, MOTE_E_UNSUPPORTED, "tensor %s has a name or a scale that JSON cannot say", t->name);
        done = done && put_numbers(o, t, write, context, error) && put(names, t->name, json_true());
        done = json_array_append_new(list, o) == 0 && done;
    }
    json_decref(names);
    if (!done) {
        json_decref(list);
        return NULL;
    }
    return list;
}

/* The operands that are there, by name. */
static json_t *operands(const mote_graph *g, const int *tensors, const mote_operand_info *infos, int count)
{
    json_t *o = json_object();
    for (int i = 0; i < count; i++)
        if (tensors[i] >= 0)
            put(o, infos[i].name, json_string(g->tensors[tensors[i]].name));
    return o;
}

/* The parameters that the kind of graph has, by name. */
static json_t *parameters(const mote_graph *g, const mote_op *op)
{
    const mote_param_info *infos = mote_operator_of(op->opcode)->params;
    json_t *o = json_object();
    for (int i = 0; i < op->param_count; i++) {
        float real;
        memcpy(&real, &op->params[i], sizeof real);
        if (infos[i].kind == MOTE_PARAM_REAL && !g->packed)
            put(o, infos[i].name, json_real((double)real));
        else if (infos[i].kind != MOTE_PARAM_PACKED || g->packed)
            put(o, infos[i].name, json_integer(op->params[i]));
    }
    return o;
}

json_t *mote_operators_to_json(const mote_graph *g)
{
    json_t *list = json_array();
    for (int i = 0; i < g->op_count; i++) {
        const mote_op *op = &g->ops[i];
        const mote_operator_info *info = mote_operator_of(op->opcode);
        json_t *o = json_object();
        const bool done = put(o, "name", json_string(op->name)) && put(o, "operator", json_string(info->name)) &&
                          put(o, "inputs", operands(g, op->inputs, info->inputs, op->input_count)) &&
                          put(o, "outputs", operands(g, op->outputs, info->outputs, op->output_count)) &&
                          put(o, "params", parameters(g, op));
        if (json_array_append_new(list, o) != 0 || !done) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

static json_t *golden(const mote_graph *g)
{
    const mote_golden *head = (const void *)g->golden;
    json_t *o = json_object();
    put(o, "runs", json_integer(head->run_count));
    put(o, "inputs", hex((const uint8_t *)(head + 1), g->golden_size - sizeof *head));
    put(o, "digest", json_integer(head->digest));
    return o;
}

static json_t *placement(const mote_graph *g)
{
    json_t *list = json_array();
    for (uint32_t i = 0; i < g->placement_count; i++)
        json_array_append_new(list, json_string(g->tensors[g->placement[i]].name));
    return list;
}

/* For people and for programs that only look: not read back. */
static json_t *totals(const mote_graph *g)
{
    json_int_t weights = 0, bytes = 0, constants = 0;
    for (int i = 0; i < g->tensor_count; i++) {
        const mote_tensor *t = &g->tensors[i];
        if (t->role != MOTE_CONSTANT)
            continue;
        constants++;
        bytes += (json_int_t)mote_tensor_size(t);
        weights += t->rank == 2 ? (json_int_t)mote_tensor_elements(t) : 0;
    }
    return json_pack("{s:i, s:i, s:I, s:I, s:I}", "tensors", g->tensor_count, "operators", g->op_count, "constants",
                     constants, "constant_bytes", bytes, "weights", weights);
}

static bool put_header(json_t *root, const mote_graph *g, mote_error *error)
{
    bool done = put(root, "format", json_string("mote-manifest")) &&
                put(root, "version", json_integer(MOTE_MANIFEST_VERSION)) &&
                put(root, "packed", json_boolean(g->packed)) && put(root, "arena_bytes", json_integer(g->arena_size)) &&
                put(root, "state_bytes", json_integer(g->state_size)) && put(root, "totals", totals(g));
    if (g->tokenizer)
        done = done && put(root, "tokenizer", hex(g->tokenizer, g->tokenizer_size));
    if (g->golden)
        done = done && put(root, "golden", golden(g));
    if (!done)
        return mote_fail(error, MOTE_E_INTERNAL, "out of memory for a manifest");
    return put(root, "configuration", json_string(g->metadata)) ||
           mote_fail(error, MOTE_E_UNSUPPORTED, "the model's metadata is not UTF-8, which JSON needs");
}

json_t *mote_graph_to_json(const mote_graph *g, mote_numbers_write *write, void *context, mote_error *error)
{
    json_t *root = json_object();
    bool done = root && put_header(root, g, error);
    json_t *all = done ? tensors(g, write, context, error) : NULL;
    done = all && put(root, "tensors", all);
    done = done && (!g->placement || put(root, "placement", placement(g)));
    if (done && !put(root, "operators", mote_operators_to_json(g)))
        done = mote_fail(error, MOTE_E_UNSUPPORTED, "an operator has a name that JSON cannot say");
    if (done)
        return root;
    json_decref(root);
    return NULL;
}
