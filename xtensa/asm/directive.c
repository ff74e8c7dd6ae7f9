/* Directives that emit nothing (messages, ignored and refused ones), and the lookup of all directives. */
#include <stdlib.h>
#include <string.h>

#include "xtensa/asm/assembler.h"

enum { REFUSED_STABS, REFUSED_VERSIONS, REFUSED_BUNDLES, REFUSED_UNKNOWN, REFUSED_MRI, REFUSED_RELOC };

static void run_ignored(mote_xt_assembly *a, int unused)
{
    (void)unused;
    mote_asm_skip_statement(a);
}

/* Reports why a directive of GNU as is not supported. */
static void run_refused(mote_xt_assembly *a, int reason)
{
    static const char *const reasons[] = {
        "stabs is an old format of debug information that is not written; compile with -g, which gives DWARF",
        "there are no shared libraries on these chips, and no versions of symbols",
        "instruction bundles are of other processors",
        "GNU as does not know this for Xtensa either",
        "MRI syntax is not supported",
        "relocations by name are not supported; use .word or an instruction with the symbol",
    };
    mote_asm_error(a, a->line->text, "%s", reasons[reason]);
    mote_asm_skip_statement(a);
}

/* Accepts `.mri 0`, the default, and refuses other values. */
static void run_mri(mote_xt_assembly *a, int unused)
{
    (void)unused;
    int64_t on = 0;
    if (mote_asm_absolute(a, &on) && on)
        run_refused(a, REFUSED_MRI);
}

static void run_abort(mote_xt_assembly *a, int unused)
{
    (void)unused;
    mote_asm_error(a, a->line->text, "the source says .abort");
    mote_asm_skip_statement(a);
    a->ended = true;
}

/* .fail N: a warning if N >= 500, else an error. */
static void run_fail(mote_xt_assembly *a, int unused)
{
    (void)unused;
    int64_t number = 0;
    if (!mote_asm_absolute(a, &number))
        return;
    if (number >= 500)
        mote_asm_warn(a, a->line->text, "the source says .fail %lld", (long long)number);
    else
        mote_asm_error(a, a->line->text, "the source says .fail %lld", (long long)number);
}

enum { SAY_ERROR, SAY_WARNING, SAY_NOTE };

static void run_say(mote_xt_assembly *a, int kind)
{
    const char *at = a->line->text, *message = mote_asm_at_end(a) ? NULL : mote_asm_word(a);
    if (kind == SAY_NOTE)
        mote_asm_note(a, at, "%.300s", message ? message : "");
    else if (kind == SAY_ERROR)
        mote_asm_error(a, at, "%.300s", message ? message : "the source says .err");
    else
        mote_asm_warn(a, at, "%.300s", message ? message : "the source says .warning");
}

static const directive plain[] = {
    {"err", run_say, SAY_ERROR},
    {"error", run_say, SAY_ERROR},
    {"warning", run_say, SAY_WARNING},
    {"print", run_say, SAY_NOTE},
    {"fail", run_fail, 0},
    {"abort", run_abort, 0},
    {"mri", run_mri, 0},
    {"extern", run_ignored, 0},
    {"xref", run_ignored, 0},
    {"title", run_ignored, 0},
    {"ttl", run_ignored, 0},
    {"sbttl", run_ignored, 0},
    {"list", run_ignored, 0},
    {"nolist", run_ignored, 0},
    {"eject", run_ignored, 0},
    {"page", run_ignored, 0},
    {"nopage", run_ignored, 0},
    {"psize", run_ignored, 0},
    {"plen", run_ignored, 0},
    {"llen", run_ignored, 0},
    {"lflags", run_ignored, 0},
    {"spc", run_ignored, 0},
    {"format", run_ignored, 0},
    {"noformat", run_ignored, 0},
    {"name", run_ignored, 0},
    {"debug", run_ignored, 0},
    {"func", run_ignored, 0},
    {"endfunc", run_ignored, 0},
    {"line", run_ignored, 0},
    {"ln", run_ignored, 0},
    {"appfile", run_ignored, 0},
    {"appline", run_ignored, 0},
    {"linefile", run_ignored, 0},
    {"linkonce", run_ignored, 0},
    {"version", run_ignored, 0},
    {"gnu_attribute", run_ignored, 0},
    {"vtable_inherit", run_ignored, 0},
    {"vtable_entry", run_ignored, 0},
    {"frequency", run_ignored, 0},
    {"stabs", run_refused, REFUSED_STABS},
    {"stabn", run_refused, REFUSED_STABS},
    {"stabd", run_refused, REFUSED_STABS},
    {"xstabs", run_refused, REFUSED_STABS},
    {"symver", run_refused, REFUSED_VERSIONS},
    {"bundle_align_mode", run_refused, REFUSED_BUNDLES},
    {"bundle_lock", run_refused, REFUSED_BUNDLES},
    {"bundle_unlock", run_refused, REFUSED_BUNDLES},
    {"nops", run_refused, REFUSED_UNKNOWN},
    {"reloc", run_refused, REFUSED_RELOC},
    {NULL, NULL, 0},
};

static const directive *const tables[] = {plain,
                                          mote_asm_data,
                                          mote_asm_numbers,
                                          mote_asm_section_directives,
                                          mote_asm_symbol_directives,
                                          mote_asm_conditionals,
                                          mote_asm_macros,
                                          mote_asm_repeats,
                                          mote_asm_files,
                                          mote_asm_modes,
                                          mote_asm_lines,
                                          NULL};

const directive *mote_asm_directive(const char *name)
{
    static const directive ignored = {"cfi", run_ignored, 0};
    if (strncasecmp(name, "cfi_", 4) == 0)
        return &ignored;
    for (const directive *const *t = tables; *t; t++)
        for (const directive *d = *t; d->name; d++)
            if (strcasecmp(d->name, name) == 0)
                return d;
    return NULL;
}

/* Returns the number of single-letter edits between two words. Compares only their first 31 letters. */
static unsigned distance(const char *left, const char *right)
{
    unsigned row[32];
    size_t n = strnlen(right, 31);
    for (size_t j = 0; j <= n; j++)
        row[j] = (unsigned)j;
    for (size_t i = 0; i < 31 && left[i]; i++) {
        unsigned diagonal = row[0];
        row[0] = (unsigned)i + 1;
        for (size_t j = 0; j < n; j++) {
            unsigned best = diagonal + (left[i] != right[j]);
            diagonal = row[j + 1];
            best = best < diagonal + 1 ? best : diagonal + 1;
            row[j + 1] = best < row[j] + 1 ? best : row[j] + 1;
        }
    }
    return row[n];
}

const char *mote_asm_nearest_directive(const char *name)
{
    const char *nearest = NULL;
    unsigned best = 3; /* more than two edits: a different word */
    for (const directive *const *t = tables; *t; t++)
        for (const directive *d = *t; d->name; d++) {
            unsigned edits = distance(name, d->name);
            if (edits < best) {
                best = edits;
                nearest = d->name;
            }
        }
    return nearest;
}
