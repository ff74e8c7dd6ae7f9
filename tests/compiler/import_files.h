/* Helpers of import tests: write files of other programs field by field and check the imported values. */
#ifndef MOTE_TESTS_IMPORT_FILES_H
#define MOTE_TESTS_IMPORT_FILES_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "compiler/graph/check.h"
#include "compiler/graph/transformer.h"
#include "compiler/import/import.h"

/* A buffer of bytes that a test fills. */
typedef struct bytes {
    uint8_t data[1 << 16];
    size_t size;
} bytes;

static inline void put(bytes *b, const void *data, size_t size)
{
    assert_true(b->size + size <= sizeof b->data);
    memcpy(b->data + b->size, data, size);
    b->size += size;
}

static inline void put_i32(bytes *b, int32_t value)
{
    put(b, &value, sizeof value);
}

static inline void put_f32(bytes *b, float value)
{
    put(b, &value, sizeof value);
}

static inline const char *import_folder(void)
{
    static char folder[64];
    if (!folder[0]) {
        strcpy(folder, "/tmp/mote-import-XXXXXX");
        assert_non_null(mkdtemp(folder));
    }
    return folder;
}

static inline const char *import_path(const char *name)
{
    static char path[256];
    snprintf(path, sizeof path, "%s/%s", import_folder(), name);
    return path;
}

static inline int remove_import_folder(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf %s", import_folder());
    return system(command);
}

/* Writes a file without the fsync and rename of mote_file_write, for thousands of files. The file is removed first,
 * because truncating it may make the file system wait for the disk. */
static inline const char *write_import(const char *name, const void *data, size_t size)
{
    const char *path = import_path(name);
    unlink(path);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(data, 1, size, f), size);
    assert_int_equal(fclose(f), 0);
    return path;
}

static inline void must_import(mote_graph *g, const char *path, mote_import_options options)
{
    mote_error error = {0};
    if (!mote_import(g, path, &options, &error))
        fail_msg("%s", error.text);
    assert_true(mote_graph_check(g, &error));
}

/* Expects a refusal whose message begins with the path and contains `part`. */
static inline void must_refuse(const char *path, mote_import_options options, mote_code code, const char *part)
{
    mote_error error = {0};
    mote_graph g;
    assert_false(mote_import(&g, path, &options, &error));
    if (error.code != code || !strstr(error.text, part) || strncmp(error.text, import_folder(), 20) != 0)
        fail_msg("code %d, not %d: %s; expected: %s", error.code, code, error.text, part);
}

static inline const float *values_of(const mote_graph *g, const char *name, size_t *count)
{
    const int index = mote_graph_find(g, name);
    if (index < 0)
        fail_msg("no tensor %s", name);
    *count = mote_tensor_elements(&g->tensors[index]);
    return g->tensors[index].data;
}

static inline uint32_t next_random(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* Truncates the file at many lengths and flips bits of it, more often of the first `header` bytes. It must be imported,
 * or refused with its name in the message. Returns the number of imports after a flip. */
static inline int attack(const char *name, const bytes *whole, size_t header, int flips)
{
    const mote_import_options options = {0};
    static uint8_t copy[sizeof whole->data];
    uint32_t random = 1;
    int imported = 0;
    for (int i = 0; i < flips + 300; i++) {
        const bool cut = i >= flips;
        size_t size = whole->size;
        memcpy(copy, whole->data, whole->size);
        if (cut)
            size = whole->size * (size_t)(i - flips) / 300;
        for (uint32_t n = cut ? 0 : 1 + next_random(&random) % 3; n > 0; n--) {
            const size_t within = next_random(&random) % 4 ? header : whole->size;
            copy[next_random(&random) % within] ^= (uint8_t)(1 << next_random(&random) % 8);
        }
        mote_graph g;
        mote_error error = {0};
        if (mote_import(&g, write_import(name, copy, size), &options, &error)) {
            assert_false(cut);
            assert_true(mote_graph_check(&g, &error));
            mote_graph_free(&g);
            imported++;
        } else {
            assert_true(error.code >= MOTE_E_INPUT);
            assert_int_equal(strncmp(error.text, import_folder(), strlen(import_folder())), 0);
        }
    }
    return imported;
}

#endif
