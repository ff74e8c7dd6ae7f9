/* Frames of text: one line for each, numbers separated by commas, semicolons or spaces, then perhaps a class. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/graph/cross_entropy.h"
#include "run/dataset_csv.h"

static bool is_separator(char c)
{
    return c == ',' || c == ';' || c == ' ' || c == '\t' || c == '\r';
}

/* Reads the next number of a line that ends at a newline or NUL. Returns NULL at the end of the line; *valid is false
 * if what comes is no finite number. */
static const char *next_number(const char *at, double *number, bool *valid)
{
    while (is_separator(*at))
        at++;
    *valid = true;
    if (!*at || *at == '\n')
        return NULL;
    char *end;
    *number = strtod(at, &end);
    *valid = end != at && isfinite(*number) && (!*end || *end == '\n' || is_separator(*end));
    return end;
}

/* A file of lines that is read twice: to count and check, and to store. */
typedef struct lines {
    const mote_frame_source *source;
    const mote_labels *labels; /* NULL: no line may have a class */
    size_t outputs, classes;   /* lines with a class */
    mote_frames *f;            /* data NULL: only counts */
    uint16_t *targets;
    mote_error *error;
} lines;

/* Reads the numbers of a line, at most `most`, and stores them as frame f->count if there is room for frames. Sets
 * *rest to what follows. Returns their number. */
static size_t read_numbers(const lines *l, const char *line, size_t most, const char **rest, bool *valid)
{
    size_t count = 0;
    double number;
    *rest = line;
    for (const char *next; count < most && (next = next_number(*rest, &number, valid)) && *valid; count++) {
        if (l->f->data)
            mote_port_store(l->source->port, l->f->data + l->f->count * l->f->size, count, number);
        *rest = next;
    }
    while (is_separator(**rest))
        ++*rest;
    return count;
}

/* Reads the class at the end of a line: the number or the label of an output. */
static bool read_class(lines *l, const char *text, size_t number)
{
    char name[256];
    size_t length = strcspn(text, "\n");
    while (length && is_separator(text[length - 1]))
        length--;
    snprintf(name, sizeof name, "%.*s", (int)(length < sizeof name ? length : sizeof name - 1), text);
    const size_t class = mote_class_of(l->labels, name);
    if (class >= l->outputs || class >= MOTE_NO_TARGET)
        return mote_fail(l->error, MOTE_E_FORMAT,
                         "%s:%zu: '%.60s' is neither a label nor the number of one of %zu classes", l->source->path,
                         number, name, l->outputs);
    if (l->targets)
        l->targets[l->f->count] = (uint16_t) class;
    l->classes++;
    return true;
}

static bool read_line(lines *l, const char *line, size_t number)
{
    const mote_port *port = l->source->port;
    const char *rest;
    bool valid = true;
    const size_t count = read_numbers(l, line, port->count, &rest, &valid);
    const bool more = *rest && *rest != '\n';
    if (!count && (!more || number == 1)) /* nothing, or names */
        return true;
    if (!valid)
        return mote_fail(l->error, MOTE_E_FORMAT, "%s:%zu: a value is no finite number", l->source->path, number);
    if (count < port->count || (more && !l->labels))
        return mote_fail(l->error, MOTE_E_FORMAT, "%s:%zu: %s%zu values; input %s has %zu", l->source->path, number,
                         more ? "more than " : "", count, port->name, port->count);
    if (more && !read_class(l, rest, number))
        return false;
    l->f->count++;
    return true;
}

static bool read_lines(lines *l, const char *text)
{
    size_t number = 1;
    l->f->count = l->classes = 0;
    for (const char *line = text, *end; *line; line = end, number++) {
        end = line + strcspn(line, "\n");
        end += *end == '\n';
        if (!read_line(l, line, number))
            return false;
    }
    if (l->classes && l->classes != l->f->count)
        return mote_fail(l->error, MOTE_E_FORMAT, "%s: %zu lines have a class and %zu have none", l->source->path,
                         l->classes, l->f->count - l->classes);
    return l->f->count || mote_fail(l->error, MOTE_E_FORMAT, "%s has no line of numbers", l->source->path);
}

/* Reads the lines of a text that ends with NUL. On failure there is nothing to free. */
static bool read_twice(lines *l, const char *text)
{
    *l->f = (mote_frames){0};
    if (!read_lines(l, text) || !mote_frames_new(l->f, l->source->port, l->f->count, l->error))
        return false;
    l->targets = l->classes ? malloc(l->f->count * sizeof *l->targets) : NULL;
    if (l->classes && !l->targets) {
        mote_frames_free(l->f);
        return mote_fail(l->error, MOTE_E_INTERNAL, "no memory for the classes of %s", l->source->path);
    }
    return read_lines(l, text);
}

static bool read(lines *l)
{
    const mote_frame_source *s = l->source;
    char *text = malloc(s->size + 1);
    if (!text)
        return mote_fail(l->error, MOTE_E_INTERNAL, "no memory for %s", s->path);
    memcpy(text, s->data, s->size);
    text[s->size] = 0;
    const bool done = memchr(text, 0, s->size)
                          ? mote_fail(l->error, MOTE_E_FORMAT, "%s is no text: it has a NUL", s->path)
                          : read_twice(l, text);
    free(text);
    return done;
}

bool mote_frames_of_csv(mote_frames *f, const mote_frame_source *s, mote_error *error)
{
    lines l = {.source = s, .f = f, .error = error};
    return read(&l);
}

bool mote_samples_of_csv(mote_frames *f, uint16_t **targets, const mote_frame_source *s, const mote_labels *labels,
                         size_t outputs, mote_error *error)
{
    lines l = {.source = s, .labels = labels, .outputs = outputs, .f = f, .error = error};
    const bool done = read(&l);
    *targets = l.targets;
    return done;
}
