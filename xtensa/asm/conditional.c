/* Conditional directives: .if, .ifdef, .ifc and the like. */
#include <string.h>

#include "xtensa/asm/assembler.h"

bool mote_asm_taking(const mote_xt_assembly *a)
{
    return a->conditional_count == 0 || a->conditionals[a->conditional_count - 1].taking;
}

static void open(mote_xt_assembly *a, bool outer, bool condition)
{
    if (a->conditional_count >= MAX_DEPTH) {
        mote_asm_error(a, a->at, ".if nested more than %d deep", MAX_DEPTH);
        a->ended = true;
        return;
    }
    bool taking = outer && condition;
    a->conditionals[a->conditional_count++] =
        (conditional){.taking = taking, .taken = taking, .outer = outer, .line = a->line};
}

enum { IF_NE, IF_EQ, IF_LT, IF_LE, IF_GT, IF_GE };

static bool number_condition(mote_xt_assembly *a, int argument)
{
    int64_t n = 0;
    if (!mote_asm_absolute(a, &n))
        return false;
    const bool holds[] = {n != 0, n == 0, n<0, n <= 0, n> 0, n >= 0};
    return holds[argument];
}

static void run_if(mote_xt_assembly *a, int argument)
{
    bool outer = mote_asm_taking(a);
    open(a, outer, outer && number_condition(a, argument));
}

static void run_ifdef(mote_xt_assembly *a, int wanted)
{
    bool outer = mote_asm_taking(a);
    const char *name = outer ? mote_asm_name(a) : NULL;
    if (outer && !name)
        mote_asm_error(a, a->at, "expected a symbol");
    const symbol *s = name ? mote_asm_symbol_if(a, name) : NULL;
    open(a, outer, name && (s && s->kind != SYMBOL_UNDEFINED) == (wanted != 0));
}

static void run_ifblank(mote_xt_assembly *a, int wanted)
{
    bool outer = mote_asm_taking(a);
    open(a, outer, mote_asm_at_end(a) == (wanted != 0));
    mote_asm_skip_statement(a);
}

/* Reads the next argument of .ifc: a quoted string, or the text up to a comma or the end of the statement without the
 * spaces around it. */
static const char *plain_argument(mote_xt_assembly *a)
{
    mote_asm_space(a);
    if (a->at < a->line->end && *a->at == '"')
        return mote_asm_word(a);
    const char *start = a->at;
    while (a->at < a->line->end && *a->at != ',' && *a->at != ';')
        a->at++;
    const char *end = a->at;
    while (end > start && (end[-1] == ' ' || end[-1] == '\t'))
        end--;
    return mote_arena_text(&a->arena, start, (size_t)(end - start));
}

static void run_ifsame(mote_xt_assembly *a, int wanted)
{
    bool outer = mote_asm_taking(a);
    if (!outer) {
        open(a, false, false);
        return;
    }
    const char *left = plain_argument(a);
    mote_asm_expect(a, ',', "the first text");
    const char *right = plain_argument(a);
    bool same = strcmp(left ? left : "", right ? right : "") == 0;
    open(a, true, same == (wanted != 0));
}

static conditional *innermost(mote_xt_assembly *a, const char *what)
{
    uint32_t open_here = a->conditional_count - (a->frames ? a->frames->conditionals : 0);
    if (a->conditional_count && open_here)
        return &a->conditionals[a->conditional_count - 1];
    mote_asm_error(a, a->line->text, "%s without an .if", what);
    return NULL;
}

static void run_else(mote_xt_assembly *a, int is_elseif)
{
    conditional *c = innermost(a, is_elseif ? ".elseif" : ".else");
    if (!c)
        return;
    if (c->seen_else)
        mote_asm_error(a, a->line->text, "this .if already had its .else");
    c->seen_else = !is_elseif;
    bool open_now = c->outer && !c->taken;
    if (is_elseif && open_now)
        open_now = number_condition(a, IF_NE);
    else if (is_elseif)
        mote_asm_skip_statement(a);
    c->taking = open_now;
    c->taken |= open_now;
}

static void run_endif(mote_xt_assembly *a, int unused)
{
    (void)unused;
    if (innermost(a, ".endif"))
        a->conditional_count--;
}

const directive mote_asm_conditionals[] = {
    {"if", run_if, IF_NE},    {"ifne", run_if, IF_NE},
    {"ifeq", run_if, IF_EQ},  {"iflt", run_if, IF_LT},
    {"ifle", run_if, IF_LE},  {"ifgt", run_if, IF_GT},
    {"ifge", run_if, IF_GE},  {"ifdef", run_ifdef, 1},
    {"ifndef", run_ifdef, 0}, {"ifnotdef", run_ifdef, 0},
    {"ifb", run_ifblank, 1},  {"ifnb", run_ifblank, 0},
    {"ifc", run_ifsame, 1},   {"ifnc", run_ifsame, 0},
    {"ifeqs", run_ifsame, 1}, {"ifnes", run_ifsame, 0},
    {"else", run_else, 0},    {"elseif", run_else, 1},
    {"endif", run_endif, 0},  {"elsec", run_else, 0},
    {"endc", run_endif, 0},   {NULL, NULL, 0},
};
