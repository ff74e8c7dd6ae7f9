/* Reads the tensors of one or more safetensors files. A file has 8 bytes of header length, a JSON header of names,
 * types, shapes and byte ranges, then the data. */
#ifndef MOTE_COMPILER_IMPORT_SAFETENSORS_H
#define MOTE_COMPILER_IMPORT_SAFETENSORS_H

#include <jansson.h>

#include "base/file.h"

enum { MOTE_SAFETENSORS_FILES = 128 };

typedef struct mote_safetensor {
    char *name;
    const char *key; /* the name without the prefixes of wrappers: `model.`, `_orig_mod.` and the like */
    int file, dtype; /* indices into the files and into the table of types */
    uint32_t rank;
    uint64_t dims[4];
    uint64_t begin, end; /* byte range in the file */
    bool wanted;         /* used by the caller only */
} mote_safetensor;

typedef struct mote_safetensors {
    mote_input_file files[MOTE_SAFETENSORS_FILES];
    int file_count;
    mote_safetensor *tensors; /* sorted by key after mote_safetensors_finish */
    size_t tensor_count;
} mote_safetensors;

/* Adds a file to a set that was zeroed before the first call. Rejects headers that are too long, invalid or with a
 * duplicate key; tensors of other types than F32, F16 and BF16; and ranges that do not cover the data exactly once. */
bool mote_safetensors_add(mote_safetensors *s, const char *path, mote_error *error);
/* Sorts the tensors after the last file was added. Rejects two tensors that have one key. */
bool mote_safetensors_finish(mote_safetensors *s, mote_error *error);
void mote_safetensors_free(mote_safetensors *s);

/* Finds the tensor that has the key of the name. NULL when there is none. */
mote_safetensor *mote_safetensors_find(const mote_safetensors *s, const char *name);
bool mote_safetensors_is_float(const mote_safetensor *t); /* its values can be read */

/* Reads all values of a tensor as floats, in the order of the file. */
bool mote_safetensors_read(const mote_safetensors *s, const mote_safetensor *t, float *out, mote_error *error);

/* Reads a file that has a JSON object of at most `limit` bytes without duplicate keys. The caller releases the object.
 * Returns NULL after a failure. */
json_t *mote_json_load(const char *path, size_t limit, mote_error *error);

#endif
