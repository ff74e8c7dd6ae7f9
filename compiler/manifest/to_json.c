#include "compiler/manifest/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/graph/names.h"
#include "compiler/graph/operator.h"

/* All texts and numbers are checked first (sayable). A JSON value that cannot be created after that means out of
 * memory. */

/* Sets a key. False if out of memory or if `value` is NULL. */
static bool put(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) == 0;
}

static bool append(json_t *list, json_t *value)
{
    return json_array_append_new(list, value) == 0;
}

/* Returns the value if it is complete. Otherwise releases it and returns NULL. */
static json_t *whole(json_t *value, bool done)
{
    if (done)
        return value;
    json_decref(value);
    return NULL;
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
    bool done = list;
    for (int i = 0; done && i < t->rank; i++)
        done = append(list, json_integer(t->dims[i]));
    return whole(list, done);
}

static json_t *scales(const mote_tensor *t)
{
    json_t *list = json_array();
    bool done = list;
    for (uint32_t i = 0; done && i < t->dims[t->quantization.axis]; i++)
        done = append(list, json_real((double)t->quantization.scales[i]));
    return whole(list, done);
}

/* Writes the properties of a tensor, leaving out those with default values. */
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
    if (t->quantizer || t->granularity)
        done = done && put(o, "trained_as", json_string(mote_dtype_name(t->quantizer))) &&
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
        done = done && put_properties(o, t) && put_numbers(o, t, write, context, error) &&
               put(names, t->name, json_true());
        done = append(list, o) && done;
    }
    json_decref(names);
    return whole(list, done);
}

/* Returns the present operands by name. */
static json_t *operands(const mote_graph *g, const int *tensors, const mote_operand_info *infos, int count,
                        mote_name_to_json *name)
{
    json_t *o = json_object();
    bool done = o;
    for (int i = 0; done && i < count; i++)
        done = tensors[i] < 0 || put(o, infos[i].name, name(g->tensors[tensors[i]].name));
    return whole(o, done);
}

static float real_of(const mote_op *op, int param)
{
    float real;
    memcpy(&real, &op->params[param], sizeof real);
    return real;
}

/* Returns by name the parameters that a graph of this kind, float or packed, has. */
static json_t *parameters(const mote_graph *g, const mote_op *op)
{
    const mote_param_info *infos = mote_operator_of(op->opcode)->params;
    json_t *o = json_object();
    bool done = o;
    for (int i = 0; done && i < op->param_count; i++) {
        if (infos[i].kind == MOTE_PARAM_REAL && !g->packed)
            done = put(o, infos[i].name, json_real((double)real_of(op, i)));
        else if (infos[i].kind != MOTE_PARAM_PACKED || g->packed)
            done = put(o, infos[i].name, json_integer(op->params[i]));
    }
    return whole(o, done);
}

json_t *mote_operators_to_json(const mote_graph *g, mote_name_to_json *name)
{
    json_t *list = json_array();
    bool done = list;
    for (int i = 0; done && i < g->op_count; i++) {
        const mote_op *op = &g->ops[i];
        const mote_operator_info *info = mote_operator_of(op->opcode);
        json_t *o = json_object();
        done = put(o, "name", name(op->name)) && put(o, "operator", json_string(info->name)) &&
               put(o, "inputs", operands(g, op->inputs, info->inputs, op->input_count, name)) &&
               put(o, "outputs", operands(g, op->outputs, info->outputs, op->output_count, name)) &&
               put(o, "params", parameters(g, op));
        done = append(list, o) && done;
    }
    return whole(list, done);
}

static json_t *golden(const mote_graph *g)
{
    const mote_golden *head = (const void *)g->golden;
    json_t *o = json_object();
    return whole(o, put(o, "runs", json_integer(head->run_count)) &&
                        put(o, "inputs", hex((const uint8_t *)(head + 1), g->golden_size - sizeof *head)) &&
                        put(o, "digest", json_integer(head->digest)));
}

static json_t *placement(const mote_graph *g)
{
    json_t *list = json_array();
    bool done = list;
    for (uint32_t i = 0; done && i < g->placement_count; i++)
        done = append(list, json_string(g->tensors[g->placement[i]].name));
    return whole(list, done);
}

/* Returns totals for human readers and for tools; loading ignores them. */
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

static bool put_header(json_t *root, const mote_graph *g)
{
    bool done = put(root, "format", json_string("mote-manifest")) &&
                put(root, "version", json_integer(MOTE_MANIFEST_VERSION)) &&
                put(root, "packed", json_boolean(g->packed)) && put(root, "arena_bytes", json_integer(g->arena_size)) &&
                put(root, "state_bytes", json_integer(g->state_size)) && put(root, "totals", totals(g));
    if (g->tokenizer)
        done = done && put(root, "tokenizer", hex(g->tokenizer, g->tokenizer_size));
    if (g->golden)
        done = done && put(root, "golden", golden(g));
    return done && put(root, "configuration", json_string(mote_graph_metadata(g)));
}

/* Returns the bytes of the UTF-8 character at s, 0 if it is invalid. */
static int character(const uint8_t *s)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    const int size = s[0] < 0x80 ? 1 : s[0] < 0xc0 ? 0 : s[0] < 0xe0 ? 2 : s[0] < 0xf0 ? 3 : s[0] < 0xf8 ? 4 : 0;
    uint32_t code = size < 2 ? s[0] : s[0] & (0x7fu >> size);
    for (int i = 1; i < size; i++) {
        if (s[i] >> 6 != 2)
            return 0;
        code = code << 6 | (s[i] & 0x3f);
    }
    return code < least[size] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ? 0 : size;
}

static bool is_utf8(const char *text)
{
    for (const uint8_t *s = (const uint8_t *)text; *s;) {
        const int size = character(s);
        if (!size)
            return false;
        s += size;
    }
    return true;
}

static bool finite_scales(const mote_tensor *t)
{
    bool finite = isfinite(t->quantization.scale);
    for (uint32_t i = 0; finite && t->quantization.scales && i < t->dims[t->quantization.axis]; i++)
        finite = isfinite(t->quantization.scales[i]);
    return finite;
}

static bool finite_params(const mote_graph *g, const mote_op *op)
{
    for (int i = 0; i < op->param_count && !g->packed; i++)
        if (mote_operator_of(op->opcode)->params[i].kind == MOTE_PARAM_REAL && !isfinite(real_of(op, i)))
            return false;
    return true;
}

/* Checks that JSON can represent all texts and numbers outside the arrays. */
static bool sayable(const mote_graph *g, mote_error *error)
{
    for (int i = 0; i < g->tensor_count; i++)
        if (!is_utf8(g->tensors[i].name) || !finite_scales(&g->tensors[i]))
            return mote_fail(error, MOTE_E_UNSUPPORTED, "tensor %s has a name or a scale that JSON cannot say",
                             g->tensors[i].name);
    for (int i = 0; i < g->op_count; i++)
        if (!is_utf8(g->ops[i].name) || !finite_params(g, &g->ops[i]))
            return mote_fail(error, MOTE_E_UNSUPPORTED, "operator %s has a name or a parameter that JSON cannot say",
                             g->ops[i].name);
    return is_utf8(mote_graph_metadata(g)) ||
           mote_fail(error, MOTE_E_UNSUPPORTED, "the model's metadata is not UTF-8, which JSON needs");
}

json_t *mote_graph_to_json(const mote_graph *g, mote_numbers_write *write, void *context, mote_error *error)
{
    if (!sayable(g, error))
        return NULL;
    mote_fail(error, MOTE_E_INTERNAL, "out of memory for a manifest"); /* kept unless a callback sets another error */
    json_t *root = json_object();
    return whole(root, put_header(root, g) && put(root, "tensors", tensors(g, write, context, error)) &&
                           (!g->placement || put(root, "placement", placement(g))) &&
                           put(root, "operators", mote_operators_to_json(g, json_string)));
}
