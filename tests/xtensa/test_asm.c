/* Tests of the assembler, by tables of source text and the expected bytes or message. The expected bytes of
 * instructions are those of GNU as (binutils 2.40); those of data are computed by hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/xtensa/assembled.h"

typedef struct row {
    const char *source, *bytes;
} row;

static void check_rows(const row *rows, size_t count, const char *section, mote_xt_asm_options options)
{
    for (size_t i = 0; i < count; i++) {
        assembled a;
        assemble(&a, rows[i].source, strlen(rows[i].source), options);
        if (a.report[0] || strcmp(assembled_hex(&a, section), rows[i].bytes) != 0)
            fail_msg("%s\nexpected %s\ngot      %s\n%s", rows[i].source, rows[i].bytes, assembled_hex(&a, section),
                     a.report);
        assembled_free(&a);
    }
}

#define CHECK(rows, section, ...)                                                                                      \
    check_rows(rows, sizeof rows / sizeof *rows, section, (mote_xt_asm_options){__VA_ARGS__})

static void expressions(void **state)
{
    (void)state;
    static const row rows[] = {
        {".word 1 + 2 * 3", "07000000"},
        {".word (1 + 2) * 3", "09000000"},
        {".word 0x10, 0b101, 017, 10", "10000000050000000f0000000a000000"},
        {".word 'A', '\\n, ' '", "410000000a00000020000000"},
        {".byte -1, ~0, !0, !5", "ffff0100"},
        {".byte 7 / 2, -7 / 2, 7 % 4, 1 << 4, 256 >> 3", "03fd031020"},
        {".byte 6 & 3, 6 | 1, 6 ^ 3", "020705"},
        {".byte 2 == 2, 2 != 2, 1 < 2, 2 <= 1, 2 > 1, 1 >= 2", "ff00ff00ff00"},
        {".byte 1 && 2, 0 || 0, 0 && 1", "010000"},
        {".byte 1 + 2 & 3", "03"}, /* & binds tighter than + here */
        {".byte - - 3, -(1 - 3)", "0302"},
        {"a: .byte b - a, . - a\nb:", "0201"},
        {"x = 3\ny = x + z\nz = 4\n.byte y", "07"},
        {".set n, 1\n.set n, n + 1\n.byte n", "02"},
        {"1: .byte 1f - 1b\n1: .byte . - 1b", "0100"},
        {".quad 0x1122334455667788", "8877665544332211"},
        {".word 0xffffffff, -0x80000000", "ffffffff00000080"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[256];
        snprintf(text, sizeof text, ".data\n%s\n", rows[i].source);
        row one = {text, rows[i].bytes};
        check_rows(&one, 1, ".data", (mote_xt_asm_options){0});
    }
}

static void data_directives(void **state)
{
    (void)state;
    static const row rows[] = {
        {".data\n.byte 1,2\n.short 3\n.hword 4\n.word 5\n.long 6\n.int 7", "0102030004000500000006000000"
                                                                           "07000000"},
        {".data\n.ascii \"ab\\n\\101\\x41\\\"\",\"c\"\n.asciz \"x\"\n.string \"y\"", "61620a414122"
                                                                                     "63"
                                                                                     "7800"
                                                                                     "7900"},
        {".data\n.space 3\n.skip 2, 7\n.zero 1\n.byte 9", "000000070700"
                                                          "09"},
        {".data\n.fill 3, 2, 7\n.fill 2\n.fill 1, 8, -1", "070007000700"
                                                          "0000"
                                                          "ffffffff00000000"},
        {".data\n.byte 1\n.align 4\n.byte 2\n.p2align 3, 0xaa\n.byte 3", "01000000"
                                                                         "02aaaaaa"
                                                                         "03"},
        {".data\n.byte 1\n.balign 4, , 2\n.byte 2", "0102"},
        {".data\n.byte 1\n.org 4, 5\n.byte 2", "0105050502"},
        {".data\na: .byte 1\n. = a + 3\n.byte 2", "01000002"},
        {".data\n.float 1.5\n.double -2.0", "0000c03f"
                                            "00000000000000c0"},
        {".data\n.byte 1 # comment\n.byte 2 // comment\n.byte /* c */ 3; .byte 4 /* over\nlines */\n.byte 5",
         "0102030405"},
        {".data\r\n.byte 1 # c\r\n.byte 2, 3\r\n", "010203"},
        {".data\n.ascii \"# no comment; // none\"", "23206e6f20636f6d6d656e743b202f2f206e6f6e65"},
        {".data\n.byte 1\n.text\n.data\n.byte 2\n.section .x\n.byte 9\n.previous\n.byte 3\n"
         ".pushsection .x\n.byte 9\n.popsection\n.byte 4",
         "01020304"},
    };
    CHECK(rows, ".data", 0);
}

static void macros(void **state)
{
    (void)state;
    static const row rows[] = {
        {".macro two a, b=9\n.byte \\a, \\b\n.endm\ntwo 1, 2\ntwo 3\ntwo b=4, a=5", "010203090504"},
        {".macro m x:vararg\n.byte \\x\n.endm\nm 1, 2, 3", "010203"},
        {".macro m a b\n.byte \\a + \\b\n.endm\nm 1 2\nm 1 + 1, 2", "0304"},
        {".macro m r\n.byte \\r\\()1, x\\@\nx\\@ = \\@ + 5\n.endm\nm 1\nm 2", "0b051506"},
        {".macro down n\n.if \\n\n.byte \\n\ndown \\n - 1\n.endif\n.endm\ndown 3", "030201"},
        {".macro m n\n.byte 1\n.if \\n == 2\n.exitm\n.endif\n.byte 2\n.endm\nm 1\nm 2\n.byte 3", "01020103"},
        {".rept 3\n.byte 7\n.endr", "070707"},
        {".rept 2\n.rept 2\n.byte 1\n.endr\n.byte 2\n.endr", "010102010102"},
        {".rept 0\n.byte 7\n.endr\n.byte 1", "01"},
        {".irp v, 1, 2, 3\n.byte \\v * 2\n.endr", "020406"},
        {".irpc c, 123\n.byte \\c\n.endr", "010203"},
        {".macro m a\n.byte \\a\n.endm\nm 1; m 2; .byte 3", "010203"},
        {".macro m\n.byte 1\n.endm\nm\n.purgem m\n.macro m\n.byte 2\n.endm\nm", "0102"},
        {".macro outer\n.macro inner\n.byte 5\n.endm\n.endm\nouter\ninner", "05"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char text[512];
        snprintf(text, sizeof text, ".data\n%s\n", rows[i].source);
        row one = {text, rows[i].bytes};
        check_rows(&one, 1, ".data", (mote_xt_asm_options){0});
    }
}

static void conditionals(void **state)
{
    (void)state;
    static const row rows[] = {
        {".data\n.if 1\n.byte 1\n.else\n.byte 2\n.endif", "01"},
        {".data\n.if 0\n.byte 1\n.elseif 1\n.byte 2\n.else\n.byte 3\n.endif", "02"},
        {".data\n.if 0\n.if 1\nnonsense here\n.endif\n.byte 1\n.else\n.byte 4\n.endif", "04"},
        {".data\nx = 1\n.ifdef x\n.byte 1\n.endif\n.ifndef x\n.byte 2\n.endif\n.ifdef y\n.byte 3\n.endif", "01"},
        {".data\n.ifc a b,a b\n.byte 1\n.endif\n.ifnc a,b\n.byte 2\n.endif", "0102"},
        {".data\n.ifb\n.byte 1\n.endif\n.ifnb x\n.byte 2\n.endif\n.ifeq 0\n.byte 3\n.endif\n.iflt -1\n.byte 4\n.endif",
         "01020304"},
        {".data\na: .byte 1\n.if . - a == 1\n.byte 2\n.endif", "0102"},
    };
    CHECK(rows, ".data", 0);
}

/* The expected bytes are from xtensa-lx106-elf-as --no-target-align. */
static void forms_of_instructions(void **state)
{
    (void)state;
    static const row rows[] = {
        {"add a2, a3, a4", "4a23"},
        {"_add a2, a3, a4", "402380"},
        {".begin no-density\nadd a2, a3, a4\n.end no-density", "402380"},
        {".begin no-transform\nadd a2, a3, a4\n.end no-transform\nadd a2, a3, a4", "4023804a23"},
        {"add.n a2, a3, a4", "4a23"},
        {"mov a2, a3\nor a2, a3, a3\nor a2, a2, a2\nnop\n_nop", "2d032d033df03df0f02000"},
        {"movi a2, 5\nmovi a2, 100\nmovi.n a2, 1000", "0c5222a06422a3e8"},
        {"l32i a2, a3, 4\ns32i a2, a3, 64", "2813226310"},
        {"addi a2, a2, 0\naddi a2, a2, 300\naddi a2, a2, 1\naddmi a2, a2, 0", "2d0222d20122c22c1b222d02"},
        {"slli a2, a3, 0\nsrli a2, a3, 20", "2d033024b5"},
        {"rsr a2, sar\nwsr a2, 3\nrsr.sar a2\nRSR A2, SAR", "200303200313200303200303"},
        {"beqz a2, 1f\nbnez a2, 1f\n1: beqz a2, 1b", "8c1256f2ff16c2ff"},
        {"ret\n_ret\nbbci.l a2, 4, 1f\n1: nop", "0df08000004762ff3df0"},
        {"all4 b1, b8:b9:b10:b11\naddi sp, sp, -16", "10980012c1f0"},
    };
    CHECK(rows, ".text", 0);
    static const row wide[] = {{"add a2, a3, a4\nmov a2, a3", "402380302320"}};
    CHECK(wide, ".text", .no_density = true);
}

/* A branch out of reach becomes the inverse branch over a jump. */
static void far_branches(void **state)
{
    (void)state;
    static const row rows[] = {
        {"beq a2, a3, 1f\n.space 200\n1:", "379202c631"},
        {"beqz a2, 1f\n.space 3000\n1:", "cc12c6ed02"},
        {"bbci a2, 4, 1f\n.space 200\n1:", "47e202c631"},
        {"bgez a2, 1f\n.space 3000\n1:", "962200c6ed02"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assembled a;
        assemble(&a, rows[i].source, strlen(rows[i].source), (mote_xt_asm_options){0});
        assert_string_equal(a.report, "");
        assert_memory_equal(assembled_hex(&a, ".text"), rows[i].bytes, strlen(rows[i].bytes));
        assembled_free(&a);
    }
}

static void literals(void **state)
{
    (void)state;
    static const row in_section[] = {{"movi a2, 100000\n.literal .L1, 7\nl32r a3, .L1", "a086010007000000"}};
    CHECK(in_section, ".literal", 0);
    /* the pool, then code that reaches back to it */
    static const row in_text[] = {
        {".literal_position\n.literal .L1, 7\nl32r a3, .L1\nmovi a2, 100000", "07000000a086010031feff21feff"},
        {"f: entry a1, 32\nmovi a2, 100000\nretw.n\ng: entry a1, 16\nmovi a2, 200000",
         "a086010036410021feff1df0400d030036210021feff"},
    };
    CHECK(in_text, ".text", .text_section_literals = true);
}

static void names_of_literal_sections(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {{".text.foo", ".literal.foo"},
                                           {".iram1", ".iram1.literal"},
                                           {".iram1.text", ".iram1.literal"},
                                           {".text", ".literal"}};
    for (size_t i = 0; i < 4; i++) {
        char text[128];
        snprintf(text, sizeof text, ".section %s, \"ax\"\nmovi a2, 100000\n", pairs[i][0]);
        assembled a;
        assemble(&a, text, strlen(text), (mote_xt_asm_options){0});
        assert_string_equal(assembled_hex(&a, pairs[i][1]), "a0860100");
        assembled_free(&a);
    }
}

/* At every alignment of a loop, the first instruction of its body lies within one aligned word, and the loop ends at
 * its label. */
static void loop_alignment(void **state)
{
    (void)state;
    static const char *const bodies[] = {"add.n a3, a3, a3", "mull a3, a3, a3", "ee.ldf.64.ip f1, f2, a11, 408"};
    for (unsigned before = 0; before < 4; before++)
        for (unsigned body = 0; body < 3; body++) {
            char text[256];
            snprintf(text, sizeof text, ".space %u\nloop a2, 1f\n%s\n%s\n1: nop.n\n", 8 + before, bodies[body],
                     bodies[body]);
            assembled a;
            assemble(&a, text, strlen(text), (mote_xt_asm_options){0});
            assert_string_equal(a.report, "");
            const mote_xt_elf_section *s = assembled_section(&a, ".text");
            uint32_t at = 8 + before;
            int32_t values[MOTE_XT_MAX_OPERANDS];
            const mote_xt_insn *insn;
            while ((insn = mote_xt_decode(s->data + at, s->size - at, MOTE_XT_ESP32S3, at, values)) &&
                   strncmp(insn->mnemonic, "nop", 3) == 0)
                at += insn->size;
            assert_non_null(insn);
            assert_string_equal(insn->mnemonic, "loop");
            uint32_t first = at + 3, size = mote_xt_size(s->data[first]);
            assert_true(first % 4 + size <= 4);
            assert_int_equal(values[1], first + 2 * size);
            assembled_free(&a);
        }
}

/* No-ops and pools go before the label of the code that they are for, and after a label that ends other code. */
static void labels_stay_with_their_code(void **state)
{
    (void)state;
    static const row loops[] = {
        /* j +5; two zeros; again: loop to +6; mull; bnez -6 */
        {"j again\nagain: loop a2, 1f\nmull a3, a3, a3\n1: bnez a4, again\n", "46000000007682023033825664ff"},
        {"loop a2, . + 6\nmull a3, a3, a3", "3df0768202303382"},
    };
    CHECK(loops, ".text", 0);
    /* nop.n; loop to the end of its nop.n, not of the fill; the literal; entry; l32r */
    static const row pool[] = {
        {"loop a2, 1f\nnop.n\n1:\n.literal_position\nf: entry a1, 16\nmovi a2, 100000\n",
         "3df07682013df000a086010036210021feff"},
    };
    CHECK(pool, ".text", .text_section_literals = true);
}

static void symbols_and_relocations(void **state)
{
    (void)state;
    static const char text[] =
        ".global f, g\n.type f, @function\nf: call0 g\ncall0 f\n.size f, . - f\n"
        ".weak w\nw: ret\ncall0 w\n.data\n.word f + 4, outside, w\n.comm c, 16, 8\n.Lhidden:\nlocal:";
    assembled a;
    assemble(&a, text, sizeof text - 1, (mote_xt_asm_options){0});
    assert_string_equal(a.report, "");
    const mote_xt_elf_symbol *f = mote_xt_elf_symbol_find(&a.elf, "f");
    assert_non_null(f);
    assert_int_equal(f->binding, STB_GLOBAL);
    assert_int_equal(f->type, STT_FUNC);
    assert_int_equal(f->size, 6);
    assert_int_equal(mote_xt_elf_symbol_find(&a.elf, "w")->binding, STB_WEAK);
    assert_int_equal(mote_xt_elf_symbol_find(&a.elf, "local")->binding, STB_LOCAL);
    assert_int_equal(mote_xt_elf_symbol_find(&a.elf, "c")->section, SHN_COMMON);
    assert_null(mote_xt_elf_symbol_find(&a.elf, ".Lhidden"));
    static const struct {
        uint32_t type, offset;
        const char *symbol;
        int32_t addend;
    } expected[] = {{R_XTENSA_SLOT0_OP, 0, "g", 0},
                    {R_XTENSA_SLOT0_OP, 9, "w", 0}, /* after a zero that aligns the return point */
                    {R_XTENSA_32, 0, "", 4},
                    {R_XTENSA_32, 4, "outside", 0},
                    {R_XTENSA_32, 8, "w", 0}};
    assert_int_equal(a.elf.reloc_count, 5 + 3); /* code, a zero and code again in .xt.prop */
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(a.elf.relocs[i].type, expected[i].type);
        assert_int_equal(a.elf.relocs[i].offset, expected[i].offset);
        assert_string_equal(a.elf.symbols[a.elf.relocs[i].symbol].name, expected[i].symbol);
        assert_int_equal(a.elf.relocs[i].addend, expected[i].addend);
    }
    assembled_free(&a);
}

static void messages(void **state)
{
    (void)state;
    static const struct {
        const char *source, *message;
    } rows[] = {
        {"ad a2, a3, a4", "t.s:1:1: error: there is no instruction 'ad'; did you mean 'add'?"},
        {"\n  add a2, a3", "t.s:2:13: error: expected ',' and operand 3 of: add arr, ars, art\n      add a2, a3\n"
                           "                ^"},
        {"add a2, a3, a16", "t.s:1:13: error: art of add is 16; expected 0 to 15"},
        {"add a2, q3, a4", "1:9: error: expected an address register, a0..a15, found 'q3'"},
        {"l32i a2, a2, 2000", "1:14: error: uimm8x4 of l32i is 2000; expected 0 to 1020"},
        {"l32i a2, a3, 6\nl32i a2, a2, 6", "expected a multiple of 4"},
        {"beqi a2, 9, .", "b4const of beqi is 9 and can only be -1, 1, 2, 3"},
        {"ee.ldf.128.ip f1, f1, f2, f3, a2, 16", "would write two results to one register"},
        {".wrd 3", "there is no directive '.wrd'; did you mean '.word'?"},
        {".align 3", "expected a power of two"},
        {"x: x:", "'x' is already defined at t.s:1"},
        {"j 1f", "1:3: error: there is no label 1: after this line"},
        {"j 1b", "1:3: error: there is no label 1: before this line"},
        {"j .Lnowhere", "the local label '.Lnowhere' is not defined"},
        {".word 1 +", "1:10: error: expected a number, a symbol or '(' before the end of the line"},
        {".word (1", "expected ')' after the expression in parentheses"},
        {".word 0x", "is not a number of base 16"},
        {".word 1/0", "division by zero"},
        {"a = b\nb = a\n.word a", "the expression refers to itself"},
        {".data\na:.text\nb:.word a - b", "the difference of symbols in two sections"},
        {".ascii \"abc", "the string has no closing quote"},
        {".if 1", "t.s:1:1: error: .if without its .endif"},
        {".endif", ".endif without an .if"},
        {".rept 3", "this has no .endr"},
        {".macro m\n", "this has no .endm"},
        {".macro m\nm\n.endm\nm", "nested more than 100 deep"},
        {".macro m a:req\n.byte \\a\n.endm\nm", "needs its argument 'a'"},
        {".macro m\nfoo\n.endm\nm", "t.s:2:1: error: there is no instruction 'foo'"},
        {".macro m\nfoo\n.endm\nm", "t.s:4: in the expansion that starts here"},
        {".rept 1000000\n .rept 1000000\n\n.endr\n.endr", "more than 2000000 lines"},
        {".rept 1000\n.ascii \"0123456789012345678901234567890123456789\"\n.rept 1000000\n.endr\n.endr", ""},
        {".rept 1000000\n.ascii \"0123456789012345678901234567890123456789\"\n.endr", "the source grows beyond 32 MB"},
        {".space 100000000", "expected 0 to 67108864"},
        {".fill 100000000, 8", "expected 0 to 67108864 bytes"},
        {".space 60000000\n.space 60000000", "grows beyond 64 MB"},
        {".begin no-density", ".begin no-density without its .end"},
        {".end density", ".end without .begin"},
        {".if undefined", "'undefined' has no value here"},
        {"_loop a2, x\n.space 300\nx:", "bytes away and loop reaches"},
        {"# 7 \"other.S\"\nfoo", "other.S:7:1: error"},
        {"rsr a2, nothing", "rsr knows no such register"},
        {".bss\n.word 5", "section .bss holds no bytes"},
        {"1 2", "expected an instruction, a directive or a label"},
        {"nop nop", "nop has no operands"},
        {".byte 300", "warning: 300 does not fit in 8 bits"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assembled a;
        assemble(&a, rows[i].source, strlen(rows[i].source), (mote_xt_asm_options){0});
        if (!strstr(a.report, rows[i].message))
            fail_msg("%s\nexpected: %s\ngot: %s", rows[i].source, rows[i].message, a.report);
        assembled_free(&a);
    }
}

static void every_error_is_told_up_to_a_hundred(void **state)
{
    (void)state;
    char text[1001 * 4 + 1] = "";
    for (int i = 0; i < 1000; i++)
        strcat(text, "zz\n");
    mote_xt_asm_options options = {.name = "t.s", .chips = MOTE_XT_ESP32S3};
    mote_error error;
    mote_xt_assembly *a = mote_xt_assemble(text, strlen(text), &options, &error);
    assert_int_equal(mote_xt_assembly_errors(a), 1000);
    char *report;
    size_t size, lines = 0;
    FILE *out = open_memstream(&report, &size);
    mote_xt_assembly_report(a, out);
    fclose(out);
    for (const char *p = report; (p = strstr(p, ": error:")); p++)
        lines++;
    assert_int_equal(lines, 100);
    assert_non_null(strstr(report, "900 more not shown (1000 errors"));
    free(report);
    mote_xt_assembly_free(a);
}

static void chips_lack_instructions(void **state)
{
    (void)state;
    assembled a;
    assemble(&a, "ee.zero.accx", 12, (mote_xt_asm_options){.chips = MOTE_XT_ESP32});
    assert_non_null(strstr(a.report, "is an instruction of the ESP32-S3 only"));
    assembled_free(&a);
    assemble(&a, "x: loop a2, x", 13, (mote_xt_asm_options){.chips = MOTE_XT_ESP32S2});
    assert_non_null(strstr(a.report, "is an instruction of"));
    assembled_free(&a);
}

static void raw_output_is_placed(void **state)
{
    (void)state;
    static const char text[] = "f: movi a2, d\nret\n.data\nd: .word f, e - d\ne:\n.bss\n.space 100";
    mote_xt_asm_options options = {.name = "t.s", .chips = MOTE_XT_ESP32S3};
    mote_error error;
    mote_xt_assembly *a = mote_xt_assemble(text, sizeof text - 1, &options, &error);
    mote_bytes out;
    assert_true(mote_xt_assembly_raw(a, 0x40370000, &out, &error));
    static const uint8_t expected[] = {0x09, 0x00, 0x37, 0x40,       /* .literal: the address of d */
                                       0x21, 0xff, 0xff, 0x0d, 0xf0, /* f: l32r a2, base; ret.n */
                                       0x04, 0x00, 0x37, 0x40, 0x08, 0, 0, 0};
    assert_int_equal(out.size, sizeof expected);
    assert_memory_equal(out.data, expected, sizeof expected);
    free(out.data);
    mote_xt_assembly_free(a);
}

static void one_line_for_the_debugger(void **state)
{
    (void)state;
    static const struct {
        const char *text, *bytes;
    } rows[] = {{"add a2, a3, a4", "402380"}, {"mov a2, a3", "302320"},  {"beqz a3, .+8", "164300"},
                {"j 0x40380010", "060300"},   {"rsr a2, sar", "200303"}, {"  nop.n # rest", "3df0"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t bytes[MOTE_XT_MAX_BYTES];
        unsigned size;
        char hex[16] = "";
        mote_error error = {0};
        if (!mote_xt_assemble_line(rows[i].text, 0x40380000, MOTE_XT_ESP32S3, bytes, &size, &error))
            fail_msg("%s: %s", rows[i].text, error.text);
        for (unsigned k = 0; k < size; k++)
            snprintf(hex + 2 * k, 3, "%02x", bytes[k]);
        assert_string_equal(hex, rows[i].bytes);
    }
    static const char *const refused[] = {"",       "x: nop", ".word 3", "nop; nop", "movi a2, 100000", "call0 nowhere",
                                          "add a2", "j",      "foo"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        uint8_t bytes[MOTE_XT_MAX_BYTES];
        unsigned size;
        mote_error error = {0};
        assert_false(mote_xt_assemble_line(refused[i], 0, MOTE_XT_ESP32S3, bytes, &size, &error));
        assert_true(error.text[0]);
    }
}

static void listing_shows_bytes_and_cycles(void **state)
{
    (void)state;
    static const char text[] = "l32i.n a2, a3, 0\nadd.n a2, a2, a2\nadd.n a4, a4, a4\n.word 5";
    mote_xt_asm_options options = {.name = "t.s", .chips = MOTE_XT_ESP32S3};
    mote_error error;
    mote_xt_assembly *a = mote_xt_assemble(text, sizeof text - 1, &options, &error);
    char *listing;
    size_t size;
    FILE *out = open_memstream(&listing, &size);
    mote_xt_assembly_listing(a, out);
    fclose(out);
    /* the addition waits for the result of the load */
    assert_non_null(strstr(listing, "000000  2803                   1      1  l32i.n"));
    assert_non_null(strstr(listing, "000002  2a22                   2      2  add.n"));
    assert_non_null(strstr(listing, "000004  4a44                   1      3  add.n"));
    assert_non_null(strstr(listing, "000006  05000000                      4  .word 5"));
    free(listing);
    mote_xt_assembly_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(expressions),
        cmocka_unit_test(data_directives),
        cmocka_unit_test(macros),
        cmocka_unit_test(conditionals),
        cmocka_unit_test(forms_of_instructions),
        cmocka_unit_test(far_branches),
        cmocka_unit_test(literals),
        cmocka_unit_test(names_of_literal_sections),
        cmocka_unit_test(loop_alignment),
        cmocka_unit_test(labels_stay_with_their_code),
        cmocka_unit_test(symbols_and_relocations),
        cmocka_unit_test(messages),
        cmocka_unit_test(every_error_is_told_up_to_a_hundred),
        cmocka_unit_test(chips_lack_instructions),
        cmocka_unit_test(raw_output_is_placed),
        cmocka_unit_test(one_line_for_the_debugger),
        cmocka_unit_test(listing_shows_bytes_and_cycles),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
