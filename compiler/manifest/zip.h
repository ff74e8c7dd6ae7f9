/* Zip archives whose members are stored without compression, as numpy.savez makes them. */
#ifndef MOTE_COMPILER_ZIP_H
#define MOTE_COMPILER_ZIP_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

typedef struct mote_zip_entry {
    char *name; /* owned */
    uint32_t offset, size, crc;
} mote_zip_entry;

/* An archive being written to a stream that can tell its position. */
typedef struct mote_zip_writer {
    FILE *stream; /* not owned; its error flag says whether writing failed */
    mote_zip_entry *entries;
    uint32_t count, capacity;
} mote_zip_writer;

/* A member of two pieces, one after the other. False when out of memory or past 4 GB. */
bool mote_zip_add(mote_zip_writer *w, const char *name, const void *head, size_t head_size, const void *body,
                  size_t body_size);
/* Writes the directory; frees the writer, whatever it returns. */
bool mote_zip_finish(mote_zip_writer *w);
void mote_zip_discard(mote_zip_writer *w);

/* An archive in memory, which outlives it. */
typedef struct mote_zip {
    const uint8_t *data;
    mote_zip_entry *entries; /* by name; offset: of the member's bytes */
    uint32_t count;
} mote_zip;

/* `name` is for messages. Errors: MOTE_E_FORMAT a directory or members outside of the file, two members of one name,
 * compressed or encrypted members. On failure there is nothing to free. */
bool mote_zip_open(mote_zip *z, const void *data, size_t size, const char *name, mote_error *error);
void mote_zip_close(mote_zip *z);

/* NULL when there is none. */
const mote_zip_entry *mote_zip_find(const mote_zip *z, const char *name);
/* The member's bytes, their checksum verified; NULL when that is wrong. */
const uint8_t *mote_zip_bytes(const mote_zip *z, const mote_zip_entry *e);

#endif
