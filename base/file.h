/* Files: read whole or in pieces, and written to a temporary file that is renamed at the end, so that a failed run
 * leaves the old file unchanged. */
#ifndef MOTE_BASE_FILE_H
#define MOTE_BASE_FILE_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"

/* The bytes of a file, 64-byte aligned. The caller owns `data` and frees it with free(). */
typedef struct mote_bytes {
    uint8_t *data;
    size_t size;
} mote_bytes;

/* Reads a regular file of at most `limit` bytes. Fails on directories and other special files with an error that says
 * so. */
bool mote_file_read(const char *path, size_t limit, mote_bytes *out, mote_error *error);

/* Appended to the name of an output for its temporary file. A killed run leaves that file, and the next run that writes
 * the same output reuses it. */
#define MOTE_UNFINISHED ".unfinished"

/* An output file that is being written. Write to `stream`, then commit or discard; `path` is unchanged before the
 * commit. */
typedef struct mote_output_file {
    FILE *stream;
    char *path;   /* without symbolic links at its end */
    char *beside; /* path of the temporary file, which is locked while it is open; NULL for standard output */
} mote_output_file;

/* The path "-" is standard output, unless that is a terminal; the commit copies there, and whoever flushes it reports
 * its errors. Fails if the output is a read-only file, anything but a regular file, a symbolic link without a target,
 * or being written by another run. A symbolic link is followed. A replaced file keeps its permissions. */
bool mote_output_begin(mote_output_file *out, const char *path, mote_error *error);
bool mote_output_commit(mote_output_file *out, mote_error *error); /* flushes, syncs, renames; discards on failure */
void mote_output_discard(mote_output_file *out);

/* Fails as mote_output_begin would, and leaves no file: called before long work, so that it is not lost. */
bool mote_output_probe(const char *path, mote_error *error);

/* Writes `size` bytes to a file: begin, write and commit in one call. */
bool mote_file_write(const char *path, const void *data, size_t size, mote_error *error);

/* A large file that is read in pieces. It is not mapped, because a file that becomes shorter under a mapping ends the
 * process with a signal and because the pages of a mapping count as memory of the process. */
typedef struct mote_input_file {
    int fd;
    uint64_t size; /* bytes of the file when it was opened */
    char *path;
} mote_input_file;

/* Opens a regular file. Fails on directories and other special files with an error that says so. After a failure there
 * is nothing to close. */
bool mote_input_open(mote_input_file *in, const char *path, mote_error *error);
void mote_input_close(mote_input_file *in);

/* Reads `size` bytes from `offset` on into `data`. Fails if the file ends earlier. */
bool mote_input_read(const mote_input_file *in, uint64_t offset, void *data, size_t size, mote_error *error);

#endif
