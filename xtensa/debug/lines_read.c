#include "xtensa/debug/lines.h"

#include <stdlib.h>
#include <string.h>

enum {
    MOST_ROWS = 1 << 23,
    MOST_FILES = 1 << 18,
    MOST_FOLDERS = 1 << 16, /* of one unit */
    MOST_TEXT = 4096,       /* bytes of a name */
    MOST_LEB = 10,          /* bytes of a LEB128 number */
    MOST_FIELDS = 16,       /* of an entry */
};

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
    LNCT_path = 1,
    LNCT_directory_index = 2,
    FORM_data2 = 0x05,
    FORM_data4 = 0x06,
    FORM_data8 = 0x07,
    FORM_string = 0x08,
    FORM_block = 0x09,
    FORM_data1 = 0x0b,
    FORM_strp = 0x0e,
    FORM_udata = 0x0f,
    FORM_data16 = 0x1e,
    FORM_line_strp = 0x1f,
};

/* Bytes still to be read; once `problem` is set, every number read is 0. */
typedef struct cursor {
    const uint8_t *at, *end;
    const char *problem;
} cursor;

typedef struct reader {
    const char *name;
    mote_xt_lines *lines;
    mote_error *error;
    size_t row_room, file_room;
    const mote_xt_elf_section *texts, *line_texts; /* .debug_str, .debug_line_str; NULL: none */
    uint32_t code_begin, code_end;                 /* the lowest and the highest address of code */
} reader;

/* A table of one compilation. */
typedef struct unit {
    reader *r;
    cursor c;
    uint32_t version;
    uint32_t minimum; /* bytes by which addresses advance */
    int line_base;
    unsigned line_range, opcode_base;
    const uint8_t *lengths; /* of the standard opcodes: how many operands */
    const char **folders;
    size_t folder_count, folder_room;
    size_t first_file;
} unit;

typedef struct state {
    uint32_t address, line;
    uint64_t file;
    size_t first_row; /* of the sequence */
} state;

static const uint8_t *take(cursor *c, uint64_t size)
{
    if (c->problem || size > (uint64_t)(c->end - c->at)) {
        c->problem = c->problem ? c->problem : "it ends too early";
        return NULL;
    }
    const uint8_t *bytes = c->at;
    c->at += size;
    return bytes;
}

static uint64_t fixed(cursor *c, unsigned size)
{
    uint64_t value = 0;
    const uint8_t *bytes = take(c, size);
    for (unsigned i = 0; bytes && i < size && i < 8; i++)
        value |= (uint64_t)bytes[i] << 8 * i;
    return value;
}

/* A number in groups of seven bits; `*sign` gets the highest bit of the last group, shifted beyond it. */
static uint64_t leb128(cursor *c, uint64_t *sign)
{
    uint64_t value = 0;
    *sign = 0;
    for (unsigned i = 0; i < MOST_LEB; i++) {
        const uint8_t *byte = take(c, 1);
        if (!byte)
            return 0;
        value |= (uint64_t)(*byte & 0x7f) << 7 * i;
        if (*byte & 0x80)
            continue;
        if ((*byte & 0x40) && i + 1 < MOST_LEB)
            *sign = ~(uint64_t)0 << 7 * (i + 1);
        return value;
    }
    c->problem = "a LEB128 number does not end";
    return 0;
}

static uint64_t uleb128(cursor *c)
{
    uint64_t sign;
    return leb128(c, &sign);
}

static uint64_t sleb128(cursor *c)
{
    uint64_t sign, value = leb128(c, &sign);
    return value | sign;
}

static const char *text(cursor *c)
{
    size_t left = (size_t)(c->end - c->at);
    const uint8_t *end = c->problem ? NULL : memchr(c->at, 0, left < MOST_TEXT ? left : MOST_TEXT);
    if (!end) {
        c->problem = c->problem ? c->problem : "a name does not end";
        return "";
    }
    return (const char *)take(c, (uint64_t)(end - c->at) + 1);
}

static const mote_xt_elf_section *section(const mote_xt_elf *elf, const char *name)
{
    for (size_t i = 0; i < elf->section_count; i++)
        if (elf->sections[i].data && strcmp(elf->sections[i].name, name) == 0)
            return &elf->sections[i];
    return NULL;
}

/* A name that lies in a section of names. */
static const char *text_in(unit *u, const mote_xt_elf_section *s)
{
    uint64_t offset = fixed(&u->c, 4);
    if (u->c.problem)
        return "";
    if (!s || offset >= s->size) {
        u->c.problem = "a name lies outside its section";
        return "";
    }
    cursor names = {.at = s->data + offset, .end = s->data + s->size};
    const char *found = text(&names);
    u->c.problem = names.problem;
    return found;
}

/* Room for one more in a table; NULL with a message when it has `most`, or memory is out. */
static void *grown(const reader *r, void *table, size_t count, size_t *room, size_t entry, size_t most)
{
    if (count >= most) {
        mote_fail(r->error, MOTE_E_UNSUPPORTED, "%s: more than %zu entries in a table of .debug_line", r->name, most);
        return NULL;
    }
    if (count < *room)
        return table;
    size_t more = *room ? *room * 2 : 64;
    void *larger = realloc(table, more * entry);
    if (!larger)
        mote_fail(r->error, MOTE_E_INTERNAL, "%s: out of memory for its lines", r->name);
    else
        *room = more;
    return larger;
}

static bool add_folder(unit *u, const char *folder)
{
    const char **folders =
        (const char **)grown(u->r, (void *)u->folders, u->folder_count, &u->folder_room, sizeof *folders, MOST_FOLDERS);
    if (!folders)
        return false;
    u->folders = folders;
    u->folders[u->folder_count++] = folder;
    return true;
}

static bool add_file(unit *u, const char *name, uint64_t folder)
{
    reader *r = u->r;
    mote_xt_lines *l = r->lines;
    mote_xt_source *files = grown(r, l->files, l->file_count, &r->file_room, sizeof *files, MOST_FILES);
    if (!files)
        return false;
    l->files = files;
    if (folder >= u->folder_count)
        u->c.problem = u->c.problem ? u->c.problem : "a file is in a folder that is not listed";
    else
        l->files[l->file_count++] = (mote_xt_source){u->folders[folder], name};
    return true;
}

/* NAME FOLDER TIME SIZE, up to version 4. */
static bool read_file(unit *u, const char *name)
{
    uint64_t folder = uleb128(&u->c);
    uleb128(&u->c);
    uleb128(&u->c);
    return add_file(u, name, folder);
}

/* The lists up to version 4, each with an empty name at its end. Number 0 is not listed. */
static bool read_lists(unit *u)
{
    if (!add_folder(u, "") || !add_file(u, "", 0))
        return false;
    for (const char *folder; *(folder = text(&u->c));)
        if (!add_folder(u, folder))
            return false;
    for (const char *name; *(name = text(&u->c));)
        if (!read_file(u, name))
            return false;
    return true;
}

/* One field of an entry of version 5: a text in *name, or a number in *number. */
static void read_field(unit *u, uint64_t form, const char **name, uint64_t *number)
{
    cursor *c = &u->c;
    switch (form) {
    case FORM_string:
        *name = text(c);
        break;
    case FORM_strp:
        *name = text_in(u, u->r->texts);
        break;
    case FORM_line_strp:
        *name = text_in(u, u->r->line_texts);
        break;
    case FORM_data1:
        *number = fixed(c, 1);
        break;
    case FORM_data2:
        *number = fixed(c, 2);
        break;
    case FORM_data4:
        *number = fixed(c, 4);
        break;
    case FORM_data8:
        *number = fixed(c, 8);
        break;
    case FORM_data16:
        take(c, 16);
        break;
    case FORM_udata:
        *number = uleb128(c);
        break;
    case FORM_block:
        take(c, uleb128(c));
        break;
    default:
        c->problem = c->problem ? c->problem : "an entry has a form that line tables do not have";
    }
}

/* A list of version 5: which fields an entry has, and the entries. */
static bool read_list(unit *u, bool files)
{
    uint64_t format[MOST_FIELDS][2];
    cursor *c = &u->c;
    unsigned fields = (unsigned)fixed(c, 1);
    if (fields > MOST_FIELDS) {
        c->problem = "an entry has more fields than line tables have";
        return true;
    }
    for (unsigned i = 0; i < fields; i++) {
        format[i][0] = uleb128(c);
        format[i][1] = uleb128(c);
    }
    uint64_t count = uleb128(c);
    if (count && !fields)
        c->problem = "entries without fields";
    for (uint64_t i = 0; i < count && !c->problem; i++) { /* every field takes a byte or more */
        const char *name = "";
        uint64_t folder = 0;
        for (unsigned k = 0; k < fields; k++) {
            const char *ignored_text;
            uint64_t ignored;
            read_field(u, format[k][1], format[k][0] == LNCT_path ? &name : &ignored_text,
                       format[k][0] == LNCT_directory_index ? &folder : &ignored);
        }
        if (!(files ? add_file(u, name, folder) : add_folder(u, name)))
            return false;
    }
    return true;
}

/* After the length; the numbers of the header up to its lists. False with a message for another version. */
static bool read_header(unit *u)
{
    cursor *c = &u->c;
    u->version = (uint32_t)fixed(c, 2);
    if (!c->problem && (u->version < 2 || u->version > 5))
        return mote_fail(u->r->error, MOTE_E_UNSUPPORTED, "%s: .debug_line has version %u; expected 2 to 5", u->r->name,
                         u->version);
    if (u->version >= 5)
        take(c, 2); /* sizes of an address and of a segment's number */
    uint64_t size = fixed(c, 4);
    cursor header = {.at = c->at, .end = take(c, size) ? c->at : c->end, .problem = c->problem};
    cursor program = *c;
    *c = header;
    u->minimum = (uint32_t)fixed(c, 1);
    take(c, u->version >= 4 ? 2 : 1); /* operations in an instruction; whether a row begins a statement */
    u->line_base = (int8_t)fixed(c, 1);
    u->line_range = (unsigned)fixed(c, 1);
    u->opcode_base = (unsigned)fixed(c, 1);
    if (!c->problem && (u->line_range == 0 || u->opcode_base == 0))
        c->problem = "an impossible header";
    u->lengths = take(c, u->opcode_base ? u->opcode_base - 1 : 0);
    if (!(u->version < 5 ? read_lists(u) : read_list(u, false) && read_list(u, true)))
        return false;
    program.problem = c->problem;
    *c = program;
    return true;
}

/* A later row at the same address replaces the one before. */
static bool add_row(unit *u, const state *s)
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
    mote_xt_line *rows = grown(u->r, l->rows, l->row_count, &u->r->row_room, sizeof row, MOST_ROWS);
    if (!rows)
        return false;
    l->rows = rows;
    l->rows[l->row_count++] = row;
    return true;
}

/* Functions that the linker dropped lie at 0, where no code is. */
static bool end_sequence(unit *u, state *s)
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

static bool run_extended(unit *u, state *s)
{
    uint64_t size = uleb128(&u->c);
    const uint8_t *bytes = take(&u->c, size);
    cursor rest = u->c;
    if (!bytes || size == 0)
        return true;
    u->c.at = bytes;
    u->c.end = rest.at;
    bool ok = true;
    switch (fixed(&u->c, 1)) {
    case LNE_end_sequence:
        ok = end_sequence(u, s);
        break;
    case LNE_set_address:
        s->address = (uint32_t)fixed(&u->c, 4);
        break;
    case LNE_define_file:
        ok = read_file(u, text(&u->c));
        break;
    default:
        break;
    }
    rest.problem = u->c.problem;
    u->c = rest;
    return ok;
}

static bool run_opcode(unit *u, state *s)
{
    cursor *c = &u->c;
    unsigned opcode = (unsigned)fixed(c, 1);
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
        s->address += (uint32_t)uleb128(c) * u->minimum;
        return true;
    case LNS_advance_line:
        s->line += (uint32_t)sleb128(c);
        return true;
    case LNS_set_file:
        s->file = uleb128(c);
        return true;
    case LNS_const_add_pc:
        s->address += (255 - u->opcode_base) / u->line_range * u->minimum;
        return true;
    case LNS_fixed_advance_pc:
        s->address += (uint32_t)fixed(c, 2);
        return true;
    default: /* column, statement and the like */
        for (unsigned i = 0; i < u->lengths[opcode - 1]; i++)
            uleb128(c);
        return true;
    }
}

static bool read_unit(unit *u)
{
    if (!read_header(u))
        return false;
    state s = {.file = 1, .line = 1, .first_row = u->r->lines->row_count};
    while (!u->c.problem && u->c.at < u->c.end)
        if (!run_opcode(u, &s))
            return false;
    if (!u->c.problem && u->r->lines->row_count != s.first_row)
        u->c.problem = "its last sequence has no end";
    return true;
}

static bool read_units(reader *r, const mote_xt_elf_section *s)
{
    cursor all = {.at = s->data, .end = s->data + s->size};
    while (all.at < all.end) {
        unit u = {.r = r, .first_file = r->lines->file_count};
        const uint8_t *begin = all.at;
        uint64_t size = fixed(&all, 4);
        u.c.at = all.at;
        u.c.end = take(&all, size) ? all.at : all.end;
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

/* Where one sequence ends and another begins, the one that begins counts. */
static int compare_rows(const void *left, const void *right)
{
    const mote_xt_line *a = left, *b = right;
    if (a->address != b->address)
        return a->address < b->address ? -1 : 1;
    if (a->line != b->line)
        return a->line < b->line ? -1 : 1;
    return a->file < b->file ? -1 : a->file > b->file;
}

static void find_code(reader *r, const mote_xt_elf *elf)
{
    for (size_t i = 0; i < elf->section_count; i++) {
        const mote_xt_elf_section *s = &elf->sections[i];
        if (!(s->flags & SHF_EXECINSTR) || s->size == 0 || s->size > UINT32_MAX - s->address)
            continue;
        r->code_begin = s->address < r->code_begin ? s->address : r->code_begin;
        r->code_end = s->address + s->size > r->code_end ? s->address + s->size : r->code_end;
    }
}

bool mote_xt_lines_read(const mote_xt_elf *elf, const char *name, mote_xt_lines *out, mote_error *error)
{
    *out = (mote_xt_lines){0};
    reader r = {.name = name, .lines = out, .error = error, .code_begin = UINT32_MAX};
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
