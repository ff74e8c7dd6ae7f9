#include "xtensa/debug/lines.h"

#include <stdlib.h>
#include <string.h>

void mote_xt_lines_free(mote_xt_lines *lines)
{
    free(lines->rows);
    free(lines->files);
    *lines = (mote_xt_lines){0};
}

const mote_xt_line *mote_xt_lines_at(const mote_xt_lines *lines, uint32_t address)
{
    size_t low = 0, high = lines->row_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (lines->rows[middle].address <= address)
            low = middle + 1;
        else
            high = middle;
    }
    return low && lines->rows[low - 1].line ? &lines->rows[low - 1] : NULL;
}

/* True if `text` ends with the first `length` bytes of `end`. *rest then gets the number of bytes before them. */
static bool ends_with(const char *text, const char *end, size_t length, size_t *rest)
{
    size_t size = strlen(text);
    if (size < length || memcmp(text + size - length, end, length) != 0)
        return false;
    *rest = size - length;
    return true;
}

static bool is_file(const mote_xt_source *f, const char *path, size_t length)
{
    size_t name = strlen(f->name), rest;
    if (ends_with(f->name, path, length, &rest))
        return rest == 0 || f->name[rest - 1] == '/';
    if (length <= name + 1 || path[length - name - 1] != '/' || memcmp(path + length - name, f->name, name) != 0)
        return false;
    return ends_with(f->folder, path, length - name - 1, &rest) && (rest == 0 || f->folder[rest - 1] == '/');
}

bool mote_xt_lines_find(const mote_xt_lines *lines, const char *file, size_t length, uint32_t line, uint32_t *address)
{
    const mote_xt_line *best = NULL;
    uint32_t known = UINT32_MAX;
    bool same = false;
    for (size_t i = 0; length && i < lines->row_count; i++) {
        const mote_xt_line *row = &lines->rows[i];
        if (row->line == 0 || row->line < line || (best && row->line >= best->line))
            continue;
        if (row->file != known) {
            known = row->file;
            same = is_file(&lines->files[known], file, length);
        }
        if (same)
            best = row;
    }
    if (best)
        *address = best->address;
    return best != NULL;
}
