#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/option_table.h"
#include "cli/terminal.h"

enum { LEFT = 29, LEFT_IF_NARROW = 6, NARROWEST = 20 /* columns of text */, USUAL = 100 };

/* Columns of the first `bytes` bytes of UTF-8. */
static int columns(const char *text, int bytes)
{
    int n = 0;
    for (int i = 0; i < bytes; i++)
        n += ((unsigned char)text[i] & 0xc0) != 0x80;
    return n;
}

/* Prints words up to `width` columns, further lines from column `left` on. The output stands at column `at`. */
static void wrap(const char *text, int at, int left, int width)
{
    const char *before = "";
    while (*(text += strspn(text, " \n"))) {
        const int length = (int)strcspn(text, " \n"), wide = columns(text, length);
        if (*before && at + 1 + wide > width)
            at = printf("\n%*s", left, "") - 1;
        else
            at += printf("%s", before);
        printf("%.*s", length, text);
        at += wide;
        text += length;
        before = " ";
    }
    putchar('\n');
}

static void add(char *to, size_t size, const char *before, const char *text)
{
    const size_t n = strlen(to);
    snprintf(to + n, size - n, "%s%s", before, text);
}

static void describe(const mote_command *c, const mote_option *o, char *to, size_t size)
{
    char list[256];
    to[0] = 0;
    add(to, size, "", o->help);
    for (int i = 0; o->kind == MOTE_OPTION_CHOICE && o->choices[i]; i++)
        add(to, size, i ? ", " : " (", o->choices[i]);
    if (o->kind == MOTE_OPTION_CHOICE)
        add(to, size, ")", "");
    mote_option_join(c, list, sizeof list, o->needs);
    if (list[0])
        add(to, size, "; only with ", list);
    mote_option_join(c, list, sizeof list, o->excludes);
    if (list[0])
        add(to, size, "; not with ", list);
}

static void print_option(const mote_command *c, const mote_option *o, int width)
{
    const int left = width < LEFT + NARROWEST ? LEFT_IF_NARROW : LEFT;
    char names[64], text[1024];
    int n = o->letter ? snprintf(names, sizeof names, "  -%c, --%s", o->letter, o->name)
                      : snprintf(names, sizeof names, "      --%s", o->name);
    if (o->argument)
        n += snprintf(names + n, sizeof names - (size_t)n, o->if_bare ? "[=%s]" : " %s", o->argument);
    printf("%-*s", left, names);
    if (n >= left)
        printf("\n%*s", left, "");
    describe(c, o, text, sizeof text);
    wrap(text, left, left, width);
}

void mote_option_help(const mote_command *c)
{
    const int columns = mote_terminal_columns(STDOUT_FILENO), width = columns ? columns : USUAL;
    printf("mote %s %s\n\n", c->name, c->operands);
    wrap(c->summary, 0, 0, width);
    printf("\nOptions:\n");
    for (const mote_option *o = c->options; o->name; o++)
        print_option(c, o, width);
    printf("%-*sthis text\n", LEFT, "  -h, --help");
    if (c->more)
        printf("\n%s:\n", c->more_title);
    for (const mote_option *o = c->more; o && o->name; o++)
        print_option(c, o, width);
    if (c->examples)
        printf("\nExamples:\n%s", c->examples);
}
