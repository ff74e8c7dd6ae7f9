#include "compiler/manifest/json.h"

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

/* An integer of an object; `fallback` where there is none. */
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

static const char *text(const json_t *o, const char *key)
{
    const char *value = json_string_value(json_object_get(o, key));
    return value ? value : "";
}

/* The index of a word of an object in `words`; 0 where there is none. */
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

static bool hex_bytes(const char *digits, size_t length, uint8_t *out)
{
    for (size_t i = 0; i < length; i++) {
        const char c = digits[i];
        const int value = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (value < 0)
            return false;
        out[i / 2] = (uint8_t)(i % 2 ? out[i / 2] | value : value << 4);
    }
    return length % 2 == 0;
}

/* --- tensors --- */

static bool shape(reader *r, const json_t *o, mote_tensor *t)
{
    const json_t *list = json_object_get(o, "shape");
    uint64_t elements = 1;
    t->rank = (int)json_array_size(list);
    if (t->rank < 1 || t->rank > 4)
        return wrong(r, t->name, "its shape should be a list of 1 to 4 numbers");
    for (int i = 0; i < 4; i++) {
        const json_t *value = i < t->rank ? json_array_get(list, (size_t)i) : NULL;
        const json_int_t dim = value ? json_integer_value(value) : 1;
        if (dim < 1 || (uint64_t)dim > MOST_ELEMENTS || (elements *= (uint64_t)dim) > MOST_ELEMENTS)
            return wrong(r, t->name, "its shape should be of numbers from 1, a thousand million elements at most");
        t->dims[i] = (uint32_t)dim;
    }
    return true;
}

static bool properties(reader *r, const json_t *o, mote_tensor *t)
{
    const char *name = text(o, "name");
    if (!*name || strlen(name) >= MOTE_NAME_SIZE)
        return wrong(r, "a tensor", "its name is missing or too long");
    memcpy(t->name, name, strlen(name) + 1);
    if (json_object_get(r->names, name))
        return wrong(r, name, "another tensor has this name");
    int role, layout, granularity, pruned;
    if (!word(r, o, name, "role", mote_role_names, MOTE_ROLE_COUNT, &role) ||
        !word(r, o, name, "layout", mote_layout_names, MOTE_LAYOUT_COUNT, &layout) ||
        !word(r, o, name, "granularity", mote_granularity_names, MOTE_GRANULARITY_COUNT, &granularity) ||
        !word(r, o, name, "pruned", mote_pruned_names, MOTE_PRUNED_COUNT, &pruned) ||
        !type(r, o, name, "type", &t->dtype) || !type(r, o, name, "trained_as", &t->quantiser) ||
        !integer(r, o, name, "offset", UINT32_MAX, 0, &t->offset) ||
        !integer(r, o, name, "bound", UINT32_MAX, 0, &t->bound))
        return false;
    t->role = (mote_role)role;
    t->layout = (mote_layout)layout;
    t->granularity = (mote_granularity)granularity;
    t->pruned = (mote_pruned)pruned;
    t->scale = (float)json_number_value(json_object_get(o, "scale"));
    return shape(r, o, t);
}

/* The numbers of a constant are there before the graph takes room for them. */
static bool constant(reader *r, const json_t *o, const mote_tensor *t, mote_array *a)
{
    uint32_t bytes = 0;
    if (!integer(r, o, t->name, "bytes", (json_int_t)MOST_ELEMENTS, 0, &bytes))
        return false;
    if (t->layout != MOTE_ROWS && (!bytes || t->rank != 2))
        return wrong(r, t->name, "a layout of its own needs a matrix given as bytes");
    *a = mote_array_form(t, bytes);
    return r->read(r->context, a, t->name, o, r->error);
}

static bool add_tensor(reader *r, const mote_tensor *t, const mote_array *a)
{
    const int index = mote_graph_tensor(r->g, t->name, t->dtype, t->role, t->rank, t->dims);
    if (index < 0 || json_object_set_new(r->names, t->name, json_integer(index)) != 0)
        return mote_fail(r->error, MOTE_E_INTERNAL, "%s: no memory for tensor %s", r->file, t->name);
    mote_tensor *made = &r->g->tensors[index];
    made->scale = t->scale;
    made->bound = t->bound;
    made->quantiser = t->quantiser;
    made->granularity = t->granularity;
    made->pruned = t->pruned;
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
    json_array_foreach(list, i, o)
    {
        mote_tensor t = {0};
        mote_array a = {0};
        const bool done =
            properties(r, o, &t) && (t.role != MOTE_CONSTANT || constant(r, o, &t, &a)) && add_tensor(r, &t, &a);
        mote_array_free(&a);
        if (!done)
            return false;
    }
    return true;
}

/* --- operators --- */

/* Indices of the tensors named, -1 for null. */
static bool operands(reader *r, const json_t *list, const char *op, int most, int *indices, int *count)
{
    *count = (int)json_array_size(list);
    if (*count > most)
        return wrong(r, op, "it has too many operands");
    for (int i = 0; i < *count; i++) {
        const json_t *name = json_array_get(list, (size_t)i);
        const json_t *index = json_is_string(name) ? json_object_get(r->names, json_string_value(name)) : NULL;
        if (!index && !json_is_null(name))
            return wrong(r, op, "an operand names no tensor");
        indices[i] = index ? (int)json_integer_value(index) : -1;
    }
    return true;
}

static bool params(reader *r, const json_t *list, const char *op, int32_t *out)
{
    if (json_array_size(list) != 8)
        return wrong(r, op, "it should have 8 params");
    for (size_t i = 0; i < 8; i++) {
        const json_int_t value = json_integer_value(json_array_get(list, i));
        if (value < INT32_MIN || value > INT32_MAX)
            return wrong(r, op, "a param is beyond 32 bits");
        out[i] = (int32_t)value;
    }
    return true;
}

static bool operator(reader *r, const json_t *o)
{
    const char *names[MOTE_OPCODE_COUNT], *name = text(o, "name");
    int opcode, inputs[8], outputs[4], input_count, output_count;
    for (int i = 0; i < MOTE_OPCODE_COUNT; i++)
        names[i] = mote_operators[i]->name;
    if (!*name || strlen(name) >= MOTE_NAME_SIZE || !json_object_get(o, "operator"))
        return wrong(r, "an operator", "its name or kind is missing or too long");
    if (!word(r, o, name, "operator", names, MOTE_OPCODE_COUNT, &opcode) ||
        !operands(r, json_object_get(o, "inputs"), name, 8, inputs, &input_count) ||
        !operands(r, json_object_get(o, "outputs"), name, 4, outputs, &output_count))
        return false;
    const int index = mote_graph_op(r->g, name, (mote_opcode)opcode, input_count, inputs, output_count, outputs);
    if (index < 0)
        return mote_fail(r->error, MOTE_E_INTERNAL, "%s: no memory for operator %s", r->file, name);
    return params(r, json_object_get(o, "params"), name, r->g->ops[index].params);
}

static bool operators(reader *r, const json_t *list)
{
    size_t i;
    json_t *o;
    json_array_foreach(list, i, o) if (!operator(r, o)) return false;
    return true;
}

/* --- the rest --- */

static bool tokenizer(reader *r, const json_t *value)
{
    const size_t length = json_string_length(value);
    uint8_t *bytes = value ? malloc(length / 2 + 1) : NULL;
    const bool done = !value || (bytes && length && hex_bytes(json_string_value(value), length, bytes) &&
                                 mote_graph_set_tokenizer(r->g, bytes, (uint32_t)(length / 2)));
    free(bytes);
    return done || wrong(r, "tokenizer", "it should be bytes as pairs of the digits 0 to f");
}

static bool tokens(const json_t *list, uint16_t *out)
{
    size_t i;
    json_t *value;
    json_array_foreach(list, i, value)
    {
        if (!json_is_integer(value) || json_integer_value(value) < 0 || json_integer_value(value) > UINT16_MAX)
            return false;
        out[i] = (uint16_t)json_integer_value(value);
    }
    return true;
}

static bool golden(reader *r, const json_t *o)
{
    const json_t *prompt = json_object_get(o, "prompt"), *output = json_object_get(o, "output");
    const size_t count = json_array_size(prompt) + json_array_size(output);
    uint32_t digest = 0;
    if (!o)
        return true;
    if (!integer(r, o, "golden", "digest", UINT32_MAX, 0, &digest))
        return false;
    r->g->golden_size = (uint32_t)(sizeof(mote_golden) + count * sizeof(uint16_t));
    r->g->golden = calloc(1, r->g->golden_size);
    if (!r->g->golden)
        return mote_fail(r->error, MOTE_E_INTERNAL, "%s: out of memory", r->file);
    mote_golden *head = (void *)r->g->golden;
    *head = (mote_golden){(uint32_t)json_array_size(prompt), (uint32_t)json_array_size(output), digest, 0};
    uint16_t *to = (uint16_t *)(void *)(head + 1);
    return (tokens(prompt, to) && tokens(output, to + head->prompt_count)) ||
           wrong(r, "golden", "its prompt and output should be tokens");
}

static bool configuration(reader *r, const json_t *value)
{
    if (!value)
        return true;
    char *copy = json_is_string(value) ? strndup(json_string_value(value), json_string_length(value)) : NULL;
    if (!copy || strlen(copy) != json_string_length(value)) {
        free(copy);
        return wrong(r, "configuration", "it should be lines of text");
    }
    free(r->g->metadata);
    r->g->metadata = copy;
    return true;
}

static bool read_all(reader *r, const json_t *root)
{
    if (strcmp(text(root, "format"), "mote-manifest") != 0 || json_integer_value(json_object_get(root, "version")) != 1)
        return wrong(r, "format", "this is no mote-manifest of version 1");
    r->g->packed = json_is_true(json_object_get(root, "packed"));
    return r->names && integer(r, root, "the model", "arena_bytes", UINT32_MAX, 0, &r->g->arena_size) &&
           integer(r, root, "the model", "state_bytes", UINT32_MAX, 0, &r->g->state_size) &&
           configuration(r, json_object_get(root, "configuration")) &&
           tokenizer(r, json_object_get(root, "tokenizer")) && golden(r, json_object_get(root, "golden")) &&
           tensors(r, json_object_get(root, "tensors")) && operators(r, json_object_get(root, "operators"));
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
