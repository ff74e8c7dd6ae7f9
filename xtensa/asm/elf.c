#include "xtensa/asm/elf.h"

#include <stdlib.h>
#include <string.h>

/* Structures are copied out of the file, because nothing in a damaged file need be aligned. They are not byte-swapped:
 * host and file are little endian. */
_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "ELF structures are read as they lie in the file");

typedef struct reader {
    const uint8_t *data;
    size_t size;
    const char *name;
    mote_xt_elf *elf;
    mote_error *error;
    Elf32_Ehdr header;
    Elf32_Shdr *headers; /* as in the file */
} reader;

static bool inside(const reader *r, uint32_t offset, uint64_t size)
{
    return size <= r->size && offset <= r->size - size;
}

static bool fail(const reader *r, const char *what, size_t index)
{
    mote_fail(r->error, MOTE_E_FORMAT, "%s: %s (entry %zu); the ELF file is damaged", r->name, what, index);
    return false;
}

/* Allocates a zeroed table. It has one entry more than asked, so that an empty table is not NULL. */
static void *table(const reader *r, size_t count, size_t entry)
{
    void *p = calloc(count + 1, entry);
    if (!p)
        mote_fail(r->error, MOTE_E_INTERNAL, "%s: no memory for %zu table entries", r->name, count);
    return p;
}

static bool read_header(reader *r)
{
    Elf32_Ehdr *h = &r->header;
    if (r->size < sizeof *h)
        return mote_fail(r->error, MOTE_E_FORMAT, "%s: %zu bytes, too short for an ELF file", r->name, r->size);
    memcpy(h, r->data, sizeof *h);
    if (memcmp(h->e_ident, ELFMAG, SELFMAG) != 0)
        return mote_fail(r->error, MOTE_E_FORMAT, "%s: not an ELF file", r->name);
    if (h->e_ident[EI_CLASS] != ELFCLASS32 || h->e_ident[EI_DATA] != ELFDATA2LSB || h->e_machine != EM_XTENSA)
        return mote_fail(r->error, MOTE_E_UNSUPPORTED, "%s: not for a 32-bit little-endian Xtensa (machine %u)",
                         r->name, h->e_machine);
    if (h->e_type != ET_REL && h->e_type != ET_EXEC)
        return mote_fail(r->error, MOTE_E_UNSUPPORTED, "%s: ELF type %u; give an object file or a static executable",
                         r->name, h->e_type);
    r->elf->type = h->e_type;
    r->elf->entry = h->e_entry;
    return true;
}

static bool read_segments(reader *r)
{
    size_t count = r->header.e_phnum;
    if (count &&
        (r->header.e_phentsize != sizeof(Elf32_Phdr) || !inside(r, r->header.e_phoff, count * sizeof(Elf32_Phdr))))
        return fail(r, "the program headers lie outside the file", 0);
    if (!(r->elf->segments = table(r, count, sizeof *r->elf->segments)))
        return false;
    uint64_t total = 0;
    for (size_t i = 0; i < count; i++) {
        Elf32_Phdr p;
        memcpy(&p, r->data + r->header.e_phoff + i * sizeof p, sizeof p);
        if (!inside(r, p.p_offset, p.p_filesz))
            return fail(r, "a segment lies outside the file", i);
        if (p.p_type == PT_LOAD && (p.p_filesz > p.p_memsz || p.p_memsz > UINT32_MAX - p.p_vaddr))
            return fail(r, "a segment's memory size is impossible", i);
        if (p.p_type == PT_LOAD && (total += p.p_filesz) > 4 * (uint64_t)r->size)
            return fail(r, "the segments overlap", i); /* two segments may share a page */
        r->elf->segments[r->elf->segment_count++] = (mote_xt_elf_segment){
            p.p_type, p.p_flags, p.p_vaddr, p.p_paddr, p.p_filesz, p.p_memsz, r->data + p.p_offset,
        };
    }
    return true;
}

/* Returns the string at `offset` of string section `index`, or NULL when it does not lie inside with its NUL. */
static const char *string(const reader *r, uint32_t index, uint32_t offset)
{
    if (index == 0 || index >= r->elf->section_count || r->headers[index].sh_type != SHT_STRTAB)
        return NULL;
    const Elf32_Shdr *s = &r->headers[index];
    if (offset >= s->sh_size)
        return NULL;
    const char *text = (const char *)r->data + s->sh_offset + offset;
    return memchr(text, 0, s->sh_size - offset) ? text : NULL;
}

static bool read_section_headers(reader *r)
{
    size_t count = r->header.e_shnum;
    if (count &&
        (r->header.e_shentsize != sizeof(Elf32_Shdr) || !inside(r, r->header.e_shoff, count * sizeof(Elf32_Shdr))))
        return fail(r, "the section headers lie outside the file", 0);
    if (!(r->headers = table(r, count, sizeof *r->headers)) ||
        !(r->elf->sections = table(r, count, sizeof *r->elf->sections)))
        return false;
    if (count)
        memcpy(r->headers, r->data + r->header.e_shoff, count * sizeof *r->headers);
    r->elf->section_count = count;
    uint64_t total = 0;
    for (size_t i = 0; i < count; i++) {
        const Elf32_Shdr *s = &r->headers[i];
        bool bytes = s->sh_type != SHT_NOBITS && s->sh_type != SHT_NULL;
        if (bytes && !inside(r, s->sh_offset, s->sh_size))
            return fail(r, "a section lies outside the file", i);
        /* Headers that share bytes would let a small file cause the work of a huge one. */
        if (bytes && (total += s->sh_size) > r->size)
            return fail(r, "the sections overlap", i);
        r->elf->sections[i] = (mote_xt_elf_section){
            "", s->sh_type, s->sh_flags, s->sh_addr, s->sh_size, s->sh_addralign, bytes ? r->data + s->sh_offset : NULL,
        };
    }
    for (size_t i = 1; i < count; i++) {
        const char *name = string(r, r->header.e_shstrndx, r->headers[i].sh_name);
        if (!name && r->header.e_shstrndx != SHN_UNDEF)
            return fail(r, "a section's name lies outside the string table", i);
        r->elf->sections[i].name = name ? name : "";
    }
    return true;
}

static bool read_symbols(reader *r, size_t table_index)
{
    const Elf32_Shdr *s = &r->headers[table_index];
    size_t count = s->sh_size / sizeof(Elf32_Sym);
    if (s->sh_entsize != sizeof(Elf32_Sym))
        return fail(r, "the symbol table's entry size is wrong", table_index);
    if (r->elf->symbols)
        return fail(r, "there are two symbol tables", table_index);
    if (!(r->elf->symbols = table(r, count, sizeof *r->elf->symbols)))
        return false;
    for (size_t i = 0; i < count; i++) {
        Elf32_Sym y;
        memcpy(&y, r->data + s->sh_offset + i * sizeof y, sizeof y);
        const char *name = y.st_name ? string(r, s->sh_link, y.st_name) : "";
        if (!name)
            return fail(r, "a symbol's name lies outside the string table", i);
        bool special = y.st_shndx == SHN_ABS || y.st_shndx == SHN_COMMON;
        if (!special && y.st_shndx >= r->elf->section_count && y.st_shndx != SHN_UNDEF)
            return fail(r, "a symbol's section does not exist", i);
        r->elf->symbols[i] = (mote_xt_elf_symbol){
            name, y.st_value, y.st_size, ELF32_ST_TYPE(y.st_info), ELF32_ST_BIND(y.st_info), y.st_shndx,
        };
    }
    r->elf->symbol_count = count;
    return true;
}

static bool read_relocs(reader *r, size_t table_index)
{
    const Elf32_Shdr *s = &r->headers[table_index];
    if (s->sh_entsize != sizeof(Elf32_Rela))
        return fail(r, "a relocation table's entry size is wrong", table_index);
    if (s->sh_info >= r->elf->section_count)
        return fail(r, "a relocation table is for a section that does not exist", table_index);
    size_t count = s->sh_size / sizeof(Elf32_Rela);
    for (size_t i = 0; i < count; i++) {
        Elf32_Rela a;
        memcpy(&a, r->data + s->sh_offset + i * sizeof a, sizeof a);
        if (ELF32_R_SYM(a.r_info) && ELF32_R_SYM(a.r_info) >= r->elf->symbol_count)
            return fail(r, "a relocation's symbol does not exist", i);
        if (r->elf->type == ET_REL && a.r_offset >= r->elf->sections[s->sh_info].size)
            return fail(r, "a relocation lies outside its section", i);
        r->elf->relocs[r->elf->reloc_count++] = (mote_xt_elf_reloc){
            s->sh_info, a.r_offset, ELF32_R_TYPE(a.r_info), ELF32_R_SYM(a.r_info), a.r_addend,
        };
    }
    return true;
}

static int compare_relocs(const void *left, const void *right)
{
    const mote_xt_elf_reloc *a = left, *b = right;
    if (a->section != b->section)
        return a->section < b->section ? -1 : 1;
    if (a->offset != b->offset)
        return a->offset < b->offset ? -1 : 1;
    return 0;
}

static bool read_tables(reader *r)
{
    size_t total = 0;
    for (size_t i = 0; i < r->elf->section_count; i++) {
        if (r->headers[i].sh_type == SHT_SYMTAB && !read_symbols(r, i))
            return false;
        if (r->headers[i].sh_type == SHT_RELA)
            total += r->headers[i].sh_size / sizeof(Elf32_Rela);
    }
    if (!r->elf->symbols) {
        r->elf->symbol_count = 0;
        if (!(r->elf->symbols = table(r, 0, sizeof *r->elf->symbols)))
            return false;
    }
    if (!(r->elf->relocs = table(r, total, sizeof *r->elf->relocs)))
        return false;
    for (size_t i = 0; i < r->elf->section_count; i++)
        if (r->headers[i].sh_type == SHT_RELA && !read_relocs(r, i))
            return false;
    qsort(r->elf->relocs, r->elf->reloc_count, sizeof *r->elf->relocs, compare_relocs);
    return true;
}

static uint32_t group(const mote_xt_elf *elf, const mote_xt_elf_symbol *s)
{
    return elf->type == ET_REL ? s->section : 0;
}

static int compare_places(const void *left, const void *right, void *context)
{
    const mote_xt_elf *elf = context;
    const mote_xt_elf_symbol *a = &elf->symbols[*(const uint32_t *)left], *b = &elf->symbols[*(const uint32_t *)right];
    if (group(elf, a) != group(elf, b))
        return group(elf, a) < group(elf, b) ? -1 : 1;
    if (a->value != b->value)
        return a->value < b->value ? -1 : 1;
    /* The search takes the last of several symbols at one address: a function before an object, global before local. */
    int rank_a = (a->type == STT_FUNC) * 4 + (a->binding != STB_LOCAL) * 2 + (a->size != 0);
    int rank_b = (b->type == STT_FUNC) * 4 + (b->binding != STB_LOCAL) * 2 + (b->size != 0);
    return rank_a - rank_b;
}

/* True if the section of an executable covers the address, and always in a relocatable file. A linker script's `_end`
 * lies just after the section that it belongs to. */
static bool covers(const mote_xt_elf *elf, uint32_t section, uint32_t address)
{
    return elf->type == ET_REL || address - elf->sections[section].address < elf->sections[section].size;
}

static bool sort_symbols(reader *r)
{
    mote_xt_elf *elf = r->elf;
    if (!(elf->by_address = table(r, elf->symbol_count, sizeof *elf->by_address)))
        return false;
    for (uint32_t i = 1; i < elf->symbol_count; i++) {
        const mote_xt_elf_symbol *s = &elf->symbols[i];
        if (*s->name && s->type != STT_SECTION && s->type != STT_FILE && s->section != SHN_UNDEF &&
            s->section < SHN_LORESERVE && covers(elf, s->section, s->value))
            elf->by_address[elf->by_address_count++] = i;
    }
    qsort_r(elf->by_address, elf->by_address_count, sizeof *elf->by_address, compare_places, elf);
    return true;
}

bool mote_xt_elf_open(const uint8_t *data, size_t size, const char *name, mote_xt_elf *out, mote_error *error)
{
    *out = (mote_xt_elf){0};
    reader r = {.data = data, .size = size, .name = name, .elf = out, .error = error};
    bool ok = read_header(&r) && read_segments(&r) && read_section_headers(&r) && read_tables(&r) && sort_symbols(&r);
    free(r.headers);
    if (!ok)
        mote_xt_elf_close(out);
    return ok;
}

void mote_xt_elf_close(mote_xt_elf *elf)
{
    free(elf->sections);
    free(elf->segments);
    free(elf->symbols);
    free(elf->relocs);
    free(elf->by_address);
    *elf = (mote_xt_elf){0};
}

/* Returns the index in by_address of the first symbol above `address`. */
static size_t first_beyond(const mote_xt_elf *elf, uint32_t wanted, uint32_t address)
{
    size_t low = 0, high = elf->by_address_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const mote_xt_elf_symbol *s = &elf->symbols[elf->by_address[middle]];
        if (group(elf, s) < wanted || (group(elf, s) == wanted && s->value <= address))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const mote_xt_elf_symbol *mote_xt_elf_symbol_at(const mote_xt_elf *elf, uint32_t section, uint32_t address,
                                                uint32_t *offset)
{
    uint32_t wanted = elf->type == ET_REL ? section : 0;
    size_t beyond = first_beyond(elf, wanted, address);
    if (beyond == 0)
        return NULL;
    const mote_xt_elf_symbol *s = &elf->symbols[elf->by_address[beyond - 1]];
    if (group(elf, s) != wanted || !covers(elf, s->section, address) || (s->size && address - s->value >= s->size))
        return NULL;
    *offset = address - s->value;
    return s;
}

const mote_xt_elf_symbol *mote_xt_elf_symbol_after(const mote_xt_elf *elf, uint32_t section, uint32_t address)
{
    uint32_t wanted = elf->type == ET_REL ? section : 0;
    size_t beyond = first_beyond(elf, wanted, address);
    const mote_xt_elf_symbol *s = beyond < elf->by_address_count ? &elf->symbols[elf->by_address[beyond]] : NULL;
    return s && group(elf, s) == wanted ? s : NULL;
}

const mote_xt_elf_symbol *mote_xt_elf_symbol_find(const mote_xt_elf *elf, const char *name)
{
    const mote_xt_elf_symbol *local = NULL;
    for (size_t i = 1; i < elf->symbol_count; i++) {
        const mote_xt_elf_symbol *s = &elf->symbols[i];
        if (s->section == SHN_UNDEF || strcmp(s->name, name) != 0)
            continue;
        if (s->binding != STB_LOCAL)
            return s;
        if (!local)
            local = s;
    }
    return local;
}
