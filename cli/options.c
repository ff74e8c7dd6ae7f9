#include "cli/option_table.h"

#include <errno.h>
#include <getopt.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_OPTIONS = MOTE_OPTIONS_MOST, FIRST_LONG = 256, HELP = 1024 };

int mote_report(const char *verb, const mote_error *error)
{
    fflush(stdout);
    fprintf(stderr, "mote %s: %s\n", verb, error->text);
    return (int)error->code;
}

static int min3(int a, int b, int c)
{
    int m = a < b ? a : b;
    return m < c ? m : c;
}

static int edit_distance(const char *a, const char *b)
{
    enum { LONGEST = 48 };
    int row[LONGEST + 1];
    int n = (int)strlen(b);
    if (n > LONGEST || strlen(a) > LONGEST)
        return LONGEST;
    for (int j = 0; j <= n; j++)
        row[j] = j;
    for (int i = 1; a[i - 1]; i++) {
        int diagonal = row[0];
        row[0] = i;
        for (int j = 1; j <= n; j++) {
            int above = row[j];
            row[j] = min3(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[n];
}

const char *mote_nearest(const char *word, const char *const *names, int count)
{
    const char *best = NULL;
    int best_distance = (int)strlen(word) / 3 + 2;
    for (int i = 0; i < count; i++) {
        int distance = edit_distance(word, names[i]);
        if (distance < best_distance) {
            best_distance = distance;
            best = names[i];
        }
    }
    return best;
}

const mote_option *mote_option_row(const mote_command *c, int i)
{
    const mote_option *o = c->options;
    for (; o->name && i; o++)
        i--;
    if (!o->name && c->more)
        for (o = c->more; o->name && i; o++)
            i--;
    return o->name ? o : NULL;
}

#define NO_LIMIT 1e15 /* a maximum from here on is not mentioned */

static bool bad_value(const mote_option *o, const char *text, mote_error *error)
{
    const char *kind = o->kind == MOTE_OPTION_INT ? "whole number" : "number";
    if (o->min == 0 && o->max == 0)
        return mote_fail(error, MOTE_E_USAGE, "--%s %s: not a %s", o->name, text, kind);
    if (o->max >= NO_LIMIT)
        return mote_fail(error, MOTE_E_USAGE, "--%s %s: give a %s of at least %.10g", o->name, text, kind, o->min);
    return mote_fail(error, MOTE_E_USAGE, "--%s %s: give a %s from %.10g to %.10g", o->name, text, kind, o->min,
                     o->max);
}

static bool in_range(const mote_option *o, double value)
{
    return (o->min == 0 && o->max == 0) || (value >= o->min && value <= o->max);
}

static bool set_int(const mote_option *o, const char *text, mote_error *error)
{
    char *end;
    errno = 0;
    long value = strtol(text, &end, 0);
    bool ok = errno == 0 && end != text;
    const char *suffixes = "KMG", *suffix = *end ? strchr(suffixes, *end) : NULL;
    if (ok && suffix) {
        ok = !__builtin_mul_overflow(value, 1L << (10 * (suffix - suffixes + 1)), &value);
        end++;
    }
    if (!ok || *end || !in_range(o, (double)value))
        return bad_value(o, text, error);
    *(long *)o->target = value;
    return true;
}

static bool set_real(const mote_option *o, const char *text, mote_error *error)
{
    char *end;
    double value = strtod(text, &end);
    if (end == text || *end || value != value || !in_range(o, value))
        return bad_value(o, text, error);
    *(double *)o->target = value;
    return true;
}

static bool set_choice(const mote_option *o, const char *text, mote_error *error)
{
    char list[256] = "";
    for (int i = 0; o->choices[i]; i++) {
        if (strcmp(o->choices[i], text) == 0) {
            *(int *)o->target = i;
            return true;
        }
        size_t n = strlen(list);
        snprintf(list + n, sizeof list - n, "%s%s", i ? ", " : "", o->choices[i]);
    }
    return mote_fail(error, MOTE_E_USAGE, "--%s %s: choose one of %s", o->name, text, list);
}

static bool add_text(const mote_option *o, const char *text, mote_error *error)
{
    mote_texts *texts = o->target;
    if (texts->count == MOTE_TEXTS_MOST)
        return mote_fail(error, MOTE_E_USAGE, "--%s is given more than %d times", o->name, MOTE_TEXTS_MOST);
    texts->items[texts->count++] = (char *)(uintptr_t)text; /* points into argv, which is writable */
    return true;
}

static bool set_option(const mote_option *o, const char *text, mote_error *error)
{
    if (!text)
        text = o->if_bare;
    switch (o->kind) {
    case MOTE_OPTION_FLAG:
        *(bool *)o->target = true;
        return true;
    case MOTE_OPTION_INT:
        return set_int(o, text, error);
    case MOTE_OPTION_REAL:
        return set_real(o, text, error);
    case MOTE_OPTION_TEXT:
    case MOTE_OPTION_INPUT:
    case MOTE_OPTION_OUTPUT:
        *(const char **)o->target = text;
        return true;
    case MOTE_OPTION_CHOICE:
        return set_choice(o, text, error);
    case MOTE_OPTION_TEXTS:
    case MOTE_OPTION_INPUTS:
        return add_text(o, text, error);
    }
    return false;
}

/* The rows in the format of getopt_long. */
typedef struct parser {
    struct option longs[MAX_OPTIONS + 2];
    char shorts[2 * MAX_OPTIONS + 4];
    int count;
} parser;

static void build_parser(const mote_command *c, parser *p)
{
    size_t s = 0;
    if (c->stop_at_operand)
        p->shorts[s++] = '+';
    p->shorts[s++] = ':';
    p->shorts[s++] = 'h';
    for (const mote_option *o; p->count < MAX_OPTIONS && (o = mote_option_row(c, p->count)); p->count++) {
        int has = o->kind == MOTE_OPTION_FLAG ? no_argument : o->if_bare ? optional_argument : required_argument;
        p->longs[p->count] = (struct option){o->name, has, NULL, FIRST_LONG + p->count};
        if (o->letter) {
            p->shorts[s++] = o->letter;
            if (has == required_argument)
                p->shorts[s++] = ':';
        }
    }
    p->longs[p->count] = (struct option){"help", no_argument, NULL, HELP};
}

/* The word with the option that getopt_long refused. It is the last one that was read, or the next if getopt_long
 * stopped at a letter before its end, as in -xyz. */
static const char *refused_word(char **argv)
{
    const char *word = argv[optind];
    return optopt && optopt < FIRST_LONG && word && word[0] == '-' && strchr(word, optopt) ? word : argv[optind - 1];
}

static bool unknown_option(const mote_command *c, const char *word, mote_error *error)
{
    const char *names[MAX_OPTIONS];
    int count = 0;
    for (const mote_option *o; count < MAX_OPTIONS && (o = mote_option_row(c, count)); count++)
        names[count] = o->name;
    char bare[64];
    snprintf(bare, sizeof bare, "%.*s", (int)strcspn(word + strspn(word, "-"), "="), word + strspn(word, "-"));
    const char *near = mote_nearest(bare, names, count);
    return mote_fail(error, MOTE_E_USAGE, "unknown option %s%s%s; see mote %s --help", word,
                     near ? "; did you mean --" : "", near ? near : "", c->name);
}

/* Number of the row that getopt_long means; that of no row for characters that are no option. */
static int row_of(const mote_command *c, int code)
{
    int row = code - FIRST_LONG;
    if (code < FIRST_LONG)
        for (row = 0; mote_option_row(c, row) && mote_option_row(c, row)->letter != code; row++)
            ;
    return row;
}

static bool check_operands(const mote_command *c, int count, mote_error *error)
{
    if (count >= c->min_operands && (c->max_operands < 0 || count <= c->max_operands))
        return true;
    return mote_fail(error, MOTE_E_USAGE, "%s; usage: mote %s %s",
                     count < c->min_operands ? "missing argument" : "too many arguments", c->name, c->operands);
}

bool mote_options_parse(const mote_command *command, int argc, char **argv, char ***operands, int *operand_count,
                        int *exit_code)
{
    parser p = {0};
    build_parser(command, &p);
    mote_error error = {0};
    bool ok = true, given[MAX_OPTIONS] = {false};
    opterr = 0;
    optind = 0;
    for (int code; ok && (code = getopt_long(argc, argv, p.shorts, p.longs, NULL)) != -1;) {
        if (code == 'h' || code == HELP) {
            mote_option_help(command);
            *exit_code = MOTE_OK;
            return false;
        }
        const int row = code == '?' || code == ':' ? MAX_OPTIONS : row_of(command, code);
        const mote_option *o = row < MAX_OPTIONS ? mote_option_row(command, row) : NULL;
        if (code == ':')
            ok = mote_fail(&error, MOTE_E_USAGE, "%s needs a value; see mote %s --help", argv[optind - 1],
                           command->name);
        else if (!o)
            ok = unknown_option(command, refused_word(argv), &error);
        else
            ok = given[row] = set_option(o, optarg, &error);
    }
    ok = ok && check_operands(command, argc - optind, &error) &&
         mote_option_rules(command, given, argv + optind, argc - optind, &error);
    if (!ok) {
        *exit_code = mote_report(command->name, &error);
        return false;
    }
    if (command->given)
        memcpy(command->given, given, sizeof given);
    *operands = argv + optind;
    *operand_count = argc - optind;
    return true;
}
