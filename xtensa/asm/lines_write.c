/* Writes the line table in DWARF 5. */
#include <string.h>
#include <unistd.h>

#include "xtensa/asm/dwarf.h"
#include "xtensa/asm/lines.h"

#define FAR         20000 /* bytes between two rows from which the full address is written, since 16 bits may not do */
#define OPCODE_BASE 13

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

/* Returns the number of the folder of a file, which is appended to `folders` if it is new. Number 0 is the folder of
 * file 0. */
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
    if (!t->files[0].name) /* file 0 is the source itself: file 1, or else the name in the options */
        t->files[0] = t->file_count > 1 && t->files[1].name ? t->files[1] : (file_entry){"", a->options.name};
    const char **folders = mote_arena_alloc(&a->arena, (t->file_count + 1) * sizeof *folders);
    uint32_t *numbers = mote_arena_alloc(&a->arena, t->file_count * sizeof *numbers), count = 1;
    char here[4096];
    folders[0] = *t->files[0].folder         ? t->files[0].folder
                 : getcwd(here, sizeof here) ? mote_arena_text(&a->arena, here, strlen(here))
                                             : ".";
    t->folder = folders[0];
    for (uint32_t i = 0; i < t->file_count; i++)
        numbers[i] = t->files[i].name ? folder_number(t, i, folders, &count) : 0;
    mote_asm_bytes(a, s, folder_form, sizeof folder_form);
    mote_asm_dwarf_uleb128(a, s, count);
    for (uint32_t i = 0; i < count; i++)
        mote_asm_dwarf_text(a, s, folders[i]);
    mote_asm_bytes(a, s, file_form, sizeof file_form);
    mote_asm_dwarf_uleb128(a, s, t->file_count);
    for (uint32_t i = 0; i < t->file_count; i++) {
        mote_asm_dwarf_text(a, s, t->files[i].name ? t->files[i].name : "");
        mote_asm_dwarf_uleb128(a, s, numbers[i]);
    }
}

static void put_address(mote_xt_assembly *a, section *s, symbol *at)
{
    const uint8_t opcode[] = {0, 5, LNE_set_address};
    mote_asm_bytes(a, s, opcode, sizeof opcode);
    mote_asm_dwarf_address(a, s, at);
}

static void put_distance(mote_xt_assembly *a, section *s, symbol *from, symbol *to)
{
    mote_asm_dwarf_number(a, s, LNS_fixed_advance_pc, 1);
    mote_asm_dwarf_distance(a, s, from, to, 0, 2);
}

/* True if `to` lies after `from`, and the distance is sure to fit in 16 bits. */
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
        mote_asm_dwarf_number(a, s, LNS_set_file, 1);
        mote_asm_dwarf_uleb128(a, s, r->file);
    }
    if (r->column != before->column) {
        mote_asm_dwarf_number(a, s, LNS_set_column, 1);
        mote_asm_dwarf_uleb128(a, s, r->column);
    }
    if (r->isa != before->isa) {
        mote_asm_dwarf_number(a, s, LNS_set_isa, 1);
        mote_asm_dwarf_uleb128(a, s, r->isa);
    }
    if (r->discriminator) {
        uint32_t size = 2;
        for (uint32_t rest = r->discriminator >> 7; rest; rest >>= 7)
            size++;
        mote_asm_dwarf_number(a, s, 0, 1);
        mote_asm_dwarf_uleb128(a, s, size);
        mote_asm_dwarf_number(a, s, LNE_set_discriminator, 1);
        mote_asm_dwarf_uleb128(a, s, r->discriminator);
    }
    if ((r->flags ^ before->flags) & ROW_STATEMENT)
        mote_asm_dwarf_number(a, s, LNS_negate_stmt, 1);
    for (size_t i = 0; i < sizeof marks / sizeof *marks; i++)
        if (r->flags & marks[i].flag)
            mote_asm_dwarf_number(a, s, marks[i].opcode, 1);
    if (r->line != before->line) {
        mote_asm_dwarf_number(a, s, LNS_advance_line, 1);
        mote_asm_dwarf_sleb128(a, s, (int64_t)r->line - before->line);
    }
}

/* Writes the rows of one section as one sequence. */
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
        mote_asm_dwarf_number(a, s, LNS_copy, 1);
        before = *r;
    }
    if (!before.at)
        return;
    symbol *end = mote_asm_dwarf_end(a, code);
    if (is_near(before.at, end))
        put_distance(a, s, before.at, end);
    else
        put_address(a, s, end);
    const uint8_t last[] = {0, 1, LNE_end_sequence};
    mote_asm_bytes(a, s, last, sizeof last);
}

bool mote_asm_has_rows(const struct line_table *t, const section *code)
{
    const row *r = t->rows;
    while (r && r->at->place.section != code)
        r = r->next;
    return r != NULL;
}

void mote_asm_finish_lines(mote_xt_assembly *a)
{
    static const uint8_t parameters[] = {1, 1, 1, (uint8_t)-5, 14, OPCODE_BASE, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1};
    struct line_table *t = a->line_table;
    if (!t || a->errors)
        return;
    if (t->pending)
        mote_asm_line_row(a);
    if (!t->rows)
        return;
    section *s = mote_asm_dwarf_section(a, ".debug_line");
    if (!s)
        return;
    mote_asm_line_file(a, 0);
    symbol *end = mote_asm_dwarf_unit(a, s), *program = mote_arena_alloc(&a->arena, sizeof *program);
    mote_asm_dwarf_number(a, s, 4, 1); /* bytes of an address */
    mote_asm_dwarf_number(a, s, 0, 1);
    *program = *end;
    mote_asm_dwarf_distance(a, s, mote_asm_dwarf_begin(a, s), program, 12, 4);
    mote_asm_bytes(a, s, parameters, sizeof parameters);
    put_files(a, s, t);
    program->place = mote_asm_dwarf_end(a, s)->place;
    for (section *code = a->sections; code; code = code->next)
        put_sequence(a, s, t, code);
    end->place = mote_asm_dwarf_end(a, s)->place;
    mote_asm_debug_info(a, s);
}
