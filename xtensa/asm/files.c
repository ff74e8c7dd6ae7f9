/* Directives .include and .incbin. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "xtensa/asm/assembler.h"

/* Reads a file into the arena, under its name or in one of the folders given with -I. *path gets the name under which
 * it was found. Returns false after reporting an error. */
static bool read_file(mote_xt_assembly *a, const char *at, const char *name, size_t limit, const char **path,
                      mote_bytes *out)
{
    mote_error error = {0};
    struct stat st;
    *path = name;
    const char *const *folder = *name == '/' ? NULL : a->options.include;
    while (stat(*path, &st) != 0 && folder && *folder)
        *path = mote_asm_print(a, "%s/%s", *folder++, name);
    if (stat(*path, &st) != 0)
        *path = name;
    mote_bytes bytes;
    if (!mote_file_read(*path, limit, &bytes, &error)) {
        mote_asm_error(a, at, "%s", error.text);
        return false;
    }
    out->data = mote_arena_take(&a->arena, bytes.data, bytes.size);
    out->size = bytes.size;
    return true;
}

static const char *file_name(mote_xt_assembly *a)
{
    size_t size;
    const uint8_t *text = mote_asm_string(a, &size);
    return text ? mote_arena_text(&a->arena, (const char *)text, size) : NULL;
}

static void run_include(mote_xt_assembly *a, int unused)
{
    (void)unused;
    mote_asm_space(a);
    const char *at = a->at, *name = file_name(a), *path;
    mote_bytes text;
    if (!name || !read_file(a, at, name, MAX_TEXT - a->text_read, &path, &text))
        return;
    const source_line *user = a->line;
    const char *stripped = mote_asm_strip(a, (const char *)text.data, text.size);
    if (mote_asm_push_rest_of_line(a))
        mote_asm_push(a, (frame){.begin = stripped,
                                 .end = stripped + text.size,
                                 .shown = (const char *)text.data,
                                 .file = path,
                                 .first_number = 1,
                                 .parent = user});
}

/* .incbin FILE[, SKIP[, COUNT]] */
static void run_incbin(mote_xt_assembly *a, int unused)
{
    (void)unused;
    mote_asm_space(a);
    const char *at = a->at, *name = file_name(a), *path;
    int64_t skip = 0, count = INT64_MAX;
    if (!name)
        return;
    if (mote_asm_accept(a, ',')) {
        mote_asm_space(a);
        bool empty = a->at < a->line->end && *a->at == ',';
        if ((!empty && !mote_asm_absolute(a, &skip)) || (mote_asm_accept(a, ',') && !mote_asm_absolute(a, &count)))
            return;
    }
    mote_bytes bytes;
    if (!read_file(a, at, name, MAX_OUTPUT, &path, &bytes))
        return;
    if (skip < 0 || count < 0 || (uint64_t)skip > bytes.size ||
        (count != INT64_MAX && (uint64_t)count > bytes.size - (uint64_t)skip)) {
        mote_asm_error(a, at, "%s has %zu bytes; expected a part of it", path, bytes.size);
        return;
    }
    mote_asm_bytes(a, a->section, bytes.data + skip, count != INT64_MAX ? (size_t)count : bytes.size - (size_t)skip);
}

const directive mote_asm_files[] = {
    {"include", run_include, 0},
    {"incbin", run_incbin, 0},
    {NULL, NULL, 0},
};
