/* Writes .debug_info, .debug_abbrev and .debug_rnglists in DWARF 5: one compile unit that names the source and the
 * ranges of its code, by which debuggers find the line table. */
#include "xtensa/asm/dwarf.h"
#include "xtensa/asm/lines.h"

#define LANGUAGE_ASSEMBLER 0x8001 /* DW_LANG_Mips_Assembler stands for every assembler */
#define RANGES_HEADER      12     /* bytes */

enum {
    TAG_compile_unit = 0x11,
    AT_name = 0x03,
    AT_stmt_list = 0x10,
    AT_low_pc = 0x11,
    AT_language = 0x13,
    AT_comp_dir = 0x1b,
    AT_producer = 0x25,
    AT_ranges = 0x55,
    FORM_addr = 0x01,
    FORM_data2 = 0x05,
    FORM_string = 0x08,
    FORM_sec_offset = 0x17,
    UT_compile = 1,
    RLE_end_of_list = 0,
    RLE_start_end = 6,
};

static void put_abbreviation(mote_xt_assembly *a, section *s)
{
    static const uint8_t attributes[][2] = {{AT_producer, FORM_string},      {AT_language, FORM_data2},
                                            {AT_name, FORM_string},          {AT_comp_dir, FORM_string},
                                            {AT_stmt_list, FORM_sec_offset}, {AT_low_pc, FORM_addr},
                                            {AT_ranges, FORM_sec_offset},    {0, 0}};
    static const uint8_t head[] = {1, TAG_compile_unit, 0};
    mote_asm_bytes(a, s, head, sizeof head);
    mote_asm_bytes(a, s, attributes, sizeof attributes);
    mote_asm_dwarf_number(a, s, 0, 1);
}

/* Writes the ranges as pairs of addresses, which stay right when a linker moves code. */
static void put_ranges(mote_xt_assembly *a, section *s, const struct line_table *t)
{
    symbol *end = mote_asm_dwarf_unit(a, s);
    mote_asm_dwarf_number(a, s, 4, 1); /* bytes of an address */
    mote_asm_dwarf_number(a, s, 0, 1);
    mote_asm_dwarf_number(a, s, 0, 4); /* no table of offsets */
    for (section *code = a->sections; code; code = code->next) {
        if (!mote_asm_has_rows(t, code))
            continue;
        mote_asm_dwarf_number(a, s, RLE_start_end, 1);
        mote_asm_dwarf_address(a, s, mote_asm_dwarf_begin(a, code));
        mote_asm_dwarf_address(a, s, mote_asm_dwarf_end(a, code));
    }
    mote_asm_dwarf_number(a, s, RLE_end_of_list, 1);
    end->place = mote_asm_dwarf_end(a, s)->place;
}

void mote_asm_debug_info(mote_xt_assembly *a, section *lines)
{
    const struct line_table *t = a->line_table;
    section *s = mote_asm_dwarf_section(a, ".debug_info"), *abbreviations, *ranges;
    if (!s || !(abbreviations = mote_asm_dwarf_section(a, ".debug_abbrev")) ||
        !(ranges = mote_asm_dwarf_section(a, ".debug_rnglists")))
        return;
    put_abbreviation(a, abbreviations);
    put_ranges(a, ranges, t);
    symbol *end = mote_asm_dwarf_unit(a, s), *list = mote_asm_dwarf_begin(a, ranges);
    list->place.offset = RANGES_HEADER;
    mote_asm_dwarf_number(a, s, UT_compile, 1);
    mote_asm_dwarf_number(a, s, 4, 1); /* bytes of an address */
    mote_asm_dwarf_address(a, s, mote_asm_dwarf_begin(a, abbreviations));
    mote_asm_dwarf_number(a, s, 1, 1); /* the abbreviation */
    mote_asm_dwarf_text(a, s, "mote asm");
    mote_asm_dwarf_number(a, s, LANGUAGE_ASSEMBLER, 2);
    mote_asm_dwarf_text(a, s, t->files[0].name);
    mote_asm_dwarf_text(a, s, t->folder);
    mote_asm_dwarf_address(a, s, mote_asm_dwarf_begin(a, lines));
    mote_asm_dwarf_number(a, s, 0, 4); /* low_pc: the ranges are not relative */
    mote_asm_dwarf_address(a, s, list);
    end->place = mote_asm_dwarf_end(a, s)->place;
}
