#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/option_table.h"
#include "cli/terminal.h"

enum { LEFT = 29, NARROW_LEFT = 6, NARROWEST = 20 /* columns of text */, USUAL = 100 };

/* Prints words up to `width` columns, further lines from column `left` on. The output stands at column `at`. */
static void wrap(const char *text, int at, int left, int width)
{
    const char *before = "";
    while (*(text += strspn(text, " \n"))) {
        const int length = (int)strcspn(text, " \n"), wide = mote_text_columns(text, (size_t)length);
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

/* Column at which the texts of options begin: below the names if the terminal is narrow. */
static int left_of(int width)
{
    return width < LEFT + NARROWEST ? NARROW_LEFT : LEFT;
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
    if (o->kind == MOTE_OPTION_OUTPUT && !o->not_stdout)
        add(to, size, "; - is standard output", "");
    mote_option_join(c, list, sizeof list, o->needs);
    if (list[0])
        add(to, size, "; only with ", list);
    mote_option_join(c, list, sizeof list, o->excludes);
    if (list[0])
        add(to, size, "; not with ", list);
}

static void print_option(const mote_command *c, const mote_option *o, int width)
{
    char names[64], text[1024];
    int n = o->letter ? snprintf(names, sizeof names, "  -%c, --%s", o->letter, o->name)
                      : snprintf(names, sizeof names, "      --%s", o->name);
    if (o->argument)
        n += snprintf(names + n, sizeof names - (size_t)n, o->if_bare ? "[=%s]" : " %s", o->argument);
    const int left = left_of(width);
    printf("%-*s", left, names);
    if (n >= left)
        printf("\n%*s", left, "");
    describe(c, o, text, sizeof text);
    wrap(text, left, left, width);
}

void mote_option_help(const mote_command *c)
{
    const int width = mote_terminal_width(STDOUT_FILENO, USUAL);
    wrap(c->operands, printf("mote %s ", c->name), NARROW_LEFT, width);
    putchar('\n');
    wrap(c->summary, 0, 0, width);
    printf("\nOptions:\n");
    for (const mote_option *o = c->options; o->name; o++)
        print_option(c, o, width);
    print_option(c, &(mote_option){.name = "help", .letter = 'h', .help = "this text"}, width);
    if (c->more)
        printf("\n%s:\n", c->more_title);
    for (const mote_option *o = c->more; o && o->name; o++)
        print_option(c, o, width);
    if (c->examples)
        printf("\nExamples:\n%s", c->examples);
}
