/* Diagnostics: stores errors, warnings and notes, and prints them as a compiler does. */
#include "xtensa/asm/assembler.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static char *print(mote_xt_assembly *a, const char *format, va_list arguments)
{
    char text[512];
    int n = vsnprintf(text, sizeof text, format, arguments);
    return mote_arena_text(&a->arena, text, n < 0 ? 0 : (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

char *mote_asm_print(mote_xt_assembly *a, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = print(a, format, arguments);
    va_end(arguments);
    return text;
}

static void keep(mote_xt_assembly *a, const source_line *line, const char *at, int severity, const char *format,
                 va_list arguments)
{
    a->errors += severity == SEVERITY_ERROR;
    a->warnings += severity == SEVERITY_WARNING;
    if (a->diagnostic_count < MAX_DIAGNOSTICS)
        a->diagnostics[a->diagnostic_count++] = (diagnostic){line, at, severity, print(a, format, arguments)};
}

void mote_asm_error(mote_xt_assembly *a, const char *at, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    keep(a, a->line, at, SEVERITY_ERROR, format, arguments);
    va_end(arguments);
}

void mote_asm_warn(mote_xt_assembly *a, const char *at, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    keep(a, a->line, at, SEVERITY_WARNING, format, arguments);
    va_end(arguments);
}

void mote_asm_note(mote_xt_assembly *a, const char *at, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    keep(a, a->line, at, SEVERITY_NOTE, format, arguments);
    va_end(arguments);
}

void mote_asm_error_at(mote_xt_assembly *a, const source_line *line, const char *at, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    keep(a, line, at, SEVERITY_ERROR, format, arguments);
    va_end(arguments);
}

/* Prints the source line with a caret under `column`. Keeps tabs, so that the caret lines up. Prints only the part
 * around the caret when the line is long. */
static void show_line(FILE *out, const source_line *line, size_t column)
{
    size_t length = (size_t)(line->end - line->text), begin = column > 150 ? column - 100 : 0;
    size_t end = length - begin > 200 ? begin + 200 : length;
    fputs("    ", out);
    for (size_t i = begin; i < end; i++) {
        unsigned char c = (unsigned char)line->shown[i];
        fputc(c == '\t' || (c >= ' ' && c != 127) ? c : '?', out);
    }
    fputs("\n    ", out);
    for (size_t i = begin; i < column; i++)
        fputc(line->shown[i] == '\t' ? '\t' : ' ', out);
    fputs("^\n", out);
}

static void show(const mote_xt_assembly *a, FILE *out, const diagnostic *d)
{
    static const char *const kinds[] = {"error", "warning", "note"};
    const char *kind = kinds[d->severity];
    if (!d->line) {
        fprintf(out, "%s: %s: %s\n", a->options.name, kind, d->message);
        return;
    }
    bool in_line = d->at >= d->line->text && d->at <= d->line->end;
    size_t column = in_line ? (size_t)(d->at - d->line->text) : 0;
    fprintf(out, "%s:%u:%zu: %s: %s\n", d->line->file, d->line->number, column + 1, kind, d->message);
    show_line(out, d->line, column);
    int shown = 0;
    for (const source_line *l = d->line->parent; l && shown < 5; l = l->parent, shown++)
        fprintf(out, "%s:%u: in the expansion that starts here\n", l->file, l->number);
}

void mote_xt_assembly_report(const mote_xt_assembly *a, FILE *out)
{
    for (size_t i = 0; i < a->diagnostic_count; i++)
        show(a, out, &a->diagnostics[i]);
    size_t total = a->errors + a->warnings;
    if (total > a->diagnostic_count)
        fprintf(out, "%s: %zu more not shown (%zu errors, %zu warnings in all)\n", a->options.name,
                total - a->diagnostic_count, a->errors, a->warnings);
}

static int compare(const void *left, const void *right)
{
    const diagnostic *a = left, *b = right;
    uint32_t x = a->line ? a->line->order : UINT32_MAX, y = b->line ? b->line->order : UINT32_MAX;
    if (x != y)
        return x < y ? -1 : 1;
    return a->at < b->at ? -1 : a->at > b->at;
}

void mote_asm_sort_diagnostics(mote_xt_assembly *a)
{
    qsort(a->diagnostics, a->diagnostic_count, sizeof *a->diagnostics, compare);
}

size_t mote_xt_assembly_errors(const mote_xt_assembly *a)
{
    return a->errors;
}

size_t mote_xt_assembly_warnings(const mote_xt_assembly *a)
{
    return a->warnings;
}
