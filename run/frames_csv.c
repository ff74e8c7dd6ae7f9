/* Frames of text: one line for each, numbers separated by commas, semicolons or spaces. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "run/frame_formats.h"

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

static size_t count_numbers(const char *line, bool *valid)
{
    size_t count = 0;
    double number;
    while ((line = next_number(line, &number, valid)) && *valid)
        count++;
    return count;
}

static void store_line(mote_frames *f, const mote_port *p, const char *line)
{
    double number;
    bool valid;
    for (size_t i = 0; (line = next_number(line, &number, &valid)); i++)
        mote_port_store(p, f->data + f->count * f->size, i, number);
    f->count++;
}

/* Reads all lines. With f->data NULL it only checks and counts them. */
static bool read_lines(mote_frames *f, const mote_frame_source *s, const char *text, mote_error *error)
{
    size_t line_number = 1;
    f->count = 0;
    for (const char *line = text, *end; *line; line = end, line_number++) {
        bool valid;
        const size_t count = count_numbers(line, &valid);
        end = line + strcspn(line, "\n");
        end += *end == '\n';
        if ((!valid && line_number == 1) || (valid && !count))
            continue;
        if (!valid)
            return mote_fail(error, MOTE_E_FORMAT, "%s:%zu: a value is no finite number", s->path, line_number);
        if (count != s->port->count)
            return mote_fail(error, MOTE_E_FORMAT, "%s:%zu: %zu values; input %s has %zu", s->path, line_number, count,
                             s->port->name, s->port->count);
        if (f->data)
            store_line(f, s->port, line);
        else
            f->count++;
    }
    return f->count || mote_fail(error, MOTE_E_FORMAT, "%s has no line of numbers", s->path);
}

bool mote_frames_of_csv(mote_frames *f, const mote_frame_source *s, mote_error *error)
{
    char *text = malloc(s->size + 1);
    if (!text)
        return mote_fail(error, MOTE_E_INTERNAL, "no memory for %s", s->path);
    if (memchr(s->data, 0, s->size)) {
        free(text);
        return mote_fail(error, MOTE_E_FORMAT, "%s is no text: it has a NUL", s->path);
    }
    memcpy(text, s->data, s->size);
    text[s->size] = 0;
    const bool done =
        read_lines(f, s, text, error) && mote_frames_new(f, s->port, f->count, error) && read_lines(f, s, text, error);
    free(text);
    return done;
}
