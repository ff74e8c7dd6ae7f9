/* Tests of instruction text in both directions, with a table and with reference lines of GNU binutils if they are
 * present, and of whole listings. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/xtensa/assembled.h"
#include "xtensa/asm/dis.h"

/* text, bytes, text again when it differs */
static const char *const cases[][3] = {
    {"add.n a1, a4, a4", "4a14", NULL},
    {"addmi a4, a9, 2816", "42d90b", "addmi a4, a9, 0xb00"},
    {"movi a12, -1311", "c2aae1", "movi a12, 0xfffffae1"},
    {"all4 b15, b0", "f09000", "all4 b15, b0:b1:b2:b3"},
    {"bltui a15, 65536, .+40", "b61f24", "bltui a15, 0x10000, .+40"},
    {"beqz.n a0, .+12", "8c80", NULL},
    {"l32r a2, .-8", "21feff", NULL},
    {"call8 .+16", "e50000", NULL},
    {"loopnez a3, .+20", "769310", NULL},
    {"mula.dd.hh.ldinc m2, a14, m3, m3", "446e0b", "mula.dd.hh.ldinc m2, a14, m1, m3"},
    {"madd.s f0, f11, f9", "900b4a", NULL},
    {"wur.threadptr a1", "10e7f3", NULL},
    {"ee.andq q7, q5, q3", "b4b4fd", NULL},
    {"ee.vmulas.s8.accx.ld.ip.qup q7, a7, 304, q0, q6, q6, q6", "7e336e27",
     "ee.vmulas.s8.accx.ld.ip.qup q7, a7, 0x130, q0, q6, q6, q6"},
    {"ee.ldf.64.ip f1, f2, a11, 408", "bf152ce0", "ee.ldf.64.ip f1, f2, a11, 0x198"},
};

static bool to_hex(const char *text, char *hex)
{
    uint8_t bytes[MOTE_XT_MAX_BYTES];
    unsigned size;
    if (!mote_xt_assemble_line(text, 0, MOTE_XT_ESP32S3, bytes, &size, NULL))
        return false;
    for (unsigned i = 0; i < size; i++)
        snprintf(hex + 2 * i, 3, "%02x", bytes[i]);
    return true;
}

static bool to_text(const char *hex, char *text)
{
    uint8_t bytes[MOTE_XT_MAX_BYTES];
    int32_t values[MOTE_XT_MAX_OPERANDS];
    size_t n = strlen(hex) / 2;
    for (size_t i = 0; i < n && i < sizeof bytes; i++)
        bytes[i] = (uint8_t)strtoul((char[]){hex[2 * i], hex[2 * i + 1], 0}, NULL, 16);
    const mote_xt_insn *insn = mote_xt_decode(bytes, n, MOTE_XT_ESP32S3, 0, values);
    if (insn)
        mote_xt_format_relative(insn, values, 0, text, MOTE_XT_TEXT);
    return insn && insn->size == n;
}

static void own_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char hex[16] = "", text[MOTE_XT_TEXT] = "";
        assert_true(to_hex(cases[i][0], hex));
        assert_string_equal(hex, cases[i][1]);
        assert_true(to_text(cases[i][1], text));
        assert_string_equal(text, cases[i][2] ? cases[i][2] : cases[i][0]);
    }
    static const char *const refused[] = {"addi.n a1, a14, 0", "beqi a2, 230, .+24", "extui a1, a2, 31, 2",
                                          "ee.vadds.s8.ld.incp q1, a2, q1, q2, q3", "l32i a2, a3, 3"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        char hex[16];
        if (to_hex(refused[i], hex))
            fail_msg("%s was assembled", refused[i]);
    }
}

/* Calls `check` on the tab-separated columns of each line of a reference file. Returns the number of lines, 0 when
 * there is no such file. */
static size_t each_line(const char *name, void (*check)(char *const columns[3]))
{
    char path[512];
    snprintf(path, sizeof path, "%s/xtensa/%s", MOTE_SHARED_DIR, name);
    FILE *in = fopen(path, "r");
    if (!in) {
        printf("SKIPPED: %s not present\n", path);
        return 0;
    }
    char *line = NULL;
    size_t capacity = 0, count = 0;
    while (getline(&line, &capacity, in) >= 0) {
        line[strcspn(line, "\n")] = 0;
        if (*line == '#' || *line == 0)
            continue;
        char *rest = line, *columns[3] = {strsep(&rest, "\t"), strsep(&rest, "\t"), strsep(&rest, "\t")};
        check(columns);
        count++;
    }
    free(line);
    fclose(in);
    return count;
}

/* The first column has a target as an offset, the third one as an absolute address in an unknown file. */
static void check_both_ways(char *const columns[3])
{
    char hex[16] = "", text[MOTE_XT_TEXT] = "", expected[MOTE_XT_TEXT];
    if (!to_hex(columns[0], hex) || strcmp(hex, columns[1]) != 0)
        fail_msg("%s: expected %s, got %s", columns[0], columns[1], hex);
    const char *offset = strstr(columns[0], ".+"), *target = strrchr(columns[2], ' ');
    if (offset)
        snprintf(expected, sizeof expected, "%.*s%s", (int)(target + 1 - columns[2]), columns[2], offset);
    else
        snprintf(expected, sizeof expected, "%s", columns[2]);
    if (!to_text(columns[1], text) || strcmp(text, expected) != 0)
        fail_msg("%s: expected %s, got %s", columns[1], expected, text);
}

static void check_refused(char *const columns[3])
{
    char hex[16];
    if (to_hex(columns[0], hex))
        fail_msg("%s was assembled to %s", columns[0], hex);
}

static void reference_lines(void **state)
{
    (void)state;
    size_t base = each_line("encodings_base.tsv", check_both_ways),
           pie = each_line("encodings_pie.tsv", check_both_ways);
    assert_true(base == 0 || base > 7000);
    assert_true(pie == 0 || pie > 8000);
    each_line("rejected_base.tsv", check_refused);
    each_line("rejected_pie.tsv", check_refused);
}

static char *listing_of(const assembled *a)
{
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    mote_xt_dis_elf(out, &a->elf, MOTE_XT_ESP32S3);
    fclose(out);
    return text;
}

static void objects_are_listed_with_names(void **state)
{
    (void)state;
    static const char source[] =
        ".global f\nf: movi a2, 0x12345\nmovi a3, outside + 4\n1: addi a2, a2, -1\nbnez a2, 1b\n"
        "call0 g\ncall0 outside\n.align 4\ng: ret\n";
    assembled a;
    assemble(&a, source, sizeof source - 1, (mote_xt_asm_options){0});
    char *text = listing_of(&a);
    static const char *const expected[] = {
        "Section .literal, 8 bytes",
        ".word 0x12345",
        ".word 0x0  ; = outside+4",
        "00000000 <f>:",
        "0:  210000    l32r a2, .literal  ; = 0x12345",
        "3:  310000    l32r a3, .literal+0x4  ; = outside+4",
        "           .L6:\n       6:  0b22      addi.n a2, a2, -1",
        "8:  56a2ff    bnez a2, 0x6 <.L6>",
        "b:  850000    call0 0x14 <g>",
        "call0 outside\n",
        "00000014 <g>:",
    };
    for (size_t i = 0; i < sizeof expected / sizeof *expected; i++)
        if (!strstr(text, expected[i]))
            fail_msg("not in the listing: %s\n%s", expected[i], text);
    free(text);
    assembled_free(&a);
}

static void words_between_code_are_words(void **state)
{
    (void)state;
    static const char source[] = "f: ret\n.literal_position\ng: movi a2, 0x11213141\nret\n";
    assembled a;
    assemble(&a, source, sizeof source - 1, (mote_xt_asm_options){.text_section_literals = true});
    char *text = listing_of(&a);
    assert_non_null(strstr(text, "4:  41312111  .word 0x11213141"));
    assert_non_null(strstr(text, "8:  21ffff    l32r a2, 0x4  ; = 0x11213141"));
    free(text);
    assembled_free(&a);
}

static void raw_bytes(void **state)
{
    (void)state;
    static const uint8_t bytes[] = {0x36, 0x41, 0x00, 0x1d, 0xf0, 0x06, 0x1d};
    char *text;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    mote_xt_dis_raw(out, bytes, sizeof bytes, 0x40370000, MOTE_XT_ESP32S3);
    fclose(out);
    assert_non_null(strstr(text, "40370000:  364100    entry a1, 32\n"));
    assert_non_null(strstr(text, "40370003:  1df0      retw.n\n"));
    assert_non_null(strstr(text, "40370005:  06        .byte 0x06\n"));
    assert_non_null(strstr(text, "40370006:  1d        .byte 0x1d\n"));
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(own_cases),
        cmocka_unit_test(reference_lines),
        cmocka_unit_test(objects_are_listed_with_names),
        cmocka_unit_test(words_between_code_are_words),
        cmocka_unit_test(raw_bytes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
