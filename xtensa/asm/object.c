/* Writes an assembly as an ELF32 relocatable file. */
#include <stdlib.h>
#include <string.h>

#include "xtensa/asm/assembler.h"

#define EF_XTENSA_XT_INSN 0x100
#define EF_XTENSA_XT_LIT  0x200

typedef struct builder {
    mote_xt_assembly *a;
    char *bytes;
    size_t size;
    FILE *stream; /* writes to bytes */
    Elf32_Ehdr header;
    Elf32_Shdr *headers;
    uint32_t header_count;
    FILE *strings; /* symbol names */
    char *string_bytes;
    size_t string_size;
    FILE *names; /* section names */
    char *name_bytes;
    size_t name_size;
    Elf32_Sym *symbols;
    uint32_t symbol_count, first_global;
} builder;

static uint32_t add_string(FILE *to, const char *text)
{
    long at = ftell(to);
    fwrite(text, 1, strlen(text) + 1, to);
    return (uint32_t)at;
}

static void pad_to(FILE *out, uint32_t align)
{
    while (align > 1 && ftell(out) % (long)align)
        fputc(0, out);
}

/* Adds a section header and, unless the type is SHT_NOBITS, writes the bytes. Returns the index of the section. */
static uint32_t add_section(builder *b, const char *name, Elf32_Shdr header, const void *bytes)
{
    pad_to(b->stream, header.sh_addralign);
    header.sh_name = add_string(b->names, name);
    header.sh_offset = (Elf32_Off)ftell(b->stream);
    if (header.sh_type != SHT_NOBITS && header.sh_size)
        fwrite(bytes, 1, header.sh_size, b->stream);
    b->headers[b->header_count] = header;
    return b->header_count++;
}

/* Reserves a header for each group that sections name. Its members are known when every section has an index. */
static void add_groups(builder *b)
{
    for (section *s = b->a->sections; s; s = s->next) {
        const section *first = b->a->sections;
        while (s->group && first != s && !(first->group && strcmp(first->group, s->group) == 0))
            first = first->next;
        if (s->group && first == s)
            b->header_count++; /* filled in by complete_groups */
    }
}

/* Writes the sections, literal sections first: an l32r reaches only backwards, and the linker keeps the order. */
static void add_contents(builder *b)
{
    for (int literals = 1; literals >= 0; literals--)
        for (section *s = b->a->sections; s; s = s->next)
            if ((s->code != NULL) == literals)
                s->index = add_section(b, s->name,
                                       (Elf32_Shdr){.sh_type = s->type,
                                                    .sh_flags = s->flags | (s->group ? SHF_GROUP : 0),
                                                    .sh_size = s->size,
                                                    .sh_addralign = s->align,
                                                    .sh_entsize = s->entry_size},
                                       s->image);
}

static void add_symbol(builder *b, const char *name, Elf32_Sym s)
{
    s.st_name = *name ? add_string(b->strings, name) : 0;
    b->symbols[b->symbol_count++] = s;
}

static bool is_listed(const symbol *s)
{
    return !s->numeric && !s->unlisted && (s->binding != STB_LOCAL || strncmp(s->name, ".L", 2) != 0) &&
           (s->kind != SYMBOL_UNDEFINED || s->referenced || s->binding != STB_LOCAL || s->visibility);
}

static void add_named(builder *b, symbol *s)
{
    mote_xt_assembly *a = b->a;
    Elf32_Sym y = {.st_info = (unsigned char)ELF32_ST_INFO(s->binding, s->type), .st_other = s->visibility};
    value v = {.kind = VALUE_ERROR, .problem = "a symbol cannot stand for an undefined one"};
    if (s->kind == SYMBOL_PLACE && s->place.section->absolute)
        v = mote_asm_eval(a, mote_asm_symbol_expr(a, s));
    else if (s->kind == SYMBOL_PLACE)
        v = (value){
            .kind = VALUE_PLACE, .section = s->place.section, .number = s->place.item->address + s->place.offset};
    else if (s->kind == SYMBOL_VALUE)
        v = mote_asm_eval(a, s->value);
    if (v.kind == VALUE_PLACE) {
        y.st_shndx = (Elf32_Section)v.section->index;
        y.st_value = (uint32_t)v.number;
    } else if (v.kind == VALUE_NUMBER) {
        y.st_shndx = SHN_ABS;
        y.st_value = (uint32_t)v.number;
    } else if (s->kind == SYMBOL_COMMON) {
        y.st_shndx = SHN_COMMON;
        y.st_value = s->align;
    } else if (s->kind == SYMBOL_VALUE) {
        mote_asm_error_at(a, s->line, s->at, "%s",
                          v.problem ? v.problem : "a symbol cannot stand for an undefined one");
    }
    value size = s->size ? mote_asm_eval(a, s->size) : (value){.kind = VALUE_NUMBER};
    if (size.kind == VALUE_NUMBER)
        y.st_size = (uint32_t)size.number;
    else
        mote_asm_error_at(a, s->line, s->at, "the .size of '%s' is not a number", s->name);
    s->index = b->symbol_count;
    add_symbol(b, s->name, y);
}

static void add_symbols(builder *b)
{
    add_symbol(b, "", (Elf32_Sym){0});
    if (b->a->source_name)
        add_symbol(b, b->a->source_name,
                   (Elf32_Sym){.st_info = ELF32_ST_INFO(STB_LOCAL, STT_FILE), .st_shndx = SHN_ABS});
    for (section *s = b->a->sections; s; s = s->next) {
        s->symbol_index = b->symbol_count;
        add_symbol(b, "",
                   (Elf32_Sym){.st_info = ELF32_ST_INFO(STB_LOCAL, STT_SECTION), .st_shndx = (Elf32_Section)s->index});
    }
    for (int global = 0; global <= 1; global++) {
        if (global)
            b->first_global = b->symbol_count;
        for (const symbol *first = b->a->symbols; first; first = first->next)
            if (is_listed(first->latest) && (first->latest->binding != STB_LOCAL) == global)
                add_named(b, first->latest);
    }
}

static void add_relocs(builder *b, uint32_t symtab)
{
    for (section *s = b->a->sections; s; s = s->next) {
        if (s->reloc_count == 0)
            continue;
        Elf32_Rela *table = mote_arena_alloc(&b->a->arena, s->reloc_count * sizeof *table);
        size_t n = 0;
        for (const reloc *r = s->relocs; r; r = r->next) {
            uint32_t target = r->section ? r->section->symbol_index : r->symbol ? r->symbol->index : 0;
            table[n++] = (Elf32_Rela){r->offset, ELF32_R_INFO(target, r->type), r->addend};
        }
        s->reloc_index = add_section(b, mote_asm_print(b->a, ".rela%s", s->name),
                                     (Elf32_Shdr){.sh_type = SHT_RELA,
                                                  .sh_flags = SHF_INFO_LINK | (s->group ? SHF_GROUP : 0),
                                                  .sh_size = s->reloc_count * 12,
                                                  .sh_link = symtab,
                                                  .sh_info = s->index,
                                                  .sh_addralign = 4,
                                                  .sh_entsize = 12},
                                     table);
    }
}

/* Returns the index in the file of the symbol that names a group, or 0. */
static uint32_t signature(builder *b, const char *name)
{
    const symbol *s = mote_asm_symbol_if(b->a, name);
    return s ? s->index : 0;
}

/* Writes the members of each group after the sections, and fills in the headers that add_groups reserved. */
static void complete_groups(builder *b, uint32_t symtab)
{
    uint32_t index = 1;
    for (section *s = b->a->sections; s; s = s->next) {
        if (!s->group || s->grouped)
            continue;
        uint32_t *words = mote_arena_alloc(&b->a->arena, (2 * (size_t)b->header_count + 1) * sizeof *words), n = 0;
        words[n++] = s->comdat ? GRP_COMDAT : 0;
        for (section *member = s; member; member = member->next)
            if (member->group && strcmp(member->group, s->group) == 0) {
                member->grouped = true;
                words[n++] = member->index;
                if (member->reloc_count)
                    words[n++] = member->reloc_index;
            }
        uint32_t kept = b->header_count;
        b->header_count = index++;
        add_section(b, ".group",
                    (Elf32_Shdr){.sh_type = SHT_GROUP,
                                 .sh_size = n * 4,
                                 .sh_link = symtab,
                                 .sh_info = signature(b, s->group),
                                 .sh_addralign = 4,
                                 .sh_entsize = 4},
                    words);
        b->header_count = kept;
    }
}

static void add_tables(builder *b, uint32_t relocated)
{
    uint32_t symtab = b->header_count + relocated;
    add_relocs(b, symtab);
    complete_groups(b, symtab);
    add_section(b, ".symtab",
                (Elf32_Shdr){.sh_type = SHT_SYMTAB,
                             .sh_size = b->symbol_count * 16,
                             .sh_link = symtab + 1,
                             .sh_info = b->first_global,
                             .sh_addralign = 4,
                             .sh_entsize = 16},
                b->symbols);
    fflush(b->strings);
    add_section(b, ".strtab",
                (Elf32_Shdr){.sh_type = SHT_STRTAB, .sh_size = (uint32_t)b->string_size, .sh_addralign = 1},
                b->string_bytes);
    uint32_t name = add_string(b->names, ".shstrtab");
    fflush(b->names);
    b->headers[b->header_count++] = (Elf32_Shdr){.sh_name = name,
                                                 .sh_type = SHT_STRTAB,
                                                 .sh_offset = (Elf32_Off)ftell(b->stream),
                                                 .sh_size = (uint32_t)b->name_size,
                                                 .sh_addralign = 1};
    fwrite(b->name_bytes, 1, b->name_size, b->stream);
}

static void build(builder *b)
{
    mote_xt_assembly *a = b->a;
    uint32_t sections = 0, relocated = 0;
    mote_asm_properties(a);
    for (section *s = a->sections; s; s = s->next, sections++)
        relocated += s->reloc_count != 0;
    b->headers = mote_arena_alloc(&a->arena, (2 * sections + relocated + 8) * sizeof *b->headers);
    b->symbols = mote_arena_alloc(&a->arena, (sections + a->symbol_count + 3) * sizeof *b->symbols);
    b->header_count = 1;
    fwrite(&b->header, sizeof b->header, 1, b->stream); /* placeholder; written again at the end */
    fputc(0, b->strings);
    fputc(0, b->names);
    add_groups(b);
    add_contents(b);
    add_symbols(b);
    add_tables(b, relocated);
    pad_to(b->stream, 4);
    b->header = (Elf32_Ehdr){
        .e_ident = {ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS32, ELFDATA2LSB, EV_CURRENT},
        .e_type = ET_REL,
        .e_machine = EM_XTENSA,
        .e_version = EV_CURRENT,
        .e_flags = EF_XTENSA_XT_INSN | EF_XTENSA_XT_LIT,
        .e_ehsize = sizeof(Elf32_Ehdr),
        .e_shentsize = sizeof(Elf32_Shdr),
        .e_shoff = (Elf32_Off)ftell(b->stream),
        .e_shnum = (Elf32_Half)b->header_count,
        .e_shstrndx = (Elf32_Half)(b->header_count - 1),
    };
    fwrite(b->headers, sizeof *b->headers, b->header_count, b->stream);
}

bool mote_xt_assembly_elf(mote_xt_assembly *a, mote_bytes *out, mote_error *error)
{
    if (a->errors)
        return mote_fail(error, MOTE_E_FORMAT, "%s: not assembled, errors: %zu", a->options.name, a->errors);
    builder *b = calloc(1, sizeof *b);
    if (!b)
        return mote_fail(error, MOTE_E_INTERNAL, "%s: no memory for the object file", a->options.name);
    b->a = a;
    b->stream = open_memstream(&b->bytes, &b->size);
    b->strings = open_memstream(&b->string_bytes, &b->string_size);
    b->names = open_memstream(&b->name_bytes, &b->name_size);
    bool ok = false;
    if (b->stream && b->strings && b->names)
        if (setjmp(a->arena.out_of_memory) == 0) {
            build(b);
            ok = true;
        }
    if (b->stream)
        ok = (fclose(b->stream) == 0) && ok;
    if (b->strings)
        fclose(b->strings);
    if (b->names)
        fclose(b->names);
    free(b->string_bytes);
    free(b->name_bytes);
    ok = ok && a->errors == 0;
    if (ok) {
        memcpy(b->bytes, &b->header, sizeof b->header);
        *out = (mote_bytes){(uint8_t *)b->bytes, b->size};
    } else {
        free(b->bytes);
    }
    free(b);
    if (!ok && a->errors)
        return mote_fail(error, MOTE_E_FORMAT, "%s: not assembled, errors: %zu", a->options.name, a->errors);
    return ok || mote_fail(error, MOTE_E_INTERNAL, "%s: no memory for the object file", a->options.name);
}
