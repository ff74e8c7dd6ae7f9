#include "xtensa/debug/lines_header.h"

#include <stdlib.h>

enum {
    MOST_FILES = 1 << 18,
    MOST_FOLDERS = 1 << 16, /* of one unit */
    MOST_FIELDS = 16,       /* of an entry */
};

enum {
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

/* A name given as an offset into a section of names. */
static const char *text_in(mote_xt_line_unit *u, const mote_xt_elf_section *s)
{
    uint64_t offset = mote_xt_fixed(&u->c, 4);
    if (u->c.problem)
        return "";
    if (!s || offset >= s->size) {
        u->c.problem = "a name lies outside its section";
        return "";
    }
    mote_xt_cursor names = {.at = s->data + offset, .end = s->data + s->size};
    const char *found = mote_xt_cursor_text(&names);
    u->c.problem = names.problem;
    return found;
}

void *mote_xt_line_grown(const mote_xt_line_reader *r, void *table, size_t count, size_t *room, size_t entry,
                         size_t most)
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

static bool add_folder(mote_xt_line_unit *u, const char *folder)
{
    const char **folders = (const char **)mote_xt_line_grown(u->r, (void *)u->folders, u->folder_count, &u->folder_room,
                                                             sizeof *folders, MOST_FOLDERS);
    if (!folders)
        return false;
    u->folders = folders;
    u->folders[u->folder_count++] = folder;
    return true;
}

static bool add_file(mote_xt_line_unit *u, const char *name, uint64_t folder)
{
    mote_xt_line_reader *r = u->r;
    mote_xt_lines *l = r->lines;
    mote_xt_source *files = mote_xt_line_grown(r, l->files, l->file_count, &r->file_room, sizeof *files, MOST_FILES);
    if (!files)
        return false;
    l->files = files;
    if (folder >= u->folder_count)
        u->c.problem = u->c.problem ? u->c.problem : "a file is in a folder that is not listed";
    else
        l->files[l->file_count++] = (mote_xt_source){u->folders[folder], name};
    return true;
}

bool mote_xt_line_file(mote_xt_line_unit *u, const char *name)
{
    uint64_t folder = mote_xt_uleb128(&u->c);
    mote_xt_uleb128(&u->c);
    mote_xt_uleb128(&u->c);
    return add_file(u, name, folder);
}

/* The lists of versions 2 to 4. An empty name ends each; number 0 is not listed. */
static bool read_lists(mote_xt_line_unit *u)
{
    if (!add_folder(u, "") || !add_file(u, "", 0))
        return false;
    for (const char *folder; *(folder = mote_xt_cursor_text(&u->c));)
        if (!add_folder(u, folder))
            return false;
    for (const char *name; *(name = mote_xt_cursor_text(&u->c));)
        if (!mote_xt_line_file(u, name))
            return false;
    return true;
}

/* One field of an entry of version 5: a text in *name, or a number in *number. */
static void read_field(mote_xt_line_unit *u, uint64_t form, const char **name, uint64_t *number)
{
    mote_xt_cursor *c = &u->c;
    switch (form) {
    case FORM_string:
        *name = mote_xt_cursor_text(c);
        break;
    case FORM_strp:
        *name = text_in(u, u->r->texts);
        break;
    case FORM_line_strp:
        *name = text_in(u, u->r->line_texts);
        break;
    case FORM_data1:
        *number = mote_xt_fixed(c, 1);
        break;
    case FORM_data2:
        *number = mote_xt_fixed(c, 2);
        break;
    case FORM_data4:
        *number = mote_xt_fixed(c, 4);
        break;
    case FORM_data8:
        *number = mote_xt_fixed(c, 8);
        break;
    case FORM_data16:
        mote_xt_take(c, 16);
        break;
    case FORM_udata:
        *number = mote_xt_uleb128(c);
        break;
    case FORM_block:
        mote_xt_take(c, mote_xt_uleb128(c));
        break;
    default:
        c->problem = c->problem ? c->problem : "an entry has a form that line tables do not have";
    }
}

/* A list of version 5: the format of an entry, then the entries. */
static bool read_list(mote_xt_line_unit *u, bool files)
{
    uint64_t format[MOST_FIELDS][2];
    mote_xt_cursor *c = &u->c;
    unsigned fields = (unsigned)mote_xt_fixed(c, 1);
    if (fields > MOST_FIELDS) {
        c->problem = "an entry has more fields than line tables have";
        return true;
    }
    for (unsigned i = 0; i < fields; i++) {
        format[i][0] = mote_xt_uleb128(c);
        format[i][1] = mote_xt_uleb128(c);
    }
    uint64_t count = mote_xt_uleb128(c);
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

bool mote_xt_line_header(mote_xt_line_unit *u)
{
    mote_xt_cursor *c = &u->c;
    u->version = (uint32_t)mote_xt_fixed(c, 2);
    if (!c->problem && (u->version < 2 || u->version > 5))
        return mote_fail(u->r->error, MOTE_E_UNSUPPORTED, "%s: .debug_line has version %u; expected 2 to 5", u->r->name,
                         u->version);
    if (u->version >= 5)
        mote_xt_take(c, 2); /* sizes of an address and of a segment's number */
    uint64_t size = mote_xt_fixed(c, 4);
    const uint8_t *header = mote_xt_take(c, size);
    mote_xt_cursor program = *c;
    if (header)
        *c = (mote_xt_cursor){.at = header, .end = program.at};
    u->minimum = (uint32_t)mote_xt_fixed(c, 1);
    mote_xt_take(c, u->version >= 4 ? 2 : 1); /* operations in an instruction; whether a row begins a statement */
    u->line_base = (int8_t)mote_xt_fixed(c, 1);
    u->line_range = (unsigned)mote_xt_fixed(c, 1);
    u->opcode_base = (unsigned)mote_xt_fixed(c, 1);
    if (!c->problem && (u->line_range == 0 || u->opcode_base == 0))
        c->problem = "an impossible header";
    u->lengths = mote_xt_take(c, u->opcode_base ? u->opcode_base - 1 : 0);
    if (!(u->version < 5 ? read_lists(u) : read_list(u, false) && read_list(u, true)))
        return false;
    program.problem = c->problem;
    *c = program;
    return true;
}
