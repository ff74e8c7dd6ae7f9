/* A large file read in pieces. Reads, rather than a mapping, because a file that becomes shorter under a mapping ends
 * the process, and because pages of a mapping count as memory. */
#ifndef MOTE_BASE_INPUT_H
#define MOTE_BASE_INPUT_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

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
