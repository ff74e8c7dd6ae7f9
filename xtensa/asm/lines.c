/* Builds the line table from .file and .loc, or from the lines of the source itself. */
#include "xtensa/asm/lines.h"

#include <string.h>

#define MAX_FILES 65536

static struct line_table *lines_of(mote_xt_assembly *a)
{
    if (!a->line_table) {
        a->line_table = mote_arena_alloc(&a->arena, sizeof *a->line_table);
        a->line_table->rows_end = &a->line_table->rows;
        a->line_table->now = (row){.flags = ROW_STATEMENT, .file = 1};
    }
    return a->line_table;
}

file_entry *mote_asm_line_file(mote_xt_assembly *a, uint32_t number)
{
    struct line_table *t = lines_of(a);
    if (number >= t->file_capacity) {
        uint32_t capacity = (number + 8) * 2;
        file_entry *files = mote_arena_alloc(&a->arena, capacity * sizeof *files);
        if (t->file_count)
            memcpy(files, t->files, t->file_count * sizeof *files);
        t->files = files;
        t->file_capacity = capacity;
    }
    if (number >= t->file_count)
        t->file_count = number + 1;
    return &t->files[number];
}

static const char *quoted(mote_xt_assembly *a)
{
    size_t size;
    const uint8_t *text = mote_asm_string(a, &size);
    return text ? mote_arena_text(&a->arena, (const char *)text, size) : NULL;
}

/* .file NUMBER ["FOLDER"] "NAME"; .file "NAME" names the source in the symbol table. */
static void run_file(mote_xt_assembly *a, int unused)
{
    (void)unused;
    int64_t number = 0;
    mote_asm_space(a);
    const char *at = a->at;
    if (a->at < a->line->end && *a->at == '"') {
        const char *name = quoted(a);
        a->source_name = name ? name : a->source_name;
        return;
    }
    if (!mote_asm_absolute(a, &number))
        return;
    const char *first = quoted(a);
    mote_asm_space(a);
    const char *second = first && a->at < a->line->end && *a->at == '"' ? quoted(a) : NULL;
    mote_asm_skip_statement(a); /* md5 and source */
    if (!first)
        return;
    if (number < 0 || number >= MAX_FILES) {
        mote_asm_error(a, at, "file %lld: expected 0 to %d", (long long)number, MAX_FILES - 1);
        return;
    }
    *mote_asm_line_file(a, (uint32_t)number) = (file_entry){second ? first : "", second ? second : first};
}

/* True if no byte lies between the positions of two symbols. */
static bool same_place(const symbol *left, const symbol *right)
{
    if (left->place.section != right->place.section)
        return false;
    const item *it = left->place.item;
    uint32_t offset = left->place.offset;
    for (; it && it->kind == ITEM_DATA && offset == it->size && it != right->place.item; it = it->next)
        offset = 0;
    return it == right->place.item && offset == right->place.offset;
}

void mote_asm_line_row(mote_xt_assembly *a)
{
    struct line_table *t = lines_of(a);
    row *r = mote_arena_alloc(&a->arena, sizeof *r);
    *r = t->now;
    r->at = mote_asm_here(a);
    *t->rows_end = r;
    t->rows_end = &r->next;
    t->pending = false;
    t->now.flags &= ROW_STATEMENT;
    t->now.discriminator = 0;
}

/* Parses the operand of `view`. `view NAME` defines NAME as the number of .locs before this one at its position. `view
 * 0` and `view -0` set *name to NULL. Returns false after reporting an error. */
static bool loc_view(mote_xt_assembly *a, symbol **name)
{
    mote_asm_space(a);
    if (mote_asm_accept(a, '-') || (a->at < a->line->end && *a->at == '0')) {
        int64_t zero;
        *name = NULL;
        return mote_asm_absolute(a, &zero);
    }
    const char *at = a->at, *text = mote_asm_name(a);
    if (!text)
        mote_asm_error(a, at, "expected the name of a view");
    *name = text ? mote_asm_define(a, mote_asm_symbol(a, text), at) : NULL;
    return *name != NULL;
}

/* .loc_mark_labels is accepted and ignored. */
static void run_mark_labels(mote_xt_assembly *a, int unused)
{
    (void)unused;
    mote_asm_skip_statement(a);
}

/* Parses one of the options after the column. Returns false after reporting an error. */
static bool loc_option(mote_xt_assembly *a, row *r, symbol **view)
{
    static const struct {
        const char *name;
        uint8_t flag;
    } flags[] = {
        {"basic_block", ROW_BASIC_BLOCK}, {"prologue_end", ROW_PROLOGUE_END}, {"epilogue_begin", ROW_EPILOGUE_BEGIN}};
    const char *at = a->at, *word = mote_asm_name(a);
    for (size_t i = 0; word && i < sizeof flags / sizeof *flags; i++)
        if (strcmp(word, flags[i].name) == 0) {
            r->flags |= flags[i].flag;
            return true;
        }
    int64_t number = 0;
    if (word && strcmp(word, "view") == 0)
        return loc_view(a, view);
    bool known =
        word && (strcmp(word, "is_stmt") == 0 || strcmp(word, "isa") == 0 || strcmp(word, "discriminator") == 0);
    if (!known)
        mote_asm_error(a, at,
                       "expected basic_block, prologue_end, epilogue_begin, is_stmt, isa, discriminator or view");
    if (!known || !mote_asm_absolute(a, &number))
        return false;
    if (*word == 'd')
        r->discriminator = (uint32_t)number;
    else if (strcmp(word, "isa") == 0)
        r->isa = (uint32_t)number;
    else
        r->flags = (uint8_t)((r->flags & ~ROW_STATEMENT) | (number ? ROW_STATEMENT : 0));
    return true;
}

/* .loc FILE LINE [COLUMN] [OPTIONS] */
static void run_loc(mote_xt_assembly *a, int unused)
{
    (void)unused;
    struct line_table *t = lines_of(a);
    if (t->pending)
        mote_asm_line_row(a);
    int64_t file = 0, line = 0, column = 0;
    mote_asm_space(a);
    const char *at = a->at;
    if (!mote_asm_absolute(a, &file) || !mote_asm_absolute(a, &line))
        return;
    if (file < 0 || file >= t->file_count || line < 0 || line > UINT32_MAX) {
        mote_asm_error(a, at,
                       file < 0 || file >= t->file_count ? "there is no .file of this number"
                                                         : "the line is no number of 32 bits");
        mote_asm_skip_statement(a);
        return;
    }
    mote_asm_space(a);
    if (a->at < a->line->end && *a->at >= '0' && *a->at <= '9' && !mote_asm_absolute(a, &column))
        return;
    t->now.file = (uint32_t)file;
    t->now.line = (uint32_t)line;
    t->now.column = (uint32_t)column;
    symbol *view = NULL;
    while (!mote_asm_at_end(a))
        if (!loc_option(a, &t->now, &view))
            return;
    const symbol *here = mote_asm_here(a);
    t->view = t->last && same_place(t->last, here) ? t->view + 1 : 0;
    t->last = here;
    if (view) {
        view->kind = SYMBOL_VALUE;
        view->value = mote_asm_number(a, t->view);
    }
    t->pending = t->from_loc = true;
}

/* Returns the number of the file of that name, which is added if necessary; file 0 is not searched. Returns 1 when
 * there are too many files. */
static uint32_t file_named(mote_xt_assembly *a, const char *name)
{
    struct line_table *t = lines_of(a);
    for (uint32_t i = 1; i < t->file_count; i++)
        if (strcmp(t->files[i].name, name) == 0)
            return i;
    uint32_t number = t->file_count ? t->file_count : 1;
    if (number >= MAX_FILES)
        return 1;
    *mote_asm_line_file(a, number) = (file_entry){"", name};
    return number;
}

/* Returns the line of the main file that expanded or included `l`. */
static const source_line *outermost(const source_line *l)
{
    while (l->parent)
        l = l->parent;
    return l;
}

void mote_asm_line_of_instruction(mote_xt_assembly *a)
{
    struct line_table *t = a->line_table;
    if (t && t->pending)
        mote_asm_line_row(a);
    if (!a->options.debug || (t && t->from_loc))
        return;
    t = lines_of(a);
    const source_line *l = outermost(a->line);
    if (t->source && t->source->number == l->number && t->source->file == l->file && t->section == a->section)
        return;
    t->source = l;
    t->section = a->section;
    t->now.file = file_named(a, l->file);
    t->now.line = l->number;
    mote_asm_line_row(a);
}

const directive mote_asm_lines[] = {
    {"file", run_file, 0},
    {"loc", run_loc, 0},
    {"loc_mark_labels", run_mark_labels, 0},
    {NULL, NULL, 0},
};
