/* Assembles a text: runs its statements one after the other, then computes the layout and emits bytes. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "xtensa/asm/assembler.h"

#define MAX_MEMORY ((size_t)2 << 30)

static mote_xt_assembly *new_assembly(const mote_xt_asm_options *options)
{
    mote_xt_assembly *a = calloc(1, sizeof *a);
    if (!a)
        return NULL;
    a->arena.limit = MAX_MEMORY;
    a->options = *options;
    a->sections_end = &a->sections;
    a->symbols_end = &a->symbols;
    a->statements_end = &a->statements;
    a->modes = (modes){.transform = !options->no_transform,
                       .density = !options->no_transform && !options->no_density,
                       .target_align = !options->no_transform && !options->no_target_align,
                       .longcalls = options->longcalls};
    return a;
}

void mote_xt_assembly_free(mote_xt_assembly *a)
{
    if (a)
        mote_arena_free(&a->arena);
    free(a);
}

/* Defines the numeric label (`7:`) at the cursor, unless a conditional skips it, and moves the cursor past it. Returns
 * false when there is none. */
static bool numeric_label(mote_xt_assembly *a)
{
    const char *p = a->at;
    while (p < a->line->end && isdigit((unsigned char)*p))
        p++;
    if (p == a->at || p - a->at > 9 || p >= a->line->end || *p != ':')
        return false;
    if (mote_asm_taking(a))
        mote_asm_label(a, mote_asm_numeric(a, strtoll(a->at, NULL, 10), ':'), a->at);
    a->at = p + 1;
    return true;
}

static void run_directive(mote_xt_assembly *a, const char *name, const char *at)
{
    const directive *d = mote_asm_directive(name + 1);
    if (d) {
        d->run(a, d->argument);
        return;
    }
    const char *nearest = mote_asm_nearest_directive(name + 1);
    if (nearest)
        mote_asm_error(a, at, "there is no directive '%.100s'; did you mean '.%s'?", name, nearest);
    else
        mote_asm_error(a, at, "there is no directive '%.100s'", name);
    mote_asm_skip_statement(a);
}

static bool is_conditional(const char *name)
{
    for (const directive *d = mote_asm_conditionals; d->name; d++)
        if (strcasecmp(d->name, name) == 0)
            return true;
    return false;
}

/* Parses the rest of `name = value` and assigns the value. `name == value` defines a symbol that cannot be redefined.
 */
static bool assignment(mote_xt_assembly *a, const char *name, const char *at)
{
    mote_asm_space(a);
    if (a->at >= a->line->end || *a->at != '=')
        return false;
    a->at++;
    bool once = a->at < a->line->end && *a->at == '=';
    a->at += once;
    const expr *e = mote_asm_expr(a);
    if (e)
        mote_asm_assign(a, name, at, e, !once);
    return true;
}

/* Runs the statement at the cursor. Returns true when it was a label, after which another statement may follow. */
static bool run_statement(mote_xt_assembly *a, statement *record)
{
    const char *at = a->at, *name = mote_asm_name(a);
    bool taking = mote_asm_taking(a);
    if (name && mote_asm_accept(a, ':')) {
        if (taking)
            mote_asm_label(a, mote_asm_symbol(a, name), at);
        return true;
    }
    if (!taking) {
        if (name && *name == '.' && is_conditional(name + 1))
            run_directive(a, name, at);
        mote_asm_skip_statement(a);
    } else if (!name) {
        mote_asm_error(a, at, "expected an instruction, a directive or a label");
        mote_asm_skip_statement(a);
    } else if (assignment(a, name, at) || mote_asm_expand_macro(a, name)) {
        return false;
    } else if (*name == '.') {
        run_directive(a, name, at);
    } else {
        record->code = true;
        mote_asm_instruction(a, name, at);
    }
    return false;
}

static void run_line(mote_xt_assembly *a, statement *record)
{
    while (!a->ended) {
        mote_asm_space(a);
        if (a->at >= a->line->end)
            return;
        if (mote_asm_accept(a, ';') || numeric_label(a))
            continue;
        size_t errors = a->errors;
        if (run_statement(a, record) || mote_asm_at_end(a))
            continue;
        if (a->errors == errors)
            mote_asm_error(a, a->at, "expected the end of the statement");
        mote_asm_skip_statement(a);
    }
}

static void record_line(mote_xt_assembly *a, const statement *record, visit began_in)
{
    statement *s = mote_arena_alloc(&a->arena, sizeof *s);
    *s = *record;
    bool same = began_in.section == a->section && began_in.subsection == a->section->subsection;
    s->end = same ? mote_asm_place(a, a->section) : record->begin;
    *a->statements_end = s;
    a->statements_end = &s->next;
}

static void read_source(mote_xt_assembly *a, const char *text, size_t size)
{
    mote_asm_enter(a, mote_asm_section(a, ".text"));
    mote_asm_section(a, ".data");
    mote_asm_section(a, ".bss");
    if (size > MAX_TEXT) {
        mote_asm_error_at(a, NULL, NULL, "the source is larger than %zu MB", MAX_TEXT >> 20);
        return;
    }
    const char *stripped = mote_asm_strip(a, text, size);
    mote_asm_push(
        a,
        (frame){.begin = stripped, .end = stripped + size, .shown = text, .file = a->options.name, .first_number = 1});
    while (!a->ended && mote_asm_next_line(a)) {
        visit began_in = {a->section, a->section->subsection};
        statement record = {.line = a->line, .begin = mote_asm_place(a, a->section)};
        run_line(a, &record);
        record_line(a, &record, began_in);
    }
    if (!a->ended)
        mote_asm_check_modes(a);
}

/* Runs all steps. Returns false when memory runs out. It is a function of its own so that no local variable of the
 * function that calls setjmp changes in between. */
static bool assemble_all(mote_xt_assembly *a, const char *text, size_t size)
{
    if (setjmp(a->arena.out_of_memory))
        return false;
    read_source(a, text, size);
    mote_asm_join_subsections(a);
    mote_asm_finish_lines(a);
    mote_asm_check_symbols(a);
    mote_asm_layout(a);
    mote_asm_emit(a);
    return true;
}

mote_xt_assembly *mote_xt_assemble(const char *text, size_t size, const mote_xt_asm_options *options, mote_error *error)
{
    mote_xt_assembly *a = new_assembly(options);
    if (a && assemble_all(a, text, size))
        return a;
    mote_xt_assembly_free(a);
    mote_fail(error, MOTE_E_INTERNAL, "%s: needs more than %zu MB of memory", options->name, MAX_MEMORY >> 20);
    return NULL;
}

static bool first_error(const mote_xt_assembly *a, const char *text, mote_error *error)
{
    for (size_t i = 0; i < a->diagnostic_count; i++)
        if (a->diagnostics[i].severity == SEVERITY_ERROR)
            return mote_fail(error, MOTE_E_FORMAT, "%s", a->diagnostics[i].message);
    return mote_fail(error, MOTE_E_FORMAT, "'%.100s' is not one instruction", text);
}

/* Assembles the instruction for mote_xt_assemble_line. It is a function of its own so that no local variable of the
 * function that calls setjmp changes in between. */
static void assemble_one(mote_xt_assembly *a, const char *text, uint32_t pc)
{
    a->section = mote_asm_section(a, ".text");
    a->section->address = pc;
    size_t size = strlen(text);
    const char *stripped = mote_asm_strip(a, text, size);
    source_line *l = mote_arena_alloc(&a->arena, sizeof *l);
    *l = (source_line){.text = stripped, .end = stripped + size, .shown = text, .file = "", .number = 1};
    a->line = l;
    a->at = l->text;
    mote_asm_space(a);
    const char *at = a->at, *name = mote_asm_name(a);
    if (!name)
        mote_asm_error(a, at, "expected an instruction");
    else
        mote_asm_instruction(a, name, at);
    if (!a->errors && a->at < l->end)
        mote_asm_error(a, a->at, "expected one instruction and nothing after it");
    a->laid_out = a->placed = true;
    for (item *it = a->section->first; it; it = it->next) {
        it->address = a->section->size;
        a->section->size += it->size;
    }
    if (!a->errors)
        mote_asm_emit(a);
}

bool mote_xt_assemble_line(const char *text, uint32_t pc, unsigned chips, uint8_t bytes[MOTE_XT_MAX_BYTES],
                           unsigned *size, mote_error *error)
{
    mote_xt_assembly *a = new_assembly(&(mote_xt_asm_options){.name = "", .chips = chips, .no_transform = true});
    if (!a)
        return mote_fail(error, MOTE_E_INTERNAL, "no memory to assemble a line");
    if (setjmp(a->arena.out_of_memory)) {
        mote_xt_assembly_free(a);
        return mote_fail(error, MOTE_E_INTERNAL, "no memory to assemble a line");
    }
    assemble_one(a, text, pc);
    bool ok = a->errors == 0 && a->section->size > 0 && a->section->size <= MOTE_XT_MAX_BYTES;
    if (ok) {
        *size = a->section->size;
        memcpy(bytes, a->section->image, *size);
    } else {
        first_error(a, text, error);
    }
    mote_xt_assembly_free(a);
    return ok;
}
