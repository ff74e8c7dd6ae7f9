#include "compiler/manifest/zip.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/crc32.h"

enum {
    LOCAL = 30,
    CENTRAL = 46,
    END = 22,
    LONGEST_COMMENT = 65535,
    VERSION = 20,
    DATE = 0x21, /* 1 January 1980: constant, so that archives are reproducible */
    ENCRYPTED = 1,
};

#define LOCAL_MAGIC   0x04034b50u
#define CENTRAL_MAGIC 0x02014b50u
#define END_MAGIC     0x06054b50u

static void put16(uint8_t *p, uint32_t value)
{
    p[0] = (uint8_t)value;
    p[1] = (uint8_t)(value >> 8);
}

static void put32(uint8_t *p, uint32_t value)
{
    put16(p, value);
    put16(p + 2, value >> 16);
}

static uint32_t get16(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8;
}

static uint32_t get32(const uint8_t *p)
{
    return get16(p) | get16(p + 2) << 16;
}

static void free_entries(mote_zip_entry *entries, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        free(entries[i].name);
    free(entries);
}

/* Writing. */

static mote_zip_entry *grow(mote_zip_writer *w, const char *name)
{
    if (w->count == w->capacity) {
        const uint32_t capacity = 2 * w->capacity + 16;
        mote_zip_entry *entries = realloc(w->entries, capacity * sizeof *entries);
        if (!entries)
            return NULL;
        w->entries = entries;
        w->capacity = capacity;
    }
    char *copy = strdup(name);
    if (!copy)
        return NULL;
    w->entries[w->count] = (mote_zip_entry){.name = copy};
    return &w->entries[w->count++];
}

/* Writes the fields that the local header and the directory share: version, flags, method, time, date, checksum, sizes,
 * name length. */
static void put_common(uint8_t *p, const mote_zip_entry *e)
{
    put16(p, VERSION);
    put16(p + 8, DATE);
    put32(p + 10, e->crc);
    put32(p + 14, e->size);
    put32(p + 18, e->size);
    put16(p + 22, (uint32_t)strlen(e->name));
}

bool mote_zip_add(mote_zip_writer *w, const char *name, const void *head, size_t head_size, const void *body,
                  size_t body_size)
{
    const long at = ftell(w->stream);
    if (at < 0 || (uint64_t)at + head_size + body_size > UINT32_MAX || w->count >= UINT16_MAX)
        return false;
    mote_zip_entry *e = grow(w, name);
    if (!e)
        return false;
    e->offset = (uint32_t)at;
    e->size = (uint32_t)(head_size + body_size);
    e->crc = mote_crc32(mote_crc32(0, head, head_size), body, body_size);
    uint8_t header[LOCAL] = {0};
    put32(header, LOCAL_MAGIC);
    put_common(header + 4, e);
    fwrite(header, 1, sizeof header, w->stream);
    fwrite(name, 1, strlen(name), w->stream);
    fwrite(head, 1, head_size, w->stream);
    fwrite(body, 1, body_size, w->stream);
    return true;
}

static void write_directory_entry(const mote_zip_writer *w, const mote_zip_entry *e)
{
    uint8_t header[CENTRAL] = {0};
    put32(header, CENTRAL_MAGIC);
    put16(header + 4, VERSION);
    put_common(header + 6, e);
    put32(header + 42, e->offset);
    fwrite(header, 1, sizeof header, w->stream);
    fwrite(e->name, 1, strlen(e->name), w->stream);
}

bool mote_zip_finish(mote_zip_writer *w)
{
    const long at = ftell(w->stream);
    for (uint32_t i = 0; i < w->count; i++)
        write_directory_entry(w, &w->entries[i]);
    const long end = ftell(w->stream);
    const bool fits = at >= 0 && end >= at && (uint64_t)end <= UINT32_MAX;
    if (fits) {
        uint8_t record[END] = {0};
        put32(record, END_MAGIC);
        put16(record + 8, w->count);
        put16(record + 10, w->count);
        put32(record + 12, (uint32_t)(end - at));
        put32(record + 16, (uint32_t)at);
        fwrite(record, 1, sizeof record, w->stream);
    }
    mote_zip_discard(w);
    return fits;
}

void mote_zip_discard(mote_zip_writer *w)
{
    free_entries(w->entries, w->count);
    *w = (mote_zip_writer){0};
}

/* Reading. */

/* Returns the end record of an archive: the last one with the magic and a comment that fits in the rest of the file.
 * Returns NULL when there is none. */
static const uint8_t *find_end(const uint8_t *data, size_t size)
{
    for (size_t back = END; back <= size && back <= END + LONGEST_COMMENT; back++) {
        const uint8_t *p = data + size - back;
        if (get32(p) == END_MAGIC && get16(p + 20) + END <= back)
            return p;
    }
    return NULL;
}

/* Changes e->offset from the local header, whose offset the directory has, to the data after it. Fails if the data ends
 * beyond `limit`. */
static bool locate(mote_zip_entry *e, const uint8_t *data, size_t limit)
{
    if (e->offset > limit || limit - e->offset < LOCAL || get32(data + e->offset) != LOCAL_MAGIC)
        return false;
    const uint8_t *local = data + e->offset;
    const uint64_t at = (uint64_t)e->offset + LOCAL + get16(local + 26) + get16(local + 28);
    if (at + e->size > limit)
        return false;
    e->offset = (uint32_t)at;
    return true;
}

static bool read_entry(mote_zip *z, const uint8_t *p, size_t left, size_t limit, size_t *used, const char *name,
                       mote_error *error)
{
    if (left < CENTRAL || get32(p) != CENTRAL_MAGIC)
        return mote_fail(error, MOTE_E_FORMAT, "%s: its directory is damaged", name);
    const uint32_t length = get16(p + 28);
    *used = CENTRAL + length + get16(p + 30) + get16(p + 32);
    if (*used > left || memchr(p + CENTRAL, 0, length))
        return mote_fail(error, MOTE_E_FORMAT, "%s: its directory is damaged", name);
    if (get16(p + 10) != 0 || (get16(p + 8) & ENCRYPTED))
        return mote_fail(error, MOTE_E_UNSUPPORTED, "%s: its members are compressed; store them, as numpy.savez does",
                         name);
    mote_zip_entry *e = &z->entries[z->count];
    *e = (mote_zip_entry){.offset = get32(p + 42), .size = get32(p + 24), .crc = get32(p + 16)};
    if (get32(p + 20) != e->size || !locate(e, z->data, limit))
        return mote_fail(error, MOTE_E_FORMAT, "%s: a member lies outside of the file", name);
    z->size += e->size;
    if (z->size > limit)
        return mote_fail(error, MOTE_E_FORMAT, "%s: its members overlap", name);
    e->name = strndup((const char *)p + CENTRAL, length);
    if (!e->name)
        return mote_fail(error, MOTE_E_INTERNAL, "%s: out of memory", name);
    z->count++;
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const mote_zip_entry *)a)->name, ((const mote_zip_entry *)b)->name);
}

/* Sorts the entries by name, for fast searches and for the check that no two members have the same name. */
static bool sort_entries(mote_zip *z, const char *name, mote_error *error)
{
    qsort(z->entries, z->count, sizeof *z->entries, by_name);
    for (uint32_t i = 1; i < z->count; i++)
        if (by_name(&z->entries[i - 1], &z->entries[i]) == 0)
            return mote_fail(error, MOTE_E_FORMAT, "%s: two members have one name", name);
    return true;
}

/* The members together are at most as large as the file before its directory, so that reading all of them is work
 * proportional to the file. */
static bool read_directory(mote_zip *z, uint32_t at, size_t limit, uint32_t count, const char *name, mote_error *error)
{
    uint64_t total = 0;
    for (size_t p = at, used = 0; z->count < count; p += used) {
        if (!read_entry(z, z->data + p, limit - p, at, &used, name, error))
            return false;
        total += z->entries[z->count - 1].size;
        if (total > at)
            return mote_fail(error, MOTE_E_FORMAT, "%s: its members overlap", name);
    }
    return sort_entries(z, name, error);
}

bool mote_zip_open(mote_zip *z, const void *data, size_t size, const char *name, mote_error *error)
{
    *z = (mote_zip){.data = data};
    const uint8_t *end = find_end(data, size);
    if (!end)
        return mote_fail(error, MOTE_E_FORMAT, "%s: no archive, or cut off at its end", name);
    const uint32_t count = get16(end + 10), at = get32(end + 16);
    const size_t limit = (size_t)(end - z->data);
    if (at > limit || (limit - at) / CENTRAL < count)
        return mote_fail(error, MOTE_E_FORMAT, "%s: its directory lies outside of the file", name);
    z->entries = calloc((size_t)count + 1, sizeof *z->entries);
    if (!z->entries)
        return mote_fail(error, MOTE_E_INTERNAL, "%s: out of memory", name);
    if (read_directory(z, at, limit, count, name, error))
        return true;
    mote_zip_close(z);
    return false;
}

void mote_zip_close(mote_zip *z)
{
    free_entries(z->entries, z->count);
    *z = (mote_zip){0};
}

mote_zip_entry *mote_zip_find(const mote_zip *z, const char *name)
{
    const mote_zip_entry wanted = {.name = (char *)(uintptr_t)name};
    return bsearch(&wanted, z->entries, z->count, sizeof wanted, by_name);
}

const uint8_t *mote_zip_bytes(const mote_zip *z, const mote_zip_entry *e)
{
    const uint8_t *bytes = z->data + e->offset;
    return mote_crc32(0, bytes, e->size) == e->crc ? bytes : NULL;
}
