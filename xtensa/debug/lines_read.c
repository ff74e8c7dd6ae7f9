#include <stdlib.h>
#include <string.h>

#include "xtensa/debug/lines_header.h"

enum { MOST_ROWS = 1 << 23 };

enum {
    LNS_copy = 1,
    LNS_advance_pc = 2,
    LNS_advance_line = 3,
    LNS_set_file = 4,
    LNS_const_add_pc = 8,
    LNS_fixed_advance_pc = 9,
    LNE_end_sequence = 1,
    LNE_set_address = 2,
    LNE_define_file = 3,
};

typedef struct state {
    uint32_t address, line;
    uint64_t file;
    size_t first_row; /* of the sequence */
} state;

/* A row replaces an earlier one at the same address. */
static bool add_row(mote_xt_line_unit *u, const state *s)
{
    mote_xt_lines *l = u->r->lines;
    size_t file = u->first_file + (size_t)s->file;
    if (s->file >= l->file_count - u->first_file) {
        u->c.problem = "a row names a file that is not listed";
        return true;
    }
    mote_xt_line row = {s->address, (uint32_t)file, s->line};
    if (l->row_count > s->first_row && l->rows[l->row_count - 1].address == s->address) {
        l->rows[l->row_count - 1] = row;
        return true;
    }
    mote_xt_line *rows = mote_xt_line_grown(u->r, l->rows, l->row_count, &u->r->row_room, sizeof row, MOST_ROWS);
    if (!rows)
        return false;
    l->rows = rows;
    l->rows[l->row_count++] = row;
    return true;
}

/* Drops the rows of functions that the linker removed: they lie at 0, where there is no code. */
static bool end_sequence(mote_xt_line_unit *u, state *s)
{
    mote_xt_lines *l = u->r->lines;
    while (l->row_count > s->first_row && l->rows[l->row_count - 1].address >= s->address)
        l->row_count--;
    if (l->row_count > s->first_row &&
        (l->rows[s->first_row].address < u->r->code_begin || s->address > u->r->code_end))
        l->row_count = s->first_row;
    s->line = 0;
    s->file = 0;
    bool ok = l->row_count == s->first_row || add_row(u, s);
    *s = (state){.file = 1, .line = 1, .first_row = l->row_count};
    return ok;
}

static bool run_extended(mote_xt_line_unit *u, state *s)
{
    uint64_t size = mote_xt_uleb128(&u->c);
    const uint8_t *bytes = mote_xt_take(&u->c, size);
    mote_xt_cursor rest = u->c;
    if (!bytes || size == 0)
        return true;
    u->c.at = bytes;
    u->c.end = rest.at;
    bool ok = true;
    switch (mote_xt_fixed(&u->c, 1)) {
    case LNE_end_sequence:
        ok = end_sequence(u, s);
        break;
    case LNE_set_address:
        s->address = (uint32_t)mote_xt_fixed(&u->c, 4);
        break;
    case LNE_define_file:
        ok = mote_xt_line_file(u, mote_xt_cursor_text(&u->c));
        break;
    default:
        break;
    }
    rest.problem = u->c.problem;
    u->c = rest;
    return ok;
}

static bool run_opcode(mote_xt_line_unit *u, state *s)
{
    mote_xt_cursor *c = &u->c;
    unsigned opcode = (unsigned)mote_xt_fixed(c, 1);
    if (opcode >= u->opcode_base) {
        unsigned step = opcode - u->opcode_base;
        s->address += step / u->line_range * u->minimum;
        s->line += (uint32_t)(u->line_base + (int)(step % u->line_range));
        return add_row(u, s);
    }
    switch (opcode) {
    case 0:
        return run_extended(u, s);
    case LNS_copy:
        return add_row(u, s);
    case LNS_advance_pc:
        s->address += (uint32_t)mote_xt_uleb128(c) * u->minimum;
        return true;
    case LNS_advance_line:
        s->line += (uint32_t)mote_xt_sleb128(c);
        return true;
    case LNS_set_file:
        s->file = mote_xt_uleb128(c);
        return true;
    case LNS_const_add_pc:
        s->address += (255 - u->opcode_base) / u->line_range * u->minimum;
        return true;
    case LNS_fixed_advance_pc:
        s->address += (uint32_t)mote_xt_fixed(c, 2);
        return true;
    default: /* column, statement and the like */
        for (unsigned i = 0; i < u->lengths[opcode - 1]; i++)
            mote_xt_uleb128(c);
        return true;
    }
}

static bool read_unit(mote_xt_line_unit *u)
{
    if (!mote_xt_line_header(u))
        return false;
    state s = {.file = 1, .line = 1, .first_row = u->r->lines->row_count};
    while (!u->c.problem && u->c.at < u->c.end)
        if (!run_opcode(u, &s))
            return false;
    if (!u->c.problem && u->r->lines->row_count != s.first_row)
        u->c.problem = "its last sequence has no end";
    return true;
}

static bool read_units(mote_xt_line_reader *r, const mote_xt_elf_section *s)
{
    mote_xt_cursor all = {.at = s->data, .end = s->data + s->size};
    while (all.at < all.end) {
        mote_xt_line_unit u = {.r = r, .first_file = r->lines->file_count};
        const uint8_t *begin = all.at;
        uint64_t size = mote_xt_fixed(&all, 4);
        u.c.at = all.at;
        u.c.end = mote_xt_take(&all, size) ? all.at : all.end;
        u.c.problem = all.problem;
        bool ok = read_unit(&u);
        free((void *)u.folders);
        if (!ok)
            return false;
        if (u.c.problem)
            return mote_fail(r->error, MOTE_E_FORMAT, "%s: the line table at byte %zu of .debug_line is damaged: %s",
                             r->name, (size_t)(begin - s->data), u.c.problem);
    }
    return true;
}

/* At the same address, the start of a sequence sorts after the end of another, whose line is 0. */
static int compare_rows(const void *left, const void *right)
{
    const mote_xt_line *a = left, *b = right;
    if (a->address != b->address)
        return a->address < b->address ? -1 : 1;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return a->file < b->file ? -1 : a->file > b->file;
}

static void find_code(mote_xt_line_reader *r, const mote_xt_elf *elf)
{
    for (size_t i = 0; i < elf->section_count; i++) {
        const mote_xt_elf_section *s = &elf->sections[i];
        if (!(s->flags & SHF_EXECINSTR) || s->size == 0 || s->size > UINT32_MAX - s->address)
            continue;
        r->code_begin = s->address < r->code_begin ? s->address : r->code_begin;
        r->code_end = s->address + s->size > r->code_end ? s->address + s->size : r->code_end;
    }
}

static const mote_xt_elf_section *section(const mote_xt_elf *elf, const char *name)
{
    for (size_t i = 0; i < elf->section_count; i++)
        if (elf->sections[i].data && strcmp(elf->sections[i].name, name) == 0)
            return &elf->sections[i];
    return NULL;
}

bool mote_xt_lines_read(const mote_xt_elf *elf, const char *name, mote_xt_lines *out, mote_error *error)
{
    *out = (mote_xt_lines){0};
    mote_xt_line_reader r = {.name = name, .lines = out, .error = error, .code_begin = UINT32_MAX};
    r.texts = section(elf, ".debug_str");
    r.line_texts = section(elf, ".debug_line_str");
    find_code(&r, elf);
    const mote_xt_elf_section *s = section(elf, ".debug_line");
    if (!s || elf->type != ET_EXEC)
        return true;
    bool ok = !(s->flags & SHF_COMPRESSED);
    if (!ok)
        mote_fail(error, MOTE_E_UNSUPPORTED, "%s: .debug_line is compressed; link with --compress-debug-sections=none",
                  name);
    ok = ok && read_units(&r, s);
    if (!ok)
        mote_xt_lines_free(out);
    else if (out->row_count)
        qsort(out->rows, out->row_count, sizeof *out->rows, compare_rows);
    return ok;
}
