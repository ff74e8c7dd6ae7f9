#include "compiler/manifest/npy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAGIC = 6, PREFIX = 10, LONGEST_TEXT = 65536 };

static const uint8_t magic[MAGIC] = {0x93, 'N', 'U', 'M', 'P', 'Y'};

/* "<i2", "|i1": the type as numpy says it. */
static void type_of(const mote_array *a, char *out, size_t size)
{
    snprintf(out, size, "%c%c%u", a->size == 1 ? '|' : '<', a->kind, a->size);
}

/* "(3, 4)", "(3,)" */
static void shape_of(const mote_array *a, char *out, size_t size)
{
    int n = snprintf(out, size, "(");
    for (int i = 0; i < a->rank; i++)
        n += snprintf(out + n, size - (size_t)n, "%s%u", i ? ", " : "", a->dims[i]);
    snprintf(out + n, size - (size_t)n, a->rank == 1 ? ",)" : ")");
}

void mote_npy_header(const mote_array *a, uint8_t header[MOTE_NPY_HEADER])
{
    char type[8], shape[64], text[MOTE_NPY_HEADER];
    type_of(a, type, sizeof type);
    shape_of(a, shape, sizeof shape);
    const int n = snprintf(text, sizeof text, "{'descr': '%s', 'fortran_order': False, 'shape': %s, }", type, shape);
    memset(header, ' ', MOTE_NPY_HEADER);
    memcpy(header, magic, MAGIC);
    header[6] = 1;
    header[7] = 0;
    header[8] = MOTE_NPY_HEADER - PREFIX;
    header[9] = 0;
    memcpy(header + PREFIX, text, (size_t)n);
    header[MOTE_NPY_HEADER - 1] = '\n';
}

/* Where the text of the header begins and ends; false when there is none. */
static bool find_text(const uint8_t *file, size_t size, size_t *begin, size_t *end)
{
    if (size < PREFIX + 2 || memcmp(file, magic, MAGIC) != 0 || file[6] < 1 || file[6] > 3)
        return false;
    uint64_t length = (uint64_t)file[8] | (uint64_t)file[9] << 8;
    *begin = PREFIX;
    if (file[6] > 1) {
        length |= (uint64_t)file[10] << 16 | (uint64_t)file[11] << 24;
        *begin = PREFIX + 2;
    }
    *end = *begin + length;
    return length < LONGEST_TEXT && *end <= size;
}

/* Spaces taken out, but for those that are none of the header's business: there are none. */
static bool squeeze(const uint8_t *text, size_t length, char *out, size_t room)
{
    size_t n = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == ' ' || text[i] == '\n')
            continue;
        if (n + 1 >= room || text[i] == 0)
            return false;
        out[n++] = (char)text[i];
    }
    out[n] = 0;
    return true;
}

/* The value after 'key': in `text` begins with `value` and ends there. */
static bool says(const char *text, const char *key, const char *value)
{
    const char *at = strstr(text, key);
    const size_t length = strlen(value);
    return at && strncmp(at + strlen(key), value, length) == 0 &&
           (at[strlen(key) + length] == ',' || at[strlen(key) + length] == '}');
}

bool mote_npy_read(mote_array *a, const uint8_t *file, size_t size, const char *name, mote_error *error)
{
    char type[8], quoted[12], shape[64], plain[64], text[256];
    size_t begin, end;
    a->data = NULL;
    if (!find_text(file, size, &begin, &end) || !squeeze(file + begin, end - begin, text, sizeof text))
        return mote_fail(error, MOTE_E_FORMAT, "array %s: no .npy header", name);
    type_of(a, type, sizeof type);
    snprintf(quoted, sizeof quoted, "'%s'", type);
    shape_of(a, shape, sizeof shape);
    squeeze((const uint8_t *)shape, strlen(shape), plain, sizeof plain);
    if (!says(text, "'descr':", quoted) || !says(text, "'fortran_order':", "False") || !says(text, "'shape':", plain) ||
        size - end != mote_array_bytes(a))
        return mote_fail(error, MOTE_E_FORMAT, "array %s: it should be %s of shape %s, rows first", name, type, shape);
    a->data = malloc(size - end + 1);
    if (!a->data)
        return mote_fail(error, MOTE_E_INTERNAL, "no memory for array %s", name);
    memcpy(a->data, file + end, size - end);
    return true;
}
