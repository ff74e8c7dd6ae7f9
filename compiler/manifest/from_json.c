#include "compiler/manifest/json.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/graph/names.h"
#include "compiler/graph/operator.h"

#define MOST_ELEMENTS ((uint64_t)1 << 30)

typedef struct reader {
    mote_graph *g;
    const char *file;
    mote_numbers_read *read;
    void *context;
    json_t *names; /* tensor name to index */
    mote_error *error;
} reader;

static bool wrong(reader *r, const char *where, const char *what)
{
    return mote_fail(r->error, MOTE_E_FORMAT, "%s: %s: %s", r->file, where, what);
}

/* False unless `o` is an object without keys other than `keys`, a list that ends with NULL. */
static bool object(reader *r, const json_t *o, const char *where, const char *const *keys)
{
    const char *key;
    json_t *value;
    if (!json_is_object(o))
        return wrong(r, where, "it should be an object");
    json_object_foreach((json_t *)o, key, value)
    {
        int i = 0;
        while (keys[i] && strcmp(keys[i], key) != 0)
            i++;
        if (!keys[i])
            return mote_fail(r->error, MOTE_E_FORMAT, "%s: %s: unknown key '%s'", r->file, where, key);
    }
    return true;
}

/* False unless `list` is a list that a file has indices for. */
static bool records(reader *r, const json_t *list, const char *where)
{
    if (!json_is_array(list))
        return wrong(r, where, "it should be a list of objects");
    return json_array_size(list) < MOTE_NO_INDEX ||
           mote_fail(r->error, MOTE_E_FORMAT, "%s: %s: there are %zu, more than %d", r->file, where,
                     json_array_size(list), MOTE_NO_INDEX - 1);
}

/* Reads an integer in 0..most from an object; `fallback` if the key is absent. */
static bool integer(reader *r, const json_t *o, const char *where, const char *key, json_int_t most,
                    json_int_t fallback, uint32_t *out)
{
    const json_t *value = json_object_get(o, key);
    const json_int_t number = value ? json_integer_value(value) : fallback;
    if ((value && !json_is_integer(value)) || number < 0 || number > most)
        return mote_fail(r->error, MOTE_E_FORMAT, "%s: %s: '%s' should be a whole number up to %lld", r->file, where,
                         key, (long long)most);
    *out = (uint32_t)number;
    return true;
}

/* Reads a number in the range of f32; 0 if it is absent. */
static bool real(reader *r, const json_t *value, const char *where, const char *key, float *out)
{
    *out = (float)json_number_value(value);
    return !value || (json_is_number(value) && isfinite(*out)) ||
           mote_fail(r->error, MOTE_E_FORMAT, "%s: %s: '%s' should be a number of 32 bits", r->file, where, key);
}

static const char *text(const json_t *o, const char *key)
{
    const char *value = json_string_value(json_object_get(o, key));
    return value ? value : "";
}

/* Reads a word of an object as an index into `words`; 0 if the key is absent. */
static bool word(reader *r, const json_t *o, const char *where, const char *key, const char *const *words, int count,
                 int *out)
{
    *out = 0;
    if (!json_object_get(o, key))
        return true;
    for (int i = 0; i < count; i++)
        if (words[i] && strcmp(words[i], text(o, key)) == 0) {
            *out = i;
            return true;
        }
    return mote_fail(r->error, MOTE_E_FORMAT, "%s: %s: '%s' is no %s", r->file, where, text(o, key), key);
}

static bool type(reader *r, const json_t *o, const char *where, const char *key, mote_dtype *out)
{
    const char *names[MOTE_DTYPE_COUNT];
    int index;
    for (int i = 0; i < MOTE_DTYPE_COUNT; i++)
        names[i] = mote_dtype_name((mote_dtype)i);
    if (!word(r, o, where, key, names, MOTE_DTYPE_COUNT, &index))
        return false;
    *out = (mote_dtype)index;
    return true;
}

/* Converts `length` hexadecimal digits to length / 2 bytes. */
static bool hex_bytes(const char *digits, size_t length, uint8_t *out)
{
    if (length % 2)
        return false;
    for (size_t i = 0; i < length; i++) {
        const char c = digits[i];
        const int value = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (value < 0)
            return false;
        out[i / 2] = (uint8_t)(i % 2 ? out[i / 2] | value : value << 4);
    }
    return true;
}

/* Tensors. */

static bool shape(reader *r, const json_t *o, const char *name, mote_tensor *t)
{
    const json_t *list = json_object_get(o, "shape");
    uint64_t elements = 1;
    t->rank = (int)json_array_size(list);
    if (t->rank < 1 || t->rank > MOTE_RANK)
        return wrong(r, name, "its shape should be a list of 1 to 6 numbers");
    for (int i = 0; i < MOTE_RANK; i++) {
        const json_t *value = i < t->rank ? json_array_get(list, (size_t)i) : NULL;
        const json_int_t dim = value ? json_integer_value(value) : 1;
        if (dim < 1 || (uint64_t)dim > MOST_ELEMENTS || (elements *= (uint64_t)dim) > MOST_ELEMENTS)
            return wrong(r, name, "its shape should be of numbers from 1, a thousand million elements at most");
        t->dims[i] = (uint32_t)dim;
    }
    return true;
}

static bool zero_point(reader *r, const json_t *o, const char *name, int32_t *out)
{
    const json_t *value = json_object_get(o, "zero_point");
    const json_int_t number = json_integer_value(value);
    *out = (int32_t)number;
    return (!value || (json_is_integer(value) && number >= INT32_MIN && number <= INT32_MAX)) ||
           wrong(r, name, "its zero_point should be a whole number of 32 bits");
}

static bool properties(reader *r, const json_t *o, mote_tensor *t)
{
    static const char *const keys[] = {"name",   "role",       "type",        "shape",  "scale",  "zero_point", "axis",
                                       "scales", "bound",      "offset",      "stride", "layout", "values",     "bytes",
                                       "array",  "trained_as", "granularity", "pruned", NULL};
    const char *name = text(o, "name");
    if (!*name)
        return wrong(r, "a tensor", "its name is missing");
    if (!object(r, o, name, keys))
        return false;
    if (json_object_get(r->names, name))
        return wrong(r, name, "another tensor has this name");
    int role, layout, granularity, pruned;
    if (!word(r, o, name, "role", mote_role_names, MOTE_ROLE_COUNT, &role) ||
        !word(r, o, name, "layout", mote_layout_names, MOTE_LAYOUT_COUNT, &layout) ||
        !word(r, o, name, "granularity", mote_granularity_names, MOTE_GRANULARITY_COUNT, &granularity) ||
        !word(r, o, name, "pruned", mote_pruned_names, MOTE_PRUNED_COUNT, &pruned) ||
        !type(r, o, name, "type", &t->dtype) || !type(r, o, name, "trained_as", &t->quantizer) ||
        !integer(r, o, name, "offset", UINT32_MAX, 0, &t->offset) ||
        !integer(r, o, name, "bound", UINT32_MAX, 0, &t->bound) ||
        !integer(r, o, name, "stride", UINT32_MAX, 0, &t->stride))
        return false;
    t->role = (mote_role)role;
    t->layout = (mote_layout)layout;
    t->granularity = (mote_granularity)granularity;
    t->pruned = (mote_pruned)pruned;
    return real(r, json_object_get(o, "scale"), name, "scale", &t->quantization.scale) &&
           zero_point(r, o, name, &t->quantization.zero_point) && shape(r, o, name, t);
}

/* Reads the numbers of a constant. This precedes add_tensor, so that the graph allocates memory only for numbers that
 * exist. */
static bool constant(reader *r, const json_t *o, const mote_tensor *t, mote_array *a)
{
    const char *name = text(o, "name");
    uint32_t bytes = 0;
    if (!integer(r, o, name, "bytes", (json_int_t)MOST_ELEMENTS, 0, &bytes))
        return false;
    if (t->layout != MOTE_ROWS && (!bytes || t->rank != 2))
        return wrong(r, name, "a layout of its own needs a matrix given as bytes");
    *a = mote_array_form(t, bytes);
    return r->read(r->context, a, name, o, r->error);
}

/* Reads the scales for each index along an axis, if present. */
static bool scales(reader *r, const json_t *o, mote_tensor *t)
{
    const json_t *list = json_object_get(o, "scales");
    uint32_t axis = 0;
    if (!list)
        return true;
    if (!integer(r, o, t->name, "axis", t->rank - 1, 0, &axis) || json_array_size(list) != t->dims[axis])
        return wrong(r, t->name, "its scales should be one for each index along its axis");
    float *values = malloc((t->dims[axis] + (size_t)1) * sizeof *values);
    bool right = true;
    for (uint32_t i = 0; values && right && i < t->dims[axis]; i++)
        right = real(r, json_array_get(list, i), t->name, "scales", &values[i]);
    const bool done = values && right && mote_tensor_set_scales(t, (int)axis, values);
    free(values);
    if (!done && right)
        mote_fail(r->error, MOTE_E_INTERNAL, "%s: no memory for tensor %s", r->file, t->name);
    return done;
}

static bool add_tensor(reader *r, const json_t *o, const mote_tensor *t, const mote_array *a)
{
    const char *name = text(o, "name");
    const int index = mote_graph_tensor(r->g, name, t->dtype, t->role, t->rank, t->dims);
    if (index < 0 || json_object_set_new(r->names, name, json_integer(index)) != 0)
        return mote_fail(r->error, MOTE_E_INTERNAL, "%s: no memory for tensor %s", r->file, name);
    mote_tensor *made = &r->g->tensors[index];
    made->quantization.scale = t->quantization.scale;
    made->quantization.zero_point = t->quantization.zero_point;
    made->bound = t->bound;
    made->quantizer = t->quantizer;
    made->granularity = t->granularity;
    made->pruned = t->pruned;
    made->stride = t->stride;
    if (!scales(r, o, made))
        return false;
    if (t->role != MOTE_CONSTANT) {
        made->offset = t->offset;
        return true;
    }
    made->layout = t->layout;
    return mote_array_store(a, made, r->error);
}

static bool tensors(reader *r, const json_t *list)
{
    size_t i;
    json_t *o;
    if (!records(r, list, "tensors"))
        return false;
    json_array_foreach(list, i, o)
    {
        mote_tensor t = {0};
        mote_array a = {0};
        const bool done =
            properties(r, o, &t) && (t.role != MOTE_CONSTANT || constant(r, o, &t, &a)) && add_tensor(r, o, &t, &a);
        mote_array_free(&a);
        if (!done)
            return false;
    }
    return true;
}

/* Operators. */

/* Reads the operands of an object by their names. Operands without a name stay absent. */
static bool operands(reader *r, const json_t *object, const char *op, const mote_operand_info *infos, int count,
                     int *tensors)
{
    const char *key;
    json_t *name;
    json_object_foreach((json_t *)object, key, name)
    {
        const json_t *index = json_is_string(name) ? json_object_get(r->names, json_string_value(name)) : NULL;
        int i = 0;
        while (i < count && strcmp(infos[i].name, key) != 0)
            i++;
        if (i == count)
            return mote_fail(r->error, MOTE_E_FORMAT, "%s: %s: it has no operand named %s", r->file, op, key);
        if (!index)
            return mote_fail(r->error, MOTE_E_FORMAT, "%s: %s: its %s names no tensor", r->file, op, key);
        tensors[i] = (int)json_integer_value(index);
    }
    return !object || json_is_object(object) || wrong(r, op, "its operands should be an object of names");
}

static bool parameter(reader *r, const json_t *value, const char *op, const mote_param_info *info, int32_t *out)
{
    const json_int_t number = json_integer_value(value);
    if (info->kind == MOTE_PARAM_REAL && !r->g->packed) {
        float bits;
        const bool right = real(r, value, op, info->name, &bits);
        memcpy(out, &bits, sizeof bits);
        return right;
    }
    *out = (int32_t)number;
    return (json_is_integer(value) && number >= INT32_MIN && number <= INT32_MAX) ||
           mote_fail(r->error, MOTE_E_FORMAT, "%s: %s: its %s is no whole number of 32 bits", r->file, op, info->name);
}

static bool parameters(reader *r, const json_t *object, mote_op *op)
{
    const mote_param_info *infos = mote_operator_of(op->opcode)->params;
    size_t found = 0;
    for (int i = 0; i < op->param_count; i++) {
        const json_t *value = json_object_get(object, infos[i].name);
        const bool absent = infos[i].kind == MOTE_PARAM_PACKED && !r->g->packed;
        if (absent && !value)
            continue;
        if (!value)
            return mote_fail(r->error, MOTE_E_FORMAT, "%s: %s: it has no %s", r->file, op->name, infos[i].name);
        if (!parameter(r, value, op->name, &infos[i], &op->params[i]))
            return false;
        found++;
    }
    return json_object_size(object) == found || wrong(r, op->name, "it has a parameter that its operator has not");
}

static bool operator(reader *r, const json_t *o)
{
    static const char *const keys[] = {"name", "operator", "inputs", "outputs", "params", NULL};
    const char *name = text(o, "name"), *kind = text(o, "operator");
    const int opcode = mote_operator_named(kind);
    if (!*name)
        return wrong(r, "an operator", "its name is missing");
    if (!object(r, o, name, keys))
        return false;
    if (opcode < 0)
        return mote_fail(r->error, MOTE_E_FORMAT, "%s: %s: '%s' is no operator", r->file, name, kind);
    const int index = mote_graph_op(r->g, name, (mote_opcode)opcode, 0, NULL, 0, NULL);
    if (index < 0)
        return mote_fail(r->error, MOTE_E_INTERNAL, "%s: no memory for operator %s", r->file, name);
    mote_op *op = &r->g->ops[index];
    const mote_operator_info *info = mote_operator_of(op->opcode);
    return operands(r, json_object_get(o, "inputs"), name, info->inputs, op->input_count, op->inputs) &&
           operands(r, json_object_get(o, "outputs"), name, info->outputs, op->output_count, op->outputs) &&
           parameters(r, json_object_get(o, "params"), op);
}

static bool operators(reader *r, const json_t *list)
{
    size_t i;
    json_t *o;
    if (!records(r, list, "operators"))
        return false;
    json_array_foreach(list, i, o) if (!operator(r, o)) return false;
    return true;
}

/* Sections and the whole model. */

static bool tokenizer(reader *r, const json_t *value)
{
    const size_t length = json_string_length(value);
    uint8_t *bytes = value ? malloc(length / 2 + 1) : NULL;
    const bool done = !value || (bytes && length && hex_bytes(json_string_value(value), length, bytes) &&
                                 mote_graph_set_tokenizer(r->g, bytes, (uint32_t)(length / 2)));
    free(bytes);
    if (value && length && !bytes)
        return mote_fail(r->error, MOTE_E_INTERNAL, "%s: out of memory", r->file);
    return done || wrong(r, "tokenizer", "it should be bytes as pairs of the digits 0 to f");
}

static bool golden(reader *r, const json_t *o)
{
    const json_t *inputs = json_object_get(o, "inputs");
    const size_t length = json_string_length(inputs);
    uint32_t runs = 0, digest = 0;
    static const char *const keys[] = {"runs", "inputs", "digest", NULL};
    if (!o)
        return true;
    if (!object(r, o, "golden", keys) || !integer(r, o, "golden", "runs", UINT32_MAX, 0, &runs) ||
        !integer(r, o, "golden", "digest", UINT32_MAX, 0, &digest))
        return false;
    r->g->golden_size = (uint32_t)(sizeof(mote_golden) + length / 2);
    r->g->golden = calloc(1, r->g->golden_size);
    if (!r->g->golden)
        return mote_fail(r->error, MOTE_E_INTERNAL, "%s: out of memory", r->file);
    mote_golden *head = (void *)r->g->golden;
    *head = (mote_golden){.run_count = runs, .input_size = runs ? (uint32_t)(length / 2 / runs) : 0, .digest = digest};
    return hex_bytes(json_string_value(inputs), length, (uint8_t *)(head + 1)) ||
           wrong(r, "golden", "its inputs should be bytes as pairs of the digits 0 to f");
}

static bool placement(reader *r, const json_t *list)
{
    const size_t count = json_array_size(list);
    if (!list)
        return true;
    if (!json_is_array(list) || count >= MOTE_NO_INDEX)
        return wrong(r, "placement", "it should be a list of names of tensors");
    r->g->placement = calloc(count + 1, sizeof *r->g->placement);
    if (!r->g->placement)
        return mote_fail(r->error, MOTE_E_INTERNAL, "%s: out of memory", r->file);
    for (size_t i = 0; i < count; i++) {
        const char *name = json_string_value(json_array_get(list, i));
        const int tensor = name ? mote_graph_find(r->g, name) : -1;
        if (tensor < 0)
            return wrong(r, "placement", "it should be names of tensors");
        r->g->placement[r->g->placement_count++] = (uint16_t)tensor;
    }
    return true;
}

static bool configuration(reader *r, const json_t *value)
{
    if (!value)
        return true;
    if (!json_is_string(value) || strlen(json_string_value(value)) != json_string_length(value))
        return wrong(r, "configuration", "it should be lines of text");
    free(r->g->metadata);
    r->g->metadata = strdup(json_string_value(value));
    return r->g->metadata || mote_fail(r->error, MOTE_E_INTERNAL, "%s: out of memory", r->file);
}

static bool read_all(reader *r, const json_t *root)
{
    static const char *const keys[] = {
        "format",        "version",   "packed", "arena_bytes", "state_bytes", "totals", "tensors",
        "configuration", "tokenizer", "golden", "operators",   "placement",   NULL};
    if (strcmp(text(root, "format"), "mote-manifest") != 0 ||
        json_integer_value(json_object_get(root, "version")) != MOTE_MANIFEST_VERSION)
        return wrong(r, "format", "this is no mote-manifest of version 2, which this program reads");
    if (!object(r, root, "the model", keys))
        return false;
    const json_t *packed = json_object_get(root, "packed");
    if (packed && !json_is_boolean(packed))
        return wrong(r, "packed", "it should be true or false");
    r->g->packed = json_is_true(packed);
    if (!r->names)
        return mote_fail(r->error, MOTE_E_INTERNAL, "%s: out of memory", r->file);
    return integer(r, root, "the model", "arena_bytes", UINT32_MAX, 0, &r->g->arena_size) &&
           integer(r, root, "the model", "state_bytes", UINT32_MAX, 0, &r->g->state_size) &&
           configuration(r, json_object_get(root, "configuration")) &&
           tokenizer(r, json_object_get(root, "tokenizer")) && golden(r, json_object_get(root, "golden")) &&
           tensors(r, json_object_get(root, "tensors")) && operators(r, json_object_get(root, "operators")) &&
           placement(r, json_object_get(root, "placement"));
}

bool mote_graph_from_json(mote_graph *g, const json_t *root, const char *file, mote_numbers_read *read, void *context,
                          mote_error *error)
{
    mote_graph_init(g);
    reader r = {.g = g, .file = file, .read = read, .context = context, .names = json_object(), .error = error};
    const bool done = read_all(&r, root);
    json_decref(r.names);
    if (!done)
        mote_graph_free(g);
    return done;
}
