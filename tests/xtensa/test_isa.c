/* Tests of the instruction table: no two encodings overlap, every field round-trips, and encoding and decoding agree
 * with the reference lines. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xtensa/isa/isa.h"

#define PC 0x40380000u

static uint32_t word_of(const uint8_t *bytes, unsigned size)
{
    uint32_t word = 0;
    for (unsigned k = 0; k < size; k++)
        word |= (uint32_t)bytes[k] << 8 * k;
    return word;
}

static void no_two_encodings_overlap(void **state)
{
    (void)state;
    for (size_t i = 0; i < mote_xt_count(); i++) {
        const mote_xt_insn *a = mote_xt_at(i);
        assert_int_equal(a->id, i);
        assert_int_equal(a->match & ~a->mask, 0);
        assert_int_equal(mote_xt_size((uint8_t)a->match), a->size);
        for (size_t j = i + 1; j < mote_xt_count(); j++) {
            const mote_xt_insn *b = mote_xt_at(j);
            if (!(a->chips & b->chips))
                continue;
            if (a->size == b->size && ((a->match ^ b->match) & a->mask & b->mask) == 0)
                fail_msg("%s and %s overlap", a->mnemonic, b->mnemonic);
            if (strcmp(a->mnemonic, b->mnemonic) == 0)
                fail_msg("%s twice", a->mnemonic);
        }
    }
}

static unsigned bits_in(uint32_t v)
{
    return (unsigned)__builtin_popcount(v);
}

/* The fields of an instruction are disjoint and are exactly the bits outside its mask. */
static void fields_fill_the_word(void **state)
{
    (void)state;
    for (size_t i = 0; i < mote_xt_count(); i++) {
        const mote_xt_insn *insn = mote_xt_at(i);
        unsigned bits = bits_in(insn->mask);
        for (int k = 0; k < insn->operand_count; k++)
            for (int b = 0; insn->operands[k].bits[b][1]; b++)
                bits += insn->operands[k].bits[b][1];
        assert_int_equal(bits, insn->size * 8);
    }
}

/* Sets a base value for every operand such that no two results share a register. */
static void plain_values(const mote_xt_insn *insn, int32_t *values)
{
    for (int k = 0; k < insn->operand_count; k++) {
        const mote_xt_operand *o = &insn->operands[k];
        values[k] = o->table                   ? o->table[1]
                    : o->kind == MOTE_XT_LABEL ? (int32_t)PC + o->max - o->max % 4
                    : o->kind == MOTE_XT_IMM   ? o->max
                                               : o->min + k % ((o->max - o->min) / o->step + 1) * o->step;
    }
    if (strcmp(insn->mnemonic, "extui") == 0)
        values[2] = values[3] = 1;
}

static void round_trip(const mote_xt_insn *insn, int32_t *values, int k)
{
    uint32_t word;
    int at;
    int32_t back[MOTE_XT_MAX_OPERANDS];
    mote_xt_fault fault = mote_xt_encode(insn, values, PC, &word, &at);
    if (fault == MOTE_XT_SAME_REGISTER)
        return;
    if (fault)
        fail_msg("%s operand %d (%d): fault %d", insn->mnemonic, at, values[at], fault);
    uint8_t bytes[4];
    for (unsigned b = 0; b < 4; b++)
        bytes[b] = (uint8_t)(word >> 8 * b);
    const mote_xt_insn *decoded = mote_xt_decode(bytes, insn->size, insn->chips, PC, back);
    assert_ptr_equal(decoded, insn);
    for (int j = 0; j < insn->operand_count; j++) {
        /* m2 and m3 as the first factor of MAC16 are encoded as m0 and m1 */
        int32_t expected = strcmp(insn->operands[j].name, "mx") == 0 ? values[j] & 1 : values[j];
        if (back[j] != expected)
            fail_msg("%s operand %d set to %d: operand %d is %d", insn->mnemonic, k, values[k], j, back[j]);
    }
}

static void every_field_round_trips(void **state)
{
    (void)state;
    for (size_t i = 0; i < mote_xt_count(); i++) {
        const mote_xt_insn *insn = mote_xt_at(i);
        for (int k = 0; k < insn->operand_count; k++) {
            const mote_xt_operand *o = &insn->operands[k];
            int32_t values[MOTE_XT_MAX_OPERANDS];
            plain_values(insn, values);
            for (int32_t v = o->min; v <= o->max; v += o->step) {
                values[k] = o->kind == MOTE_XT_LABEL ? (int32_t)PC + v : v;
                bool listed = !o->table;
                for (int n = 0; n < o->table_size; n++)
                    listed |= o->table[n] == v;
                if (listed && !(strcmp(insn->mnemonic, "extui") == 0 && values[2] + values[3] > 32))
                    round_trip(insn, values, k);
            }
        }
    }
}

static void values_outside_are_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < mote_xt_count(); i++) {
        const mote_xt_insn *insn = mote_xt_at(i);
        for (int k = 0; k < insn->operand_count; k++) {
            const mote_xt_operand *o = &insn->operands[k];
            int32_t origin = o->kind == MOTE_XT_LABEL ? (int32_t)PC : 0;
            int32_t wrong[] = {o->min - o->step, o->max + o->step, INT32_MIN, INT32_MAX, o->min + 1};
            for (unsigned n = 0; n < (o->step > 1 ? 5 : 4); n++) {
                int32_t values[MOTE_XT_MAX_OPERANDS];
                uint32_t word;
                int at = -1;
                plain_values(insn, values);
                values[k] = (int32_t)((uint32_t)origin + (uint32_t)wrong[n]);
                assert_int_not_equal(mote_xt_encode(insn, values, PC, &word, &at), MOTE_XT_FINE);
                assert_int_equal(at, k);
            }
        }
    }
}

static void counts(void **state)
{
    (void)state;
    size_t count[3] = {0};
    for (size_t i = 0; i < mote_xt_count(); i++)
        for (int chip = 0; chip < 3; chip++)
            count[chip] += mote_xt_at(i)->chips >> chip & 1;
    assert_in_range(count[2], 740, 780);
    assert_true(count[0] < count[2] && count[1] < count[0]);
    assert_non_null(mote_xt_find("ee.vmulas.s8.accx.ld.ip"));
    assert_null(mote_xt_find("mov"));
    assert_string_equal(mote_xt_nearest("ee.vmulas.s8.acx"), "ee.vmulas.s8.accx");
    assert_string_equal(mote_xt_nearest("l32x"), "l32i");
    assert_null(mote_xt_nearest("frobnicate.everything"));
}

/* A few encodings from the manual's opcode tables, written by hand. */
static void known_encodings(void **state)
{
    (void)state;
    static const struct {
        const char *mnemonic;
        int32_t values[MOTE_XT_MAX_OPERANDS];
        uint32_t word;
    } known[] = {
        {"add", {1, 2, 3}, 0x801230},
        {"nop", {0}, 0x0020f0},
        {"ret.n", {0}, 0xf00d},
        {"entry", {1, 32}, 0x004136},
        {"l32i.n", {3, 1, 8}, 0x2138},
        {"rsr.ccount", {5}, 0x03ea50},
        {"beqi", {2, 4, (int32_t)PC + 4 + 8}, 0x084226},
        {"call8", {(int32_t)PC + 4 + 64}, 0x000425},
        {"loop", {4, (int32_t)PC + 4 + 5}, 0x058476},
        {"l32r", {6, (int32_t)PC - 4}, 0xffff61},
        {"slli", {2, 3, 4}, 0x1123c0},
    };
    for (size_t k = 0; k < sizeof(known) / sizeof(known[0]); k++) {
        uint32_t word = 0;
        int at = -1;
        assert_int_equal(mote_xt_encode(mote_xt_find(known[k].mnemonic), known[k].values, PC, &word, &at),
                         MOTE_XT_FINE);
        assert_int_equal(word, known[k].word);
    }
}

/* Splits "name a1, q2, -3, .+8" into values. Returns NULL when the text is not an instruction of the table with all its
 * operands (an assembler idiom). */
static const mote_xt_insn *parse(char *text, int32_t *values)
{
    char *rest = text + strcspn(text, " \t");
    if (*rest)
        *rest++ = 0;
    const mote_xt_insn *insn = mote_xt_find(text);
    int count = 0;
    for (char *token = strtok(rest, ", "); token; token = strtok(NULL, ", ")) {
        if (count == MOTE_XT_MAX_OPERANDS)
            return NULL;
        bool is_register = strchr("afbmq", token[0]) && isdigit((unsigned char)token[1]);
        values[count++] = token[0] == '.' ? (int32_t)PC + (int32_t)strtol(token + 1, NULL, 0)
                                          : (int32_t)strtol(token + is_register, NULL, 0);
    }
    return insn && insn->operand_count == count ? insn : NULL;
}

static FILE *reference(const char *name)
{
    char path[512];
    snprintf(path, sizeof path, "%s/xtensa/%s", MOTE_SHARED_DIR, name);
    FILE *file = fopen(path, "r");
    if (!file)
        print_message("SKIPPED: %s not present\n", path);
    return file;
}

static void check_encodings(const char *name, unsigned *lines, unsigned *idioms)
{
    FILE *file = reference(name);
    if (!file)
        skip();
    char line[256];
    while (fgets(line, sizeof line, file)) {
        char text[128], hex[16];
        if (line[0] == '#' || sscanf(line, "%127[^\t]\t%15[0-9a-f]", text, hex) != 2)
            continue;
        ++*lines;
        uint8_t bytes[4] = {0};
        unsigned size = (unsigned)strlen(hex) / 2;
        for (unsigned k = 0; k < size; k++)
            sscanf(hex + 2 * k, "%2hhx", &bytes[k]);
        int32_t values[MOTE_XT_MAX_OPERANDS], back[MOTE_XT_MAX_OPERANDS];
        char copy[128];
        strcpy(copy, text);
        const mote_xt_insn *insn = parse(copy, values);
        if (!insn || insn->size != size) { /* an idiom, or widened by the assembler */
            ++*idioms;
            continue;
        }
        uint32_t word = 0;
        int at = 0;
        /* Branch targets in the reference are relative to the instruction. */
        if (mote_xt_encode(insn, values, PC, &word, &at) || word != word_of(bytes, size)) {
            /* The reference assembler inverts some branches; those lines have another opcode. */
            if ((word_of(bytes, size) & insn->mask) != insn->match)
                ++*idioms;
            else
                fail_msg("%s: expected %s, got %06x (operand %d)", text, hex, word, at);
            continue;
        }
        if (mote_xt_decode(bytes, size, MOTE_XT_ESP32S3, PC, back) != insn)
            fail_msg("%s does not decode to %s", hex, text);
        for (int k = 0; k < insn->operand_count; k++)
            if (back[k] != values[k] && strcmp(insn->operands[k].name, "mx") != 0)
                fail_msg("%s: operand %d decodes as %d", text, k, back[k]);
    }
    fclose(file);
}

static void reference_encodings(void **state)
{
    (void)state;
    unsigned lines = 0, idioms = 0;
    check_encodings("encodings_base.tsv", &lines, &idioms);
    check_encodings("encodings_pie.tsv", &lines, &idioms);
    print_message("%u reference lines, %u of them left to the assembler\n", lines, idioms);
    assert_true(lines > 15000 && idioms * 50 < lines);
}

static void check_rejected(const char *name)
{
    FILE *file = reference(name);
    if (!file)
        skip();
    char line[256];
    unsigned lines = 0;
    while (fgets(line, sizeof line, file)) {
        line[strcspn(line, "\r\n")] = 0;
        char text[256];
        strcpy(text, line);
        int32_t values[MOTE_XT_MAX_OPERANDS];
        if (line[0] == '#')
            continue;
        const mote_xt_insn *insn = parse(line, values);
        uint32_t word;
        int at;
        assert_non_null(insn);
        if (mote_xt_encode(insn, values, PC, &word, &at) == MOTE_XT_FINE)
            fail_msg("%s must be refused", text);
        lines++;
    }
    fclose(file);
    assert_true(lines > 100);
}

static void reference_rejections(void **state)
{
    (void)state;
    check_rejected("rejected_base.tsv");
    check_rejected("rejected_pie.tsv");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_two_encodings_overlap),
        cmocka_unit_test(fields_fill_the_word),
        cmocka_unit_test(every_field_round_trips),
        cmocka_unit_test(values_outside_are_refused),
        cmocka_unit_test(counts),
        cmocka_unit_test(known_encodings),
        cmocka_unit_test(reference_encodings),
        cmocka_unit_test(reference_rejections),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
