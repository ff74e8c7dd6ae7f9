#include "compiler/manifest/manifest.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "compiler/manifest/json.h"
#include "compiler/manifest/npy.h"
#include "compiler/manifest/zip.h"
#include "compiler/pack/codes.h"
#include "compiler/pack/container.h"

#define DUMP (JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(9)) /* 9 digits distinguish all floats */

static const char description[] = "manifest.json"; /* member of an archive */

/* Numbers in the JSON: the key "values", in row-major order. */

static double float_at(const mote_array *a, size_t i)
{
    if (a->size == 2)
        return (double)mote_half_value((uint16_t)(a->data[2 * i] | a->data[2 * i + 1] << 8));
    float value;
    memcpy(&value, a->data + 4 * i, sizeof value);
    return (double)value;
}

/* Returns element i, sign-extended if the numbers are signed. */
static json_int_t integer_at(const mote_array *a, size_t i)
{
    uint32_t bits = 0;
    for (uint32_t b = 0; b < a->size; b++)
        bits |= (uint32_t)a->data[a->size * i + b] << (8 * b);
    const int unused = 32 - 8 * (int)a->size;
    return a->kind == 'i' ? (json_int_t)((int32_t)(bits << unused) >> unused) : (json_int_t)bits;
}

static bool write_values(void *context, const mote_array *a, const char *name, json_t *tensor, mote_error *error)
{
    (void)context;
    const size_t count = mote_array_bytes(a) / a->size;
    for (size_t i = 0; a->kind == 'f' && i < count; i++)
        if (!isfinite(float_at(a, i)))
            return mote_fail(error, MOTE_E_UNSUPPORTED,
                             "tensor %s has numbers that are infinite or undefined, which JSON cannot say; choose npz",
                             name);
    json_t *list = json_array();
    bool done = list;
    for (size_t i = 0; done && i < count; i++)
        done = json_array_append_new(list,
                                     a->kind == 'f' ? json_real(float_at(a, i)) : json_integer(integer_at(a, i))) == 0;
    done = json_object_set_new(tensor, "values", list) == 0 && done;
    return done || mote_fail(error, MOTE_E_INTERNAL, "out of memory for tensor %s", name);
}

static bool put_float(mote_array *a, size_t i, const json_t *value)
{
    const float number = (float)json_number_value(value);
    if (!json_is_number(value) || !isfinite(number))
        return false;
    if (a->size == 4) {
        memcpy(a->data + 4 * i, &number, sizeof number);
        return true;
    }
    const uint16_t half = mote_half_of(number);
    a->data[2 * i] = (uint8_t)half;
    a->data[2 * i + 1] = (uint8_t)(half >> 8);
    return mote_half_value(half) == number;
}

static bool put_integer(mote_array *a, size_t i, const json_t *value)
{
    const json_int_t number = json_integer_value(value);
    for (uint32_t b = 0; b < a->size; b++)
        a->data[a->size * i + b] = (uint8_t)((uint64_t)number >> (8 * b));
    return json_is_integer(value) && integer_at(a, i) == number;
}

static bool read_values(void *context, mote_array *a, const char *name, const json_t *tensor, mote_error *error)
{
    (void)context;
    const json_t *list = json_object_get(tensor, "values");
    const size_t count = mote_array_bytes(a) / a->size;
    if (json_array_size(list) != count)
        return mote_fail(error, MOTE_E_FORMAT, "tensor %s has %zu values; its shape has room for %zu", name,
                         json_array_size(list), count);
    a->data = malloc(mote_array_bytes(a) + 1);
    if (!a->data)
        return mote_fail(error, MOTE_E_INTERNAL, "no memory for tensor %s", name);
    for (size_t i = 0; i < count; i++) {
        const json_t *value = json_array_get(list, i);
        if (!(a->kind == 'f' ? put_float(a, i, value) : put_integer(a, i, value)))
            return mote_fail(error, MOTE_E_FORMAT, "tensor %s: value %zu is none of its type", name, i);
    }
    return true;
}

/* Numbers in other members of the archive: the key "array" names the member. */

/* Writes the name of the member of a tensor: the name of the tensor if it is a safe file name, else its number. */
static void member_of(const char *name, uint32_t index, char *out, size_t size)
{
    const char *safe = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    if (name[0] != '.' && strspn(name, safe) == strlen(name) && strlen(name) < size - 5)
        snprintf(out, size, "%s.npy", name);
    else
        snprintf(out, size, "tensor/%u.npy", index);
}

static bool write_member(void *context, const mote_array *a, const char *name, json_t *tensor, mote_error *error)
{
    mote_zip_writer *zip = context;
    char member[256];
    uint8_t header[MOTE_NPY_HEADER];
    member_of(name, zip->count, member, sizeof member);
    mote_npy_header(a, header);
    return (json_object_set_new(tensor, "array", json_string(member)) == 0 &&
            mote_zip_add(zip, member, header, sizeof header, a->data, mote_array_bytes(a))) ||
           mote_fail(error, MOTE_E_INTERNAL, "no memory, or more than 4 GB, for the array of tensor %s", name);
}

/* An archive, and which of its members have been read. */
typedef struct npz {
    mote_zip zip;
    bool *read; /* [zip.count] */
} npz;

/* Each member is read once: a small file cannot name one large array for many tensors. */
static bool read_member(void *context, mote_array *a, const char *name, const json_t *tensor, mote_error *error)
{
    const npz *from = context;
    const char *member = json_string_value(json_object_get(tensor, "array"));
    const mote_zip_entry *entry = member ? mote_zip_find(&from->zip, member) : NULL;
    if (!entry)
        return mote_fail(error, MOTE_E_FORMAT, "tensor %s: its array is not in the archive", name);
    bool *read = &from->read[entry - from->zip.entries];
    if (*read)
        return mote_fail(error, MOTE_E_FORMAT, "tensor %s: its array %s is that of another tensor", name, member);
    *read = true;
    const uint8_t *bytes = mote_zip_bytes(&from->zip, entry);
    if (!bytes)
        return mote_fail(error, MOTE_E_FORMAT, "array %s: its checksum is wrong", member);
    return mote_npy_read(a, bytes, entry->size, member, error);
}

/* Files. */

static bool save_json(const mote_graph *g, FILE *stream, mote_error *error)
{
    json_t *root = mote_graph_to_json(g, write_values, NULL, error);
    if (!root)
        return false;
    const bool written = json_dumpf(root, stream, DUMP) == 0 || ferror(stream); /* mote_output_commit reports ferror */
    fputc('\n', stream);
    json_decref(root);
    return written || mote_fail(error, MOTE_E_INTERNAL, "out of memory for a manifest");
}

/* Returns the text of a value, which the caller frees, or NULL if out of memory. json_dumps would leave out a key that
 * it has no memory for. */
static char *text_of(const json_t *root, size_t *size)
{
    char *text = NULL;
    FILE *memory = open_memstream(&text, size);
    bool whole = memory && json_dumpf(root, memory, DUMP) == 0 && !ferror(memory);
    if (memory)
        whole = fclose(memory) == 0 && whole;
    if (whole)
        return text;
    free(text);
    return NULL;
}

static bool save_npz(const mote_graph *g, FILE *stream, mote_error *error)
{
    mote_zip_writer zip = {.stream = stream};
    json_t *root = mote_graph_to_json(g, write_member, &zip, error);
    size_t size = 0;
    char *text = root ? text_of(root, &size) : NULL;
    const bool done = text && mote_zip_add(&zip, description, "", 0, text, size);
    if (root && !done)
        mote_fail(error, MOTE_E_INTERNAL, "no memory, or more than 4 GB, for the manifest of an archive");
    free(text);
    json_decref(root);
    if (!done)
        mote_zip_discard(&zip);
    return done && (mote_zip_finish(&zip) || mote_fail(error, MOTE_E_UNSUPPORTED, "an archive has at most 4 GB"));
}

bool mote_manifest_save(const mote_graph *g, mote_manifest_form form, const char *path, mote_error *error)
{
    mote_output_file out;
    if (!mote_output_begin(&out, path, error))
        return false;
    if (form == MOTE_MANIFEST_NPZ ? save_npz(g, out.stream, error) : save_json(g, out.stream, error))
        return mote_output_commit(&out, error);
    mote_output_discard(&out);
    return false;
}

static json_t *parse(const void *text, size_t size, const char *path, mote_error *error)
{
    json_error_t why = {0}; /* the text stays empty when out of memory for a value */
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &why);
    if (!root && (!why.text[0] || json_error_code(&why) == json_error_out_of_memory))
        mote_fail(error, MOTE_E_INTERNAL, "%s: out of memory", path);
    else if (!root)
        mote_fail(error, MOTE_E_FORMAT, "%s: not valid JSON: line %d, column %d: %s", path, why.line, why.column,
                  why.text);
    return root;
}

static bool load_json(mote_graph *g, const mote_bytes *file, const char *path, mote_error *error)
{
    json_t *root = parse(file->data, file->size, path, error);
    const bool done = root && mote_graph_from_json(g, root, path, read_values, NULL, error);
    json_decref(root);
    return done;
}

static bool load_npz(mote_graph *g, const mote_bytes *file, const char *path, mote_error *error)
{
    npz a;
    if (!mote_zip_open(&a.zip, file->data, file->size, path, error))
        return false;
    const mote_zip_entry *entry = mote_zip_find(&a.zip, description);
    const uint8_t *text = entry ? mote_zip_bytes(&a.zip, entry) : NULL;
    json_t *root = text ? parse(text, entry->size, path, error) : NULL;
    a.read = calloc((size_t)a.zip.count + 1, sizeof *a.read);
    if (!text)
        mote_fail(error, MOTE_E_FORMAT, "%s: there is no sound %s in it", path, description);
    else if (root && !a.read)
        mote_fail(error, MOTE_E_INTERNAL, "%s: out of memory", path);
    const bool done = root && a.read && mote_graph_from_json(g, root, path, read_member, &a, error);
    json_decref(root);
    free(a.read);
    mote_zip_close(&a.zip);
    return done;
}

/* Checks a graph like a model file: encodes and decodes it. */
static bool verify(mote_graph *g, const char *path, mote_error *error)
{
    mote_bytes file;
    mote_graph verified;
    if (!mote_graph_encode(g, &file, error))
        return false;
    const bool done = mote_graph_decode(&verified, file.data, file.size, path, error);
    free(file.data);
    if (done)
        mote_graph_free(&verified);
    return done;
}

bool mote_manifest_load(mote_graph *g, const char *path, mote_error *error)
{
    mote_bytes file;
    if (!mote_file_read(path, MOTE_FILE_LIMIT, &file, error))
        return false;
    const bool archive = file.size >= 2 && file.data[0] == 'P' && file.data[1] == 'K';
    if (file.size >= 4 && memcmp(file.data, "MOTE", 4) == 0) {
        free(file.data);
        return mote_fail(error, MOTE_E_FORMAT, "%s: a model, not a manifest of one; to make one, add --to", path);
    }
    const bool loaded = archive ? load_npz(g, &file, path, error) : load_json(g, &file, path, error);
    free(file.data);
    if (!loaded || verify(g, path, error))
        return loaded;
    mote_graph_free(g);
    return false;
}
