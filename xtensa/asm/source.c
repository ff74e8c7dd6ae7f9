/* Reads lines from a stack of texts: the file at the bottom, included files and expansions above it. */
#include "xtensa/asm/assembler.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static bool is_line_marker(const char *p, const char *end)
{
    if (*p != '#')
        return false;
    for (p++; p < end && *p == ' '; p++)
        ;
    return p < end && isdigit((unsigned char)*p);
}

/* Returns the position after a quoted string, which ends at its quote or at the end of the line. */
static const char *skip_string(const char *p, const char *end)
{
    for (p++; p < end && *p != '"' && *p != '\n'; p++)
        if (*p == '\\' && p + 1 < end && p[1] != '\n')
            p++;
    return p < end && *p == '"' ? p + 1 : p;
}

/* Returns the end of the comment that starts at p, or p when there is none. */
static const char *skip_comment(const char *p, const char *end)
{
    if (*p == '#' || (*p == '/' && p + 1 < end && p[1] == '/')) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        return newline ? newline : end;
    }
    if (*p == '/' && p + 1 < end && p[1] == '*') {
        for (p += 2; p < end; p++)
            if (*p == '*' && p + 1 < end && p[1] == '/')
                return p + 2;
        return end;
    }
    return p;
}

char *mote_asm_strip(mote_xt_assembly *a, const char *text, size_t size)
{
    char *copy = mote_arena_text(&a->arena, text, size);
    const char *end = copy + size;
    bool line_start = true;
    for (const char *p = copy; p < end;) {
        if (*p == '"') {
            p = skip_string(p, end);
        } else if (*p == '\'' && p + 1 < end && p[1] != '\n') {
            p += p[1] == '\\' && p + 2 < end && p[2] != '\n' ? 3 : 2; /* a character constant: '#, '\n */
        } else {
            const char *after = line_start && is_line_marker(p, end) ? p : skip_comment(p, end);
            for (; p < after; p++)
                if (*p != '\n')
                    copy[p - copy] = ' ';
            if (p < end) {
                line_start = *p == '\n';
                if (line_start || !is_line_marker(p, end)) {
                    p++;
                } else {
                    const char *newline = memchr(p, '\n', (size_t)(end - p));
                    p = newline ? newline : end;
                }
            }
            continue;
        }
        line_start = false;
    }
    return copy;
}

/* Reports an error and stops reading, since each further line would report the error again. */
static bool stop(mote_xt_assembly *a, const char *message)
{
    mote_asm_error(a, a->at, "%s", message);
    a->ended = true;
    return false;
}

bool mote_asm_push(mote_xt_assembly *a, frame f)
{
    size_t size = (size_t)(f.end - f.begin);
    if (a->depth >= MAX_DEPTH)
        return stop(
            a, mote_asm_print(
                   a, "nested more than %d deep; a macro or a file that uses itself needs a condition that ends it",
                   MAX_DEPTH));
    if (size > (MAX_TEXT - a->text_read) / (f.repeats + 1ULL))
        return stop(a, mote_asm_print(a, "the source grows beyond %zu MB here", MAX_TEXT >> 20));
    a->text_read += size * (f.repeats + 1ULL);
    f.at = f.begin;
    f.number = f.first_number;
    f.below = a->frames;
    f.conditionals = a->conditional_count;
    a->frames = mote_arena_alloc(&a->arena, sizeof f);
    *a->frames = f;
    a->depth++;
    return true;
}

bool mote_asm_push_rest_of_line(mote_xt_assembly *a)
{
    if (mote_asm_at_end(a) && a->at < a->line->end) {
        const source_line *l = a->line;
        frame f = {.begin = a->at + 1,
                   .end = l->end,
                   .shown = l->shown + (a->at + 1 - l->text),
                   .file = l->file,
                   .first_number = l->number,
                   .parent = l->parent};
        if (!mote_asm_push(a, f))
            return false;
    }
    a->at = a->line->end;
    return true;
}

static void pop(mote_xt_assembly *a)
{
    frame *f = a->frames;
    if (a->conditional_count > f->conditionals) {
        const source_line *opened = a->conditionals[a->conditional_count - 1].line;
        mote_asm_error_at(a, opened, opened->text, ".if without its .endif");
        a->conditional_count = f->conditionals;
    }
    a->frames = f->below;
    a->depth--;
}

void mote_asm_leave_macro(mote_xt_assembly *a)
{
    bool was_macro = false;
    for (frame *f = a->frames; f && !was_macro; f = f->below)
        was_macro = f->macro;
    if (!was_macro) {
        mote_asm_error(a, a->at, ".exitm outside a macro");
        return;
    }
    do {
        was_macro = a->frames->macro;
        a->conditional_count = a->frames->conditionals;
        pop(a);
    } while (!was_macro);
    a->at = a->line->end;
}

/* Applies a line marker, `# 12 "file.S" flags`: the next line is line 12 of that file. */
static void take_line_marker(mote_xt_assembly *a, frame *f, const char *p, const char *end)
{
    char *after;
    unsigned long number = strtoul(p + 1, &after, 10);
    f->number = (uint32_t)number;
    const char *open = memchr(after, '"', (size_t)(end - after));
    const char *close = open ? memchr(open + 1, '"', (size_t)(end - open - 1)) : NULL;
    if (close)
        f->file = mote_arena_text(&a->arena, open + 1, (size_t)(close - open - 1));
}

bool mote_asm_next_line(mote_xt_assembly *a)
{
    for (;;) {
        frame *f = a->frames;
        if (!f)
            return false;
        if (f->at >= f->end) {
            if (f->repeats == 0) {
                pop(a);
                continue;
            }
            f->repeats--;
            f->at = f->begin;
            f->number = f->first_number;
            if (f->begin == f->end)
                f->repeats = 0;
            continue;
        }
        const char *newline = memchr(f->at, '\n', (size_t)(f->end - f->at));
        const char *start = f->at, *end = newline ? newline : f->end;
        f->at = newline ? newline + 1 : f->end;
        if (is_line_marker(start, end)) {
            take_line_marker(a, f, start, end);
            continue;
        }
        source_line *l = mote_arena_alloc(&a->arena, sizeof *l);
        *l = (source_line){.text = start,
                           .end = end,
                           .shown = f->shown + (start - f->begin),
                           .file = f->file,
                           .number = f->number++,
                           .order = (uint32_t)a->lines_read,
                           .parent = f->parent};
        a->line = l;
        a->at = start;
        if (a->lines_read++ < MAX_LINES)
            return true;
        return stop(a, mote_asm_print(a, "more than %d lines, counting those of repetitions and macros", MAX_LINES));
    }
}
