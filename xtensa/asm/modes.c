/* Directives .begin and .end, which switch the modes of a region of code. */
#include <string.h>

#include "xtensa/asm/assembler.h"

/* Applies a word of .begin to the modes. Returns false when the word is unknown. Accepts absolute-literals and
 * schedule, which have no effect. */
static bool apply_mode(mote_xt_assembly *a, const char *word)
{
    bool on = strncmp(word, "no-", 3) != 0;
    const char *what = on ? word : word + 3;
    if (strcmp(what, "transform") == 0)
        a->modes.transform = on;
    else if (strcmp(what, "density") == 0)
        a->modes.density = on;
    else if (strcmp(what, "longcalls") == 0)
        a->modes.longcalls = on;
    else if (strcmp(what, "target-align") == 0)
        a->modes.target_align = on;
    else if (strcmp(word, "literal_prefix") == 0)
        a->modes.literal_prefix = mote_asm_at_end(a) ? NULL : mote_asm_word(a);
    else
        return strcmp(what, "absolute-literals") == 0 || strcmp(what, "schedule") == 0;
    return true;
}

static const char *region_word(mote_xt_assembly *a)
{
    mote_asm_space(a);
    const char *start = a->at;
    while (a->at < a->line->end && (mote_asm_is_name(*a->at) || *a->at == '-'))
        a->at++;
    return mote_arena_text(&a->arena, start, (size_t)(a->at - start));
}

static void run_begin(mote_xt_assembly *a, int unused)
{
    (void)unused;
    mote_asm_space(a);
    const char *at = a->at, *word = region_word(a);
    if (a->region_count == MAX_DEPTH) {
        mote_asm_error(a, at, ".begin nested more than %d deep", MAX_DEPTH);
        return;
    }
    modes before = a->modes;
    if (!apply_mode(a, word)) {
        mote_asm_error(a, at,
                       "expected transform, density, longcalls or literal_prefix, the first three perhaps with no-");
        return;
    }
    a->regions[a->region_count].before = before;
    a->regions[a->region_count].word = word;
    a->regions[a->region_count++].line = a->line;
}

static void run_end(mote_xt_assembly *a, int unused)
{
    (void)unused;
    mote_asm_space(a);
    const char *at = a->at, *word = region_word(a);
    if (a->region_count == 0) {
        mote_asm_error(a, at, ".end without .begin");
        return;
    }
    const char *open = a->regions[a->region_count - 1].word;
    if (strcmp(open, word) != 0) {
        mote_asm_error(a, at, "expected .end %s, for the .begin at line %u", open,
                       a->regions[a->region_count - 1].line->number);
        return;
    }
    a->modes = a->regions[--a->region_count].before;
}

void mote_asm_check_modes(mote_xt_assembly *a)
{
    for (uint32_t i = 0; i < a->region_count; i++)
        mote_asm_error_at(a, a->regions[i].line, a->regions[i].line->text, ".begin %s without its .end",
                          a->regions[i].word);
}

const directive mote_asm_modes[] = {
    {"begin", run_begin, 0},
    {"end", run_end, 0},
    {NULL, NULL, 0},
};
