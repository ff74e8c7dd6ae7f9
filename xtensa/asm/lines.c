/* .file and .loc, or the source itself: which line each instruction is from, as a DWARF 5 line table. */
#include <string.h>
#include <unistd.h>

#include "xtensa/asm/assembler.h"

#define MAX_FILES   65536
#define FAR         20000 /* bytes between two rows from which on the address is written anew, as 16 bits may not do */
#define OPCODE_BASE 13

enum { ROW_STATEMENT = 1, ROW_BASIC_BLOCK = 2, ROW_PROLOGUE_END = 4, ROW_EPILOGUE_BEGIN = 8 };

enum {
    LNS_copy = 1,
    LNS_advance_line = 3,
    LNS_set_file = 4,
    LNS_set_column = 5,
    LNS_negate_stmt = 6,
    LNS_set_basic_block = 7,
    LNS_fixed_advance_pc = 9,
    LNS_set_prologue_end = 10,
    LNS_set_epilogue_begin = 11,
    LNS_set_isa = 12,
    LNE_end_sequence = 1,
    LNE_set_address = 2,
    LNE_set_discriminator = 4,
    LNCT_path = 1,
    LNCT_directory_index = 2,
    FORM_string = 8,
    FORM_udata = 15,
};

typedef struct row {
    struct row *next;
    symbol *at;
    uint32_t file, line, column, isa, discriminator;
    uint8_t flags;
} row;

typedef struct file_entry {
    const char *folder, *name; /* folder "": the one of file 0 */
} file_entry;

struct line_table {
    file_entry *files;
    uint32_t file_count, file_capacity;
    row *rows, **rows_end;
    row now;      /* as the last .loc left it */
    bool pending; /* it waits for its instruction */
    bool from_loc;
    uint32_t view;             /* rows at the place of the last .loc before it */
    const symbol *last;        /* that place */
    const source_line *source; /* of the last row when the source itself is described, */
    const section *section;    /* and where that row is */
};

static struct line_table *lines_of(mote_xt_assembly *a)
{
    if (!a->line_table) {
        a->line_table = mote_arena_alloc(&a->arena, sizeof *a->line_table);
        a->line_table->rows_end = &a->line_table->rows;
        a->line_table->now = (row){.flags = ROW_STATEMENT, .file = 1};
    }
    return a->line_table;
}

/* Room for file `number`. */
static file_entry *file_at(mote_xt_assembly *a, uint32_t number)
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
    *file_at(a, (uint32_t)number) = (file_entry){second ? first : "", second ? second : first};
}

/* Whether no byte lies between the ends that two symbols mark. */
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

static void add_row(mote_xt_assembly *a)
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

/* `view NAME` names how many rows already stand at this address; `view -0` starts to count anew. */
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

/* .loc_mark_labels: what it asks for is left out. */
static void run_mark_labels(mote_xt_assembly *a, int unused)
{
    (void)unused;
    mote_asm_skip_statement(a);
}

/* One of the words behind the column; false after a message. */
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
        add_row(a);
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

/* The file of that name, found or made, behind file 0. */
static uint32_t file_named(mote_xt_assembly *a, const char *name)
{
    struct line_table *t = lines_of(a);
    for (uint32_t i = 1; i < t->file_count; i++)
        if (strcmp(t->files[i].name, name) == 0)
            return i;
    uint32_t number = t->file_count ? t->file_count : 1;
    if (number >= MAX_FILES)
        return 1;
    *file_at(a, number) = (file_entry){"", name};
    return number;
}

/* The line that the author wrote, not the one of the macro it uses. */
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
        add_row(a);
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
    add_row(a);
}

static void put(mote_xt_assembly *a, section *s, uint32_t number, size_t size)
{
    mote_asm_bytes(a, s, &number, size);
}

static void put_uleb128(mote_xt_assembly *a, section *s, uint32_t number)
{
    for (; number >= 0x80; number >>= 7)
        put(a, s, number | 0x80, 1);
    put(a, s, number, 1);
}

static void put_sleb128(mote_xt_assembly *a, section *s, int64_t number)
{
    for (; number < -64 || number > 63; number >>= 7)
        put(a, s, (uint32_t)(number & 0x7f) | 0x80, 1);
    put(a, s, (uint32_t)(number & 0x7f), 1);
}

static void put_text(mote_xt_assembly *a, section *s, const char *text)
{
    mote_asm_bytes(a, s, text, strlen(text) + 1);
}

static symbol *end_of(mote_xt_assembly *a, section *s)
{
    section *before = a->section;
    a->section = s;
    symbol *end = mote_asm_here(a);
    a->section = before;
    return end;
}

static const expr *difference(mote_xt_assembly *a, symbol *from, symbol *to)
{
    return mote_asm_binary(a, EXPR_SUB, mote_asm_symbol_expr(a, to), mote_asm_symbol_expr(a, from));
}

/* Folders in the order in which files name them; number 0 is that of file 0. */
static uint32_t folder_number(const struct line_table *t, uint32_t file, const char **folders, uint32_t *count)
{
    const char *wanted = *t->files[file].folder ? t->files[file].folder : folders[0];
    for (uint32_t i = 0; i < *count; i++)
        if (strcmp(folders[i], wanted) == 0)
            return i;
    folders[*count] = wanted;
    return (*count)++;
}

static void put_files(mote_xt_assembly *a, section *s, struct line_table *t)
{
    static const uint8_t folder_form[] = {1, LNCT_path, FORM_string};
    static const uint8_t file_form[] = {2, LNCT_path, FORM_string, LNCT_directory_index, FORM_udata};
    if (!t->files[0].name) /* file 0 is the source itself, which is file 1 when nothing else is said */
        t->files[0] = t->file_count > 1 && t->files[1].name ? t->files[1] : (file_entry){"", a->options.name};
    const char **folders = mote_arena_alloc(&a->arena, (t->file_count + 1) * sizeof *folders);
    uint32_t *numbers = mote_arena_alloc(&a->arena, t->file_count * sizeof *numbers), count = 1;
    char here[4096];
    folders[0] = *t->files[0].folder         ? t->files[0].folder
                 : getcwd(here, sizeof here) ? mote_arena_text(&a->arena, here, strlen(here))
                                             : ".";
    for (uint32_t i = 0; i < t->file_count; i++)
        numbers[i] = t->files[i].name ? folder_number(t, i, folders, &count) : 0;
    mote_asm_bytes(a, s, folder_form, sizeof folder_form);
    put_uleb128(a, s, count);
    for (uint32_t i = 0; i < count; i++)
        put_text(a, s, folders[i]);
    mote_asm_bytes(a, s, file_form, sizeof file_form);
    put_uleb128(a, s, t->file_count);
    for (uint32_t i = 0; i < t->file_count; i++) {
        put_text(a, s, t->files[i].name ? t->files[i].name : "");
        put_uleb128(a, s, numbers[i]);
    }
}

static void put_address(mote_xt_assembly *a, section *s, symbol *at)
{
    const uint8_t opcode[] = {0, 5, LNE_set_address};
    mote_asm_bytes(a, s, opcode, sizeof opcode);
    mote_asm_fixup(a, s, 4, mote_asm_symbol_expr(a, at), NULL, NULL);
}

static void put_distance(mote_xt_assembly *a, section *s, symbol *from, symbol *to)
{
    put(a, s, LNS_fixed_advance_pc, 1);
    mote_asm_fixup(a, s, 2, difference(a, from, to), NULL, NULL);
}

/* Whether `to` is sure to lie within reach of 16 bits behind `from`. */
static bool is_near(const symbol *from, const symbol *to)
{
    uint32_t a = from->place.item->address + from->place.offset, b = to->place.item->address + to->place.offset;
    return b >= a && b - a < FAR && !to->place.section->subsections;
}

static void put_registers(mote_xt_assembly *a, section *s, const row *r, const row *before)
{
    static const struct {
        uint8_t flag, opcode;
    } marks[] = {{ROW_BASIC_BLOCK, LNS_set_basic_block},
                 {ROW_PROLOGUE_END, LNS_set_prologue_end},
                 {ROW_EPILOGUE_BEGIN, LNS_set_epilogue_begin}};
    if (r->file != before->file) {
        put(a, s, LNS_set_file, 1);
        put_uleb128(a, s, r->file);
    }
    if (r->column != before->column) {
        put(a, s, LNS_set_column, 1);
        put_uleb128(a, s, r->column);
    }
    if (r->isa != before->isa) {
        put(a, s, LNS_set_isa, 1);
        put_uleb128(a, s, r->isa);
    }
    if (r->discriminator) {
        uint32_t size = 2;
        for (uint32_t rest = r->discriminator >> 7; rest; rest >>= 7)
            size++;
        put(a, s, 0, 1);
        put_uleb128(a, s, size);
        put(a, s, LNE_set_discriminator, 1);
        put_uleb128(a, s, r->discriminator);
    }
    if ((r->flags ^ before->flags) & ROW_STATEMENT)
        put(a, s, LNS_negate_stmt, 1);
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (r->flags & marks[i].flag)
            put(a, s, marks[i].opcode, 1);
    if (r->line != before->line) {
        put(a, s, LNS_advance_line, 1);
        put_sleb128(a, s, (int64_t)r->line - before->line);
    }
}

/* The rows of one section: a sequence of its own. */
static void put_sequence(mote_xt_assembly *a, section *s, const struct line_table *t, section *code)
{
    row before = {.file = 1, .line = 1, .flags = ROW_STATEMENT};
    for (const row *r = t->rows; r; r = r->next) {
        if (r->at->place.section != code)
            continue;
        put_registers(a, s, r, &before);
        if (!before.at || !is_near(before.at, r->at))
            put_address(a, s, r->at);
        else
            put_distance(a, s, before.at, r->at);
        put(a, s, LNS_copy, 1);
        before = *r;
    }
    if (!before.at)
        return;
    symbol *end = end_of(a, code);
    if (is_near(before.at, end))
        put_distance(a, s, before.at, end);
    else
        put_address(a, s, end);
    const uint8_t last[] = {0, 1, LNE_end_sequence};
    mote_asm_bytes(a, s, last, sizeof last);
}

void mote_asm_finish_lines(mote_xt_assembly *a)
{
    static const uint8_t parameters[] = {1, 1, 1, (uint8_t)-5, 14, OPCODE_BASE, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1};
    struct line_table *t = a->line_table;
    if (!t || a->errors)
        return;
    if (t->pending)
        add_row(a);
    section *s = mote_asm_section(a, ".debug_line");
    if (!t->rows || s->size || (s->last && (s->last->address || s->last->size))) /* the source has a table of its own */
        return;
    file_at(a, 0);
    mote_asm_place(a, s);
    symbol *begin = end_of(a, s), *end = mote_arena_alloc(&a->arena, sizeof *end),
           *program = mote_arena_alloc(&a->arena, sizeof *end);
    *end = *program = *begin;
    mote_asm_fixup(a, s, 4, mote_asm_binary(a, EXPR_SUB, difference(a, begin, end), mote_asm_number(a, 4)), NULL, NULL);
    put(a, s, 5, 2); /* version */
    put(a, s, 4, 1); /* bytes of an address */
    put(a, s, 0, 1);
    mote_asm_fixup(a, s, 4, mote_asm_binary(a, EXPR_SUB, difference(a, begin, program), mote_asm_number(a, 12)), NULL,
                   NULL);
    mote_asm_bytes(a, s, parameters, sizeof parameters);
    put_files(a, s, t);
    program->place = end_of(a, s)->place;
    for (section *code = a->sections; code; code = code->next)
        put_sequence(a, s, t, code);
    end->place = end_of(a, s)->place;
}

const directive mote_asm_lines[] = {
    {"file", run_file, 0},
    {"loc", run_loc, 0},
    {"loc_mark_labels", run_mark_labels, 0},
    {NULL, NULL, 0},
};
