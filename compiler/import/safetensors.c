#include "compiler/import/safetensors.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/foreign.h"

/* Bytes of the longest header, about 40,000 tensors (the parser needs a multiple of this), and offset of the header. */
enum { LONGEST_HEADER = 4 << 20, START = 8 };

static float float_of_f32(const uint8_t *p)
{
    float value;
    memcpy(&value, p, sizeof value);
    return value;
}

static float float_of_bf16(const uint8_t *p)
{
    const uint8_t bytes[4] = {0, 0, p[0], p[1]};
    return float_of_f32(bytes);
}

static float float_of_f16(const uint8_t *p)
{
    const int bits = p[0] | p[1] << 8, exponent = bits >> 10 & 31, fraction = bits & 1023;
    float value;
    if (exponent == 31)
        value = fraction ? NAN : INFINITY;
    else
        value = exponent ? ldexpf((float)(1024 + fraction), exponent - 25) : ldexpf((float)fraction, -24);
    return bits >> 15 ? -value : value;
}

static const struct {
    const char *name;
    size_t size;
    float (*value)(const uint8_t *p);
} types[] = {{"F32", 4, float_of_f32},
             {"F16", 2, float_of_f16},
             {"BF16", 2, float_of_bf16},
             {"BOOL", 1, NULL}, /* of masks, which are not read */
             {"U8", 1, NULL}};

enum { TYPES = sizeof types / sizeof *types };

static json_t *parse(const char *path, const char *text, size_t size, mote_error *error)
{
    json_error_t why;
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &why);
    if (!root)
        mote_fail(error, MOTE_E_FORMAT, "%s: not valid JSON: line %d, column %d: %s", path, why.line, why.column,
                  why.text);
    else if (json_is_object(root))
        return root;
    else
        mote_fail(error, MOTE_E_FORMAT, "%s: its JSON is not an object", path);
    json_decref(root);
    return NULL;
}

json_t *mote_json_load(const char *path, size_t limit, mote_error *error)
{
    mote_bytes text;
    if (!mote_file_read(path, limit, &text, error))
        return NULL;
    json_t *root = mote_foreign_none(path, text.data, text.size, error)
                       ? parse(path, (const char *)text.data, text.size, error)
                       : NULL;
    free(text.data);
    return root;
}

/* Reads two non-negative integers, the first at most the second. */
static bool range_of(const json_t *offsets, uint64_t range[2])
{
    for (size_t i = 0; i < 2; i++) {
        const json_t *value = json_array_get(offsets, i);
        if (!json_is_integer(value) || json_integer_value(value) < 0)
            return false;
        range[i] = (uint64_t)json_integer_value(value);
    }
    return json_array_size(offsets) == 2 && range[0] <= range[1];
}

/* Reads the dims and computes the number of bytes. False if they are not a shape, have more than four axes or are too
 * large. */
static bool shape_of(const json_t *shape, mote_safetensor *t, uint64_t *bytes)
{
    t->rank = (uint32_t)json_array_size(shape);
    if (!json_is_array(shape) || json_array_size(shape) > 4)
        return false;
    *bytes = types[t->dtype].size;
    for (uint32_t i = 0; i < t->rank; i++) {
        const json_t *dim = json_array_get(shape, i);
        if (!json_is_integer(dim) || json_integer_value(dim) < 0)
            return false;
        t->dims[i] = (uint64_t)json_integer_value(dim);
        if (__builtin_mul_overflow(*bytes, t->dims[i], bytes))
            return false;
    }
    return true;
}

/* Skips the prefixes that wrappers put before the names of a model: torch.compile, data parallelism, and the classes
 * around the layers. */
static const char *key_of(const char *name)
{
    static const char *const prefixes[] = {"_orig_mod.", "module.", "model.", "transformer."};
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++)
        if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
            return key_of(name + strlen(prefixes[i]));
    return name;
}

/* Reads the header entry of a tensor. `data` is the offset in the file to which its byte range is relative. */
static bool take_tensor(const mote_input_file *in, const char *name, const json_t *value, uint64_t data,
                        mote_safetensor *t, mote_error *error)
{
    uint64_t bytes, range[2];
    const char *dtype = json_string_value(json_object_get(value, "dtype"));
    for (t->dtype = 0; dtype && t->dtype < TYPES && strcmp(types[t->dtype].name, dtype) != 0;)
        t->dtype++;
    if (!dtype || t->dtype == TYPES)
        return mote_fail(error, dtype ? MOTE_E_UNSUPPORTED : MOTE_E_FORMAT,
                         "%s: tensor %.100s is of type %.20s; F32, F16 and BF16 can be imported", in->path, name,
                         dtype ? dtype : "nothing");
    if (!shape_of(json_object_get(value, "shape"), t, &bytes))
        return mote_fail(error, MOTE_E_FORMAT, "%s: tensor %.100s has no shape that can be: up to four sizes", in->path,
                         name);
    if (!range_of(json_object_get(value, "data_offsets"), range))
        return mote_fail(error, MOTE_E_FORMAT, "%s: tensor %.100s has no data_offsets [begin, end]", in->path, name);
    if (range[1] > in->size - data)
        return mote_fail(error, MOTE_E_FORMAT,
                         "%s: tensor %.100s ends at byte %" PRIu64 " of the data, which has %" PRIu64, in->path, name,
                         range[1], in->size - data);
    if (range[1] - range[0] != bytes)
        return mote_fail(error, MOTE_E_FORMAT, "%s: tensor %.100s has %" PRIu64 " bytes where its shape takes %" PRIu64,
                         in->path, name, range[1] - range[0], bytes);
    t->begin = data + range[0];
    t->end = data + range[1];
    t->name = strdup(name);
    t->key = t->name ? key_of(t->name) : NULL;
    return t->name || mote_fail(error, MOTE_E_INTERNAL, "%s: out of memory", in->path);
}

static int by_place(const void *a, const void *b)
{
    const mote_safetensor *x = a, *y = b;
    if (x->begin != y->begin)
        return x->begin < y->begin ? -1 : 1;
    return x->end < y->end ? -1 : x->end > y->end;
}

/* Checks that the tensors cover the data without overlaps or gaps, as the format requires. Sorts them by offset. */
static bool covers(const mote_input_file *in, mote_safetensor *t, size_t count, uint64_t data, mote_error *error)
{
    uint64_t at = data;
    qsort(t, count, sizeof *t, by_place);
    for (size_t i = 0; i < count; at = t[i++].end) {
        if (t[i].begin < at)
            return mote_fail(error, MOTE_E_FORMAT, "%s: tensors %.100s and %.100s overlap", in->path, t[i - 1].name,
                             t[i].name);
        if (t[i].begin > at)
            return mote_fail(error, MOTE_E_FORMAT, "%s: nothing owns the %" PRIu64 " bytes before tensor %.100s",
                             in->path, t[i].begin - at, t[i].name);
    }
    return at == in->size ||
           mote_fail(error, MOTE_E_FORMAT, "%s: nothing owns the last %" PRIu64 " bytes", in->path, in->size - at);
}

static bool take_header(mote_safetensors *s, int file, json_t *header, uint64_t data, mote_error *error)
{
    const mote_input_file *in = &s->files[file];
    const size_t first = s->tensor_count;
    mote_safetensor *grown = realloc(s->tensors, (first + json_object_size(header) + 1) * sizeof *grown);
    const char *name;
    json_t *value;
    if (!grown)
        return mote_fail(error, MOTE_E_INTERNAL, "%s: out of memory", in->path);
    s->tensors = grown;
    json_object_foreach(header, name, value)
    {
        mote_safetensor *t = &s->tensors[s->tensor_count];
        *t = (mote_safetensor){.file = file};
        if (strcmp(name, "__metadata__") == 0)
            continue;
        if (!take_tensor(in, name, value, data, t, error))
            return false;
        s->tensor_count++;
    }
    return covers(in, s->tensors + first, s->tensor_count - first, data, error);
}

static bool read_header(mote_safetensors *s, int file, mote_error *error)
{
    const mote_input_file *in = &s->files[file];
    uint64_t length;
    if (!in->size)
        return mote_foreign_none(in->path, NULL, 0, error);
    if (in->size < START)
        return mote_fail(error, MOTE_E_FORMAT, "%s: ends at byte %" PRIu64 ", before its header", in->path, in->size);
    if (!mote_input_read(in, 0, &length, sizeof length, error))
        return false;
    uint8_t start[MOTE_FOREIGN_BYTES];
    const size_t size = in->size < sizeof start ? (size_t)in->size : sizeof start;
    if (!mote_input_read(in, 0, start, size, error) || !mote_foreign_none(in->path, start, size, error))
        return false;
    if (length > LONGEST_HEADER || length > in->size - START)
        return mote_fail(error, MOTE_E_FORMAT,
                         "%s: a header of %" PRIu64 " bytes in a file of %" PRIu64 "; at most %d are read", in->path,
                         length, in->size, LONGEST_HEADER);
    char *text = malloc(length + 1);
    if (!text)
        return mote_fail(error, MOTE_E_INTERNAL, "%s: out of memory", in->path);
    json_t *header = mote_input_read(in, START, text, length, error) ? parse(in->path, text, length, error) : NULL;
    free(text);
    const bool done = header && take_header(s, file, header, START + length, error);
    json_decref(header);
    return done;
}

bool mote_safetensors_add(mote_safetensors *s, const char *path, mote_error *error)
{
    if (s->file_count == MOTE_SAFETENSORS_FILES)
        return mote_fail(error, MOTE_E_UNSUPPORTED, "%s: a model of more than %d files", path, MOTE_SAFETENSORS_FILES);
    if (!mote_input_open(&s->files[s->file_count], path, error))
        return false;
    return read_header(s, s->file_count++, error);
}

static int by_key(const void *a, const void *b)
{
    return strcmp(((const mote_safetensor *)a)->key, ((const mote_safetensor *)b)->key);
}

bool mote_safetensors_finish(mote_safetensors *s, mote_error *error)
{
    if (s->tensor_count)
        qsort(s->tensors, s->tensor_count, sizeof *s->tensors, by_key);
    for (size_t i = 1; i < s->tensor_count; i++)
        if (by_key(&s->tensors[i - 1], &s->tensors[i]) == 0)
            return mote_fail(error, MOTE_E_FORMAT, "%s: tensor %.100s is in %s too, as %.100s",
                             s->files[s->tensors[i].file].path, s->tensors[i].name,
                             s->files[s->tensors[i - 1].file].path, s->tensors[i - 1].name);
    return true;
}

void mote_safetensors_free(mote_safetensors *s)
{
    for (int i = 0; i < s->file_count; i++)
        mote_input_close(&s->files[i]);
    for (size_t i = 0; i < s->tensor_count; i++)
        free(s->tensors[i].name);
    free(s->tensors);
    *s = (mote_safetensors){0};
}

mote_safetensor *mote_safetensors_find(const mote_safetensors *s, const char *name)
{
    const mote_safetensor key = {.key = key_of(name)};
    return s->tensor_count ? bsearch(&key, s->tensors, s->tensor_count, sizeof key, by_key) : NULL;
}

bool mote_safetensors_is_float(const mote_safetensor *t)
{
    return types[t->dtype].value;
}

/* Converts in place: 2-byte values are read into the last half of the float array. Writing value i, 4 bytes at 4i,
 * never overwrites one that is still unread. */
bool mote_safetensors_read(const mote_safetensors *s, const mote_safetensor *t, float *out, mote_error *error)
{
    const size_t width = types[t->dtype].size, count = (size_t)(t->end - t->begin) / width;
    uint8_t *stored = (uint8_t *)out + count * (sizeof *out - width);
    if (!mote_input_read(&s->files[t->file], t->begin, stored, count * width, error))
        return false;
    for (size_t i = 0; i < count && t->dtype; i++)
        out[i] = types[t->dtype].value(stored + i * width);
    return true;
}
