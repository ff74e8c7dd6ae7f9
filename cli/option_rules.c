#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "cli/option_table.h"

/* A word of a list: "name" or "name=choice". */
typedef struct word {
    const char *text;
    int length, name; /* characters; of the name alone */
} word;

static bool next(const char **list, word *w)
{
    w->text = *list + strspn(*list, " ");
    w->length = (int)strcspn(w->text, " ");
    w->name = (int)strcspn(w->text, " =");
    *list = w->text + w->length;
    return w->length > 0;
}

static const mote_option *row_named(const mote_command *c, const word *w, int *row)
{
    const mote_option *o;
    for (*row = 0; (o = mote_option_row(c, *row)); ++*row)
        if (strlen(o->name) == (size_t)w->name && strncmp(o->name, w->text, (size_t)w->name) == 0)
            return o;
    return NULL;
}

/* The next word whose option the command has. */
static const mote_option *next_row(const mote_command *c, const char **list, word *w, int *row)
{
    while (*list && next(list, w)) {
        const mote_option *o = row_named(c, w, row);
        if (o)
            return o;
    }
    return NULL;
}

void mote_option_join(const mote_command *c, char *to, size_t size, const char *list)
{
    word w, ahead;
    int row;
    size_t n = 0;
    to[0] = 0;
    for (bool more = next_row(c, &list, &w, &row), first = true; more && n < size; first = false) {
        const bool has_choice = w.name < w.length;
        more = next_row(c, &list, &ahead, &row);
        n += (size_t)snprintf(to + n, size - n, "%s--%.*s%s%.*s",
                              first  ? ""
                              : more ? ", "
                                     : " or ",
                              w.name, w.text, has_choice ? " " : "", has_choice ? w.length - w.name - 1 : 0,
                              w.text + w.name + has_choice);
        w = ahead;
    }
}

/* The option was given or, for "name=choice", has this choice. */
static bool holds(const mote_option *o, bool given, const word *w)
{
    if (w->name == w->length)
        return given;
    const char *text = o->kind == MOTE_OPTION_CHOICE ? NULL : *(const char **)o->target;
    const int choice = o->kind == MOTE_OPTION_CHOICE ? *(const int *)o->target : -1;
    const char *name = text ? text : choice >= 0 ? o->choices[choice] : "";
    return strlen(name) == (size_t)(w->length - w->name - 1) && strncmp(name, w->text + w->name + 1, strlen(name)) == 0;
}

/* The first word of a list that holds. */
static bool find(const mote_command *c, const bool *given, const char *list, word *w)
{
    int row;
    for (const mote_option *o; (o = next_row(c, &list, w, &row));)
        if (holds(o, given[row], w))
            return true;
    return false;
}

static bool check_others(const mote_command *c, const bool *given, const mote_option *o, mote_error *error)
{
    char list[256], one[64];
    word w;
    mote_option_join(c, list, sizeof list, o->needs);
    if (list[0] && !find(c, given, o->needs, &w))
        return mote_fail(error, MOTE_E_USAGE, "--%s needs %s", o->name, list);
    if (!find(c, given, o->excludes, &w))
        return true;
    snprintf(one, sizeof one, "%.*s", w.length, w.text);
    mote_option_join(c, list, sizeof list, one);
    return mote_fail(error, MOTE_E_USAGE, "--%s and %s exclude each other; leave out one of them", o->name, list);
}

/* Also by another name, where both exist. */
static bool one_file(const char *a, const char *b)
{
    struct stat x, y;
    return strcmp(a, b) == 0 || (stat(a, &x) == 0 && stat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino);
}

/* The file that a row names, as an option of this kind; NULL for none. */
static const char *file_of(const mote_option *o, mote_option_kind kind)
{
    const char *path = o->kind == kind ? *(const char **)o->target : NULL;
    return path && strcmp(path, "-") != 0 ? path : NULL;
}

static bool is_stdout(const mote_option *o)
{
    const char *path = o->kind == MOTE_OPTION_OUTPUT ? *(const char **)o->target : NULL;
    return path && strcmp(path, "-") == 0;
}

static bool check_stdout(const mote_command *c, const mote_option *o, mote_error *error)
{
    const mote_option *other;
    if (!is_stdout(o))
        return true;
    if (o->not_stdout)
        return mote_fail(error, MOTE_E_USAGE, "--%s -: not to standard output, because %s; name a file", o->name,
                         o->not_stdout);
    for (int i = 0; (other = mote_option_row(c, i)); i++)
        if (other != o && is_stdout(other))
            return mote_fail(error, MOTE_E_USAGE, "--%s and --%s are both standard output; name a file for one of them",
                             other->name, o->name);
    return true;
}

/* True if an option for files to read names this file. */
static bool reads(const mote_option *o, const char *path)
{
    const mote_texts *several = o->kind == MOTE_OPTION_INPUTS ? o->target : NULL;
    const char *input = file_of(o, MOTE_OPTION_INPUT);
    for (int i = 0; several && i < several->count; i++)
        if (one_file(path, several->items[i]))
            return true;
    return input && one_file(path, input);
}

/* Checks one file that --o writes, which is `path` or a file beside it. */
static bool check_written(const mote_command *c, const mote_option *o, const char *path, char **operands, int count,
                          mote_error *error)
{
    const mote_option *other;
    for (int i = 0; i < count; i++)
        if (one_file(path, operands[i]))
            return mote_fail(error, MOTE_E_USAGE, "%s is an input; give --%s another name", path, o->name);
    for (int i = 0; (other = mote_option_row(c, i)); i++) {
        const char *output = file_of(other, MOTE_OPTION_OUTPUT);
        if (reads(other, path) || (output && other != o && one_file(path, output)))
            return mote_fail(error, MOTE_E_USAGE, "--%s and --%s are the same file, %s", other->name, o->name, path);
    }
    return true;
}

static bool check_output(const mote_command *c, const mote_option *o, char **operands, int count, mote_error *error)
{
    const char *path = file_of(o, MOTE_OPTION_OUTPUT), *endings = o->beside;
    char beside[PATH_MAX];
    word w;
    bool right = !path || check_written(c, o, path, operands, count, error);
    while (right && path && endings && next(&endings, &w))
        right = snprintf(beside, sizeof beside, "%s%.*s", path, w.length, w.text) >= (int)sizeof beside ||
                check_written(c, o, beside, operands, count, error);
    return right;
}

/* Fails if a named output cannot be written. Comes last: it touches the disk. */
static bool probe_outputs(const mote_command *c, mote_error *error)
{
    const mote_option *o;
    for (int i = 0; (o = mote_option_row(c, i)); i++) {
        const char *path = file_of(o, MOTE_OPTION_OUTPUT);
        if (path && !mote_output_probe(path, error))
            return false;
    }
    return true;
}

bool mote_option_rules(const mote_command *c, const bool *given, char **operands, int operand_count, mote_error *error)
{
    const mote_option *o;
    for (int i = 0; (o = mote_option_row(c, i)); i++)
        if (given[i] && (!check_others(c, given, o, error) || !check_stdout(c, o, error) ||
                         !check_output(c, o, operands, operand_count, error)))
            return false;
    return probe_outputs(c, error);
}
