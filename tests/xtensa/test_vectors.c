/* Tests of single instructions by the state before and after: with the reference vectors, and with a small table whose
 * results were computed by hand from the definitions of the instructions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "xtensa/emu/machine.h"
#include "xtensa/emu/vectors.h"

static void print_mismatch(void *context, const mote_xt_mismatch *m)
{
    (void)context;
    if (!m->reason)
        print_message("vector %u %s: %s should be %s, is %s\n", m->index, m->insn ? m->insn->mnemonic : "?", m->field,
                      m->expected, m->got);
}

static void check_file(const char *name, unsigned vectors, unsigned overruled)
{
    char path[512];
    mote_error error;
    mote_xt_vector_counts counts;
    snprintf(path, sizeof path, "%s/xtensa/%s", MOTE_SHARED_DIR, name);
    FILE *file = fopen(path, "rb");
    if (!file) {
        print_message("SKIPPED: %s not present\n", path);
        skip();
    }
    fclose(file);
    assert_true(mote_xt_check_vectors(path, print_mismatch, NULL, &counts, &error));
    assert_int_equal(counts.vectors, vectors);
    assert_int_equal(counts.failed, 0);
    assert_int_equal(counts.overruled, overruled);
}

static void reference_base(void **state)
{
    (void)state;
    check_file("vectors_base.bin", 2157, 4);
}

static void reference_pie(void **state)
{
    (void)state;
    check_file("vectors_pie.bin", 2580, 34);
}

static void bad_files(void **state)
{
    (void)state;
    mote_error error;
    mote_xt_vector_counts counts;
    assert_false(mote_xt_check_vectors("/nonexistent", NULL, NULL, &counts, &error));
    assert_int_equal(error.code, MOTE_E_INPUT);
    assert_false(mote_xt_check_vectors(MOTE_SOURCE_DIR "/CMakeLists.txt", NULL, NULL, &counts, &error));
    assert_int_equal(error.code, MOTE_E_FORMAT);
}

/* Registers are set and compared as hexadecimal, least significant byte first, as in memory. Memory is 32 bytes at
 * 0x3fc90000, holding 0x00, 0x01, ... 0x1f before the instruction; a8 points at it. */
#define MEMORY 0x3fc90000u

static const struct {
    const char *mnemonic;
    int32_t values[MOTE_XT_MAX_OPERANDS];
    struct {
        const char *name, *value;
    } before[4], after[4];
} own[] = {
    {"add", {2, 3, 4}, {{"a3", "ffffffff"}, {"a4", "02000000"}}, {{"a2", "01000000"}}},
    {"mulsh", {2, 3, 4}, {{"a3", "00000080"}, {"a4", "00000080"}}, {{"a2", "00000040"}}},
    {"quos", {2, 3, 4}, {{"a3", "00000080"}, {"a4", "ffffffff"}}, {{"a2", "00000080"}}},
    {"rems", {2, 3, 4}, {{"a3", "f9ffffff"}, {"a4", "03000000"}}, {{"a2", "ffffffff"}}},
    {"extui", {2, 3, 4, 8}, {{"a3", "78563412"}}, {{"a2", "67000000"}}},
    {"nsa", {2, 3}, {{"a3", "00000000"}}, {{"a2", "1f000000"}}},
    {"nsau", {2, 3}, {{"a3", "00000100"}}, {{"a2", "0f000000"}}},
    {"clamps", {2, 3, 7}, {{"a3", "00ffffff"}}, {{"a2", "80ffffff"}}},
    {"src", {2, 3, 4}, {{"a3", "78563412"}, {"a4", "f0debc9a"}, {"sar", "08000000"}}, {{"a2", "debc9a78"}}},
    {"l16si", {2, 8, 14}, {{"a2", "00000000"}}, {{"a2", "0e0f0000"}}},
    {"mula.aa.hl",
     {2, 3},
     {{"a2", "0000ff7f"}, {"a3", "ff7f0000"}, {"acclo", "ffffffff"}, {"acchi", "00000000"}},
     {{"acclo", "0000ff3f"}, {"acchi", "01000000"}}},
    {"add.s", {2, 3, 4}, {{"f3", "0000803f"}, {"f4", "00000034"}}, {{"f2", "0100803f"}, {"fsr", "00000000"}}},
    {"add.s", {2, 3, 4}, {{"f3", "0000803f"}, {"f4", "00008033"}}, {{"f2", "0000803f"}, {"fsr", "80000000"}}},
    {"add.s", {2, 3, 4}, {{"f3", "0000803f"}, {"f4", "00008033"}, {"fcr", "02000000"}}, {{"f2", "0100803f"}}},
    {"madd.s", {2, 3, 4}, {{"f2", "020080bf"}, {"f3", "0100803f"}, {"f4", "0100803f"}}, {{"f2", "00008028"}}},
    {"trunc.s", {2, 3, 1}, {{"f3", "3333b3bf"}}, {{"a2", "feffffff"}, {"fsr", "80000000"}}},
    {"olt.s", {1, 2, 3}, {{"f2", "0000c07f"}, {"br", "ffff0000"}}, {{"br", "fdff0000"}, {"fsr", "00080000"}}},
    {"ee.vadds.s8",
     {0, 1, 2},
     {{"q1", "7f7f8080000000000000000000000000"}, {"q2", "0180ff80050000000000000000000000"}},
     {{"q0", "7fff8080050000000000000000000000"}}},
    {"ee.vmulas.s8.accx",
     {1, 2},
     {{"q1", "80808080808080808080808080808080"},
      {"q2", "7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f7f"},
      {"accx", "0000000000000000"}},
     {{"accx", "0008fcffff000000"}}},
    {"ee.vmulas.s8.accx.ld.ip",
     {1, 8, 16, 0, 1},
     {{"q0", "01000000000000000000000000000000"},
      {"q1", "05000000000000000000000000000000"},
      {"accx", "0100000000000000"}},
     {{"accx", "0600000000000000"}, {"q1", "000102030405060708090a0b0c0d0e0f"}, {"a8", "1000c93f"}}},
    {"ee.vsmulas.s8.qacc",
     {1, 2, 3},
     {{"q1", "02ff0000000000000000000000000000"}, {"q2", "00000080000000000000000000000000"}},
     {{"qacc_l", "00ff0f08000000000000000000000000000000"
                 "00"},
      {"qacc_h", "0000000000000000000000000000000000000000"}}},
    {"ee.srs.accx",
     {2, 3, 0},
     {{"accx", "00000000ff000000"}, {"a3", "04000000"}},
     {{"a2", "000000f0"}, {"accx", "000000f0ff000000"}}},
    {"ee.src.q",
     {0, 1, 2},
     {{"q1", "000102030405060708090a0b0c0d0e0f"}, {"q2", "101112131415161718191a1b1c1d1e1f"}, {"sar_byte", "05000000"}},
     {{"q0", "05060708090a0b0c0d0e0f1011121314"}}},
    {"ee.vld.128.ip",
     {3, 8, 16},
     {{"a8", "0f00c93f"}},
     {{"q3", "000102030405060708090a0b0c0d0e0f"}, {"a8", "1f00c93f"}}},
    {"ee.vzip.16",
     {0, 1},
     {{"q0", "00000100020003000400050006000700"},
      {"q1", "08000900"
             "0a000b000c000d000e000f00"}},
     {{"q0", "0000080001000900"
             "02000a0003000b00"},
      {"q1", "04000c0005000d0006000e0007000f00"}}},
    {"ee.vprelu.s16",
     {0, 1, 2, 3},
     {{"q1", "feff0300000000000000000000000000"}, {"q2", "0a000a00000000000000000000000000"}, {"a3", "01000000"}},
     {{"q0", "f6ff0300000000000000000000000000"}}},
    {"ee.cmul.s16",
     {0, 1, 2, 0},
     {{"q0", "00000000000000000000000000000000"},
      {"q1", "01000200030004000000000000000000"},
      {"q2", "05000600070008000000000000000000"}},
     {{"q0", "f9ff1000f5ff34000000000000000000"}}},
};

static void bytes_of(const char *text, uint8_t *bytes)
{
    for (; *text; text += 2)
        sscanf(text, "%2hhx", bytes++);
}

static void own_cases(void **state)
{
    (void)state;
    mote_error error;
    mote_xt_machine *m = mote_xt_create(MOTE_XT_ESP32S3, &error);
    assert_non_null(m);
    for (size_t k = 0; k < sizeof own / sizeof own[0]; k++) {
        uint8_t value[20], expected[20], memory[32];
        uint32_t word;
        int operand;
        for (unsigned n = 0; n < 32; n++)
            memory[n] = (uint8_t)n;
        mote_xt_reset(m);
        mote_xt_set(m, "pc", MEMORY + 0x100);
        mote_xt_set(m, "a8", MEMORY);
        assert_true(mote_xt_write(m, MEMORY, memory, sizeof memory));
        for (int n = 0; n < 4 && own[k].before[n].name; n++) {
            bytes_of(own[k].before[n].value, value);
            mote_xt_register_write(m, mote_xt_register_find(own[k].before[n].name), value);
        }
        const mote_xt_insn *insn = mote_xt_find(own[k].mnemonic);
        assert_int_equal(mote_xt_encode(insn, own[k].values, 0, &word, &operand), MOTE_XT_FINE);
        assert_int_equal(mote_xt_execute(m, word, insn->size), MOTE_XT_STOP_NONE);
        for (int n = 0; n < 4 && own[k].after[n].name; n++) {
            const mote_xt_register *r = mote_xt_register_find(own[k].after[n].name);
            mote_xt_register_read(m, r, value);
            bytes_of(own[k].after[n].value, expected);
            if (memcmp(value, expected, r->size) != 0)
                fail_msg("case %zu, %s: %s is wrong: %02x%02x%02x%02x...", k, own[k].mnemonic, r->name, value[0],
                         value[1], value[2], value[3]);
        }
    }
    mote_xt_destroy(m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reference_base),
        cmocka_unit_test(reference_pie),
        cmocka_unit_test(bad_files),
        cmocka_unit_test(own_cases),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
