/* Reads and writes zip archives with uncompressed members, like those of numpy.savez. */
#ifndef MOTE_COMPILER_ZIP_H
#define MOTE_COMPILER_ZIP_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

typedef struct mote_zip_entry {
    char *name;                 /* owned */
    uint32_t offset, size, crc; /* offset of the local header when writing, of the data when reading */
} mote_zip_entry;

/* An archive that is written to a stream. The stream must support ftell. */
typedef struct mote_zip_writer {
    FILE *stream; /* not owned; its error flag is set if a write failed */
    mote_zip_entry *entries;
    uint32_t count, capacity;
} mote_zip_writer;

/* Writes a member, the concatenation of head and body. Returns false when out of memory, past 4 GB, or past 65535
 * members. */
bool mote_zip_add(mote_zip_writer *w, const char *name, const void *head, size_t head_size, const void *body,
                  size_t body_size);
/* Writes the directory and frees the writer, even on failure. Returns false if the archive exceeds 4 GB. */
bool mote_zip_finish(mote_zip_writer *w);
void mote_zip_discard(mote_zip_writer *w);

/* An opened archive. Its data must outlive it. */
typedef struct mote_zip {
    const uint8_t *data;
    mote_zip_entry *entries; /* sorted by name */
    uint32_t count;
    uint64_t size; /* bytes of all members together: at most those of the file */
} mote_zip;

/* Reads the directory of an archive. `name` is for messages. Errors: MOTE_E_FORMAT if the directory or a member is
 * outside the file, members overlap or two have the same name; MOTE_E_UNSUPPORTED for compressed or encrypted members.
 * On failure there is nothing to free. */
bool mote_zip_open(mote_zip *z, const void *data, size_t size, const char *name, mote_error *error);
void mote_zip_close(mote_zip *z);

/* Returns the member with this name, NULL when there is none. */
mote_zip_entry *mote_zip_find(const mote_zip *z, const char *name);
/* Returns the data of the member, NULL when its checksum is wrong. */
const uint8_t *mote_zip_bytes(const mote_zip *z, const mote_zip_entry *e);

#endif
