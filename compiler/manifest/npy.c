#include "compiler/manifest/npy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAGIC = 6, PREFIX = 10, LONGEST_TEXT = 65536 };

static const uint8_t magic[MAGIC] = {0x93, 'N', 'U', 'M', 'P', 'Y'};

/* Writes the type in the notation of numpy: "<i2", "|i1". */
static void type_of(const mote_array *a, char *out, size_t size)
{
    snprintf(out, size, "%c%c%u", a->size == 1 ? '|' : '<', a->kind, a->size);
}

/* Writes the shape in the notation of numpy: "(3, 4)", "(3,)". */
static void shape_of(const mote_array *a, char *out, size_t size)
{
    int n = snprintf(out, size, "(");
    for (int i = 0; i < a->rank; i++)
        n += snprintf(out + n, size - (size_t)n, "%s%u", i ? ", " : "", a->dims[i]);
    snprintf(out + n, size - (size_t)n, a->rank == 1 ? ",)" : ")");
}

void mote_npy_header(const mote_array *a, uint8_t header[MOTE_NPY_HEADER])
{
    char type[8], shape[96], text[MOTE_NPY_HEADER];
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

/* Finds begin and end of the text of the header. False if there is none. */
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

/* Copies the text without spaces and newlines. False if it has a NUL or does not fit in `room` bytes. */
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

/* True if `key`, which includes its quotes and colon, has exactly this value in `text`. */
static bool says(const char *text, const char *key, const char *value)
{
    const char *at = strstr(text, key);
    const size_t length = strlen(value);
    return at && strncmp(at + strlen(key), value, length) == 0 &&
           (at[strlen(key) + length] == ',' || at[strlen(key) + length] == '}');
}

bool mote_npy_read(mote_array *a, const uint8_t *file, size_t size, const char *name, mote_error *error)
{
    char type[8], quoted[12], shape[96], plain[96], text[256];
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

/* Reads the type after 'descr':, as in '<f4' or '|i1'. A boolean, '|b1', becomes an unsigned byte. */
static bool parse_type(mote_array *a, const char *text)
{
    const char *at = strstr(text, "'descr':'");
    char order, kind, end;
    unsigned size;
    if (!at || sscanf(at, "'descr':'%c%c%1u%c", &order, &kind, &size, &end) != 4 || end != '\'')
        return false;
    a->kind = kind == 'b' ? 'u' : kind;
    a->size = size;
    const bool known = kind == 'f' ? size == 4 || size == 8
                                   : (kind == 'i' || kind == 'u' || (kind == 'b' && size == 1)) &&
                                         (size == 1 || size == 2 || size == 4 || size == 8);
    return known && (order == '<' || (order == '|' && size == 1));
}

/* Reads the shape after 'shape':, as in (3,4), (3,) or (). */
static bool parse_shape(mote_array *a, const char *text)
{
    const char *at = strstr(text, "'shape':(");
    a->rank = 0;
    for (int i = 0; i < MOTE_ARRAY_RANK; i++)
        a->dims[i] = 1;
    if (!at)
        return false;
    for (at += strlen("'shape':("); *at != ')'; at += *at == ',') {
        char *end;
        const unsigned long long n = *at >= '0' && *at <= '9' ? strtoull(at, &end, 10) : UINT64_MAX;
        if (n > UINT32_MAX || a->rank == MOTE_ARRAY_RANK || (*end != ',' && *end != ')'))
            return false;
        a->dims[a->rank++] = (uint32_t)n;
        at = end;
    }
    return true;
}

/* True if the numbers of the array take exactly `size` bytes. */
static bool fills(const mote_array *a, size_t size)
{
    uint64_t bytes = a->size;
    for (int i = 0; i < a->rank; i++) {
        if (a->dims[i] && bytes > UINT64_MAX / a->dims[i])
            return false;
        bytes *= a->dims[i];
    }
    return bytes == size;
}

bool mote_npy_form(mote_array *a, size_t *begin, const uint8_t *file, size_t size, const char *name, mote_error *error)
{
    char text[256];
    size_t header;
    *a = (mote_array){0};
    if (!find_text(file, size, &header, begin) || !squeeze(file + header, *begin - header, text, sizeof text))
        return mote_fail(error, MOTE_E_FORMAT, "array %s: no .npy header", name);
    if (!parse_type(a, text))
        return mote_fail(
            error, MOTE_E_FORMAT,
            "array %s: its numbers are none of int8 to int64, uint8 to uint64, float32 and float64, little "
            "endian",
            name);
    if (!parse_shape(a, text) || !says(text, "'fortran_order':", "False"))
        return mote_fail(error, MOTE_E_FORMAT, "array %s: it should have at most %d dimensions, rows first", name,
                         MOTE_ARRAY_RANK);
    return fills(a, size - *begin) ||
           mote_fail(error, MOTE_E_FORMAT, "array %s: its shape does not fit its %zu bytes", name, size - *begin);
}
