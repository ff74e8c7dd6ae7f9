/* Files: read whole, or in pieces, or written beside and renamed so that a failed run leaves the old file as it was. */
#ifndef MOTE_BASE_FILE_H
#define MOTE_BASE_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

/* A file's bytes, 64-byte aligned; `data` is owned by the caller and freed with free(). */
typedef struct mote_bytes {
    uint8_t *data;
    size_t size;
} mote_bytes;

/* Reads a regular file of at most `limit` bytes; refuses directories and other special files by name. */
bool mote_file_read(const char *path, size_t limit, mote_bytes *out, mote_error *error);

/* An output under way. Write to `stream`, then commit or discard; nothing is at `path` before the commit. */
typedef struct mote_output_file {
    FILE *stream;
    char *path;
    char *beside;
} mote_output_file;

bool mote_output_begin(mote_output_file *out, const char *path, mote_error *error);
bool mote_output_commit(mote_output_file *out, mote_error *error); /* flush, fsync, rename; discards on failure */
void mote_output_discard(mote_output_file *out);

/* The three steps for bytes already in memory. */
bool mote_file_write(const char *path, const void *data, size_t size, mote_error *error);

/* A large file read in pieces. Reads, rather than a mapping, because a file that becomes shorter under a mapping ends
 * the process, and because pages of a mapping count as memory. */
typedef struct mote_input_file {
    int fd;
    uint64_t size; /* when it was opened */
    char *path;
} mote_input_file;

/* Opens a regular file; refuses directories and other special files by name. On failure there is nothing to close. */
bool mote_input_open(mote_input_file *in, const char *path, mote_error *error);
void mote_input_close(mote_input_file *in);

/* Fills `data` with the `size` bytes from `offset` on; a file that ends before is an error. */
bool mote_input_read(const mote_input_file *in, uint64_t offset, void *data, size_t size, mote_error *error);

#endif
