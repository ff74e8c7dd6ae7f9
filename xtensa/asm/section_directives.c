/* Section directives. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "xtensa/asm/assembler.h"

/* Parses section flags: letters such as "awx", or a number. Returns false after reporting an error. */
static bool section_flags(mote_xt_assembly *a, const char *at, const char *letters, section *s, bool *group)
{
    static const struct {
        char letter;
        uint32_t flag;
    } known[] = {{'a', SHF_ALLOC},
                 {'w', SHF_WRITE},
                 {'x', SHF_EXECINSTR},
                 {'M', SHF_MERGE},
                 {'S', SHF_STRINGS},
                 {'T', SHF_TLS},
                 {'e', SHF_EXCLUDE},
                 {'G', SHF_GROUP},
                 {'R', 0x200000 /* SHF_GNU_RETAIN */},
                 {'d', 0x1000000 /* SHF_GNU_MBIND */}};
    uint32_t flags = 0;
    if (isdigit((unsigned char)*letters)) {
        s->flags = (uint32_t)strtoul(letters, NULL, 0) & ~(uint32_t)SHF_GROUP;
        return true;
    }
    for (const char *p = letters; *p; p++) {
        size_t i = 0;
        while (i < sizeof known / sizeof *known && known[i].letter != *p)
            i++;
        if (i == sizeof known / sizeof *known && *p == '?') {
            s->group = s->group ? s->group : a->section->group;
            continue;
        }
        if (i == sizeof known / sizeof *known) {
            mote_asm_error(a, at, "section flag '%c' is not one of awxMSTGRe", *p);
            return false;
        }
        flags |= known[i].flag;
    }
    *group = flags & SHF_GROUP;
    s->flags = flags & ~(uint32_t)SHF_GROUP;
    return true;
}

static void section_type(mote_xt_assembly *a, section *s)
{
    static const struct {
        const char *name;
        uint32_t type;
    } types[] = {{"progbits", SHT_PROGBITS},     {"nobits", SHT_NOBITS},         {"note", SHT_NOTE},
                 {"init_array", SHT_INIT_ARRAY}, {"fini_array", SHT_FINI_ARRAY}, {"preinit_array", SHT_PREINIT_ARRAY}};
    int64_t number;
    mote_asm_space(a);
    const char *at = a->at;
    if (!mote_asm_accept(a, '@'))
        mote_asm_accept(a, '%');
    if (a->at < a->line->end && isdigit((unsigned char)*a->at)) {
        if (mote_asm_absolute(a, &number))
            s->type = (uint32_t)number;
        return;
    }
    const char *type = mote_asm_name(a);
    for (size_t i = 0; type && i < sizeof types / sizeof *types; i++)
        if (strcmp(type, types[i].name) == 0) {
            s->type = types[i].type;
            return;
        }
    mote_asm_error(a, at, "expected @progbits, @nobits, @note, @init_array, @fini_array or @preinit_array");
}

static void enter(mote_xt_assembly *a, section *s)
{
    a->previous = (visit){a->section, a->section->subsection};
    mote_asm_enter(a, s);
}

static const char *section_name(mote_xt_assembly *a)
{
    mote_asm_space(a);
    const char *at = a->at, *name = mote_asm_word(a);
    if (!name)
        mote_asm_error(a, at, "expected the name of a section");
    return name;
}

/* Parses `, NAME[, comdat]`. The linker keeps one copy of a comdat group that occurs in several files. */
static void section_group(mote_xt_assembly *a, section *s)
{
    if (!mote_asm_expect(a, ',', "the section's type"))
        return;
    s->group = mote_asm_word(a);
    if (!s->group) {
        mote_asm_error(a, a->at, "expected the name of a group");
        return;
    }
    mote_asm_symbol(a, s->group)->referenced = true;
    const char *at = a->at, *comdat = mote_asm_accept(a, ',') ? mote_asm_name(a) : NULL;
    s->comdat = comdat && strcmp(comdat, "comdat") == 0;
    if (comdat && !s->comdat)
        mote_asm_error(a, at, "expected comdat");
}

/* Parses what follows the comma after a section's name: flags, type, element size, group. Returns false after reporting
 * an error. */
static bool section_attributes(mote_xt_assembly *a, section *s)
{
    mote_asm_space(a);
    const char *at = a->at;
    size_t size;
    int64_t entry = 0;
    bool group = false;
    const uint8_t *letters = mote_asm_string(a, &size);
    if (!letters || !section_flags(a, at, mote_arena_text(&a->arena, (const char *)letters, size), s, &group))
        return false;
    if (mote_asm_accept(a, ','))
        section_type(a, s);
    if ((s->flags & SHF_MERGE) && mote_asm_accept(a, ',') && mote_asm_absolute(a, &entry))
        s->entry_size = (uint32_t)entry;
    s->flags &= s->entry_size ? UINT32_MAX : ~(uint32_t)(SHF_MERGE | SHF_STRINGS);
    if (group)
        section_group(a, s);
    return true;
}

static bool push_section(mote_xt_assembly *a)
{
    if (a->stack_count == MAX_DEPTH) {
        mote_asm_error(a, a->line->text, ".pushsection nested more than %d deep", MAX_DEPTH);
        return false;
    }
    a->stack[a->stack_count].before = a->previous;
    a->stack[a->stack_count++].here = (visit){a->section, a->section->subsection};
    return true;
}

static void run_section(mote_xt_assembly *a, int push)
{
    const char *name = section_name(a);
    if (!name)
        return;
    section *s = mote_asm_section(a, name);
    bool comma = mote_asm_accept(a, ',');
    int64_t number = 0;
    mote_asm_space(a);
    bool numbered = comma && a->at < a->line->end && *a->at != '"';
    if (numbered ? !mote_asm_absolute(a, &number) : comma && !section_attributes(a, s))
        return;
    if (push && !push_section(a))
        return;
    enter(a, s);
    mote_asm_subsection(a, number);
}

static void go_back(mote_xt_assembly *a, visit to)
{
    enter(a, to.section);
    mote_asm_subsection(a, to.subsection);
}

static void run_popsection(mote_xt_assembly *a, int unused)
{
    (void)unused;
    if (a->stack_count == 0) {
        mote_asm_error(a, a->line->text, ".popsection without .pushsection");
        return;
    }
    a->stack_count--;
    go_back(a, a->stack[a->stack_count].here);
    a->previous = a->stack[a->stack_count].before;
}

static void run_previous(mote_xt_assembly *a, int unused)
{
    (void)unused;
    if (a->previous.section)
        go_back(a, a->previous);
}

static const char *const standard[] = {".text", ".data", ".bss"};

static void run_standard(mote_xt_assembly *a, int index)
{
    int64_t number = 0;
    if (!mote_asm_at_end(a) && !mote_asm_absolute(a, &number))
        return;
    enter(a, mote_asm_section(a, standard[index]));
    mote_asm_subsection(a, number);
}

static void run_subsection(mote_xt_assembly *a, int unused)
{
    (void)unused;
    int64_t number = 0;
    if (!mote_asm_at_end(a) && !mote_asm_absolute(a, &number))
        return;
    enter(a, a->section);
    mote_asm_subsection(a, number);
}

/* .struct ADDRESS: the statements that follow describe memory; only their labels are used. */
static void run_struct(mote_xt_assembly *a, int unused)
{
    (void)unused;
    int64_t address = 0;
    if (!mote_asm_at_end(a) && !mote_asm_absolute(a, &address))
        return;
    section *s = mote_arena_alloc(&a->arena, sizeof *s);
    *s = (section){.name = "*ABS*", .type = SHT_NOBITS, .align = 1, .address = (uint32_t)address, .absolute = true};
    s->fixups_end = &s->fixups;
    s->relocs_end = &s->relocs;
    enter(a, s);
}

/* .ident TEXT: appends the text to .comment, which begins with a zero byte. */
static void run_ident(mote_xt_assembly *a, int unused)
{
    (void)unused;
    size_t size;
    const uint8_t *text = mote_asm_string(a, &size);
    if (!text)
        return;
    section *s = mote_asm_section(a, ".comment");
    s->flags = SHF_MERGE | SHF_STRINGS;
    s->entry_size = 1;
    if (!s->first)
        mote_asm_bytes(a, s, "", 1);
    mote_asm_bytes(a, s, text, size);
    mote_asm_bytes(a, s, "", 1);
}

const directive mote_asm_section_directives[] = {
    {"section", run_section, 0},   {"pushsection", run_section, 1},   {"popsection", run_popsection, 0},
    {"previous", run_previous, 0}, {"subsection", run_subsection, 0}, {"text", run_standard, 0},
    {"data", run_standard, 1},     {"bss", run_standard, 2},          {"struct", run_struct, 0},
    {"offset", run_struct, 0},     {"ident", run_ident, 0},           {NULL, NULL, 0},
};
