/* Tests of loops that are longer than the loop instruction reaches: the emulator runs them as often as the source says,
 * and the register of the count keeps its value. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "tests/xtensa/assembled.h"
#include "xtensa/emu/machine.h"

#define CODE 0x40378000u

/* Assembles to raw bytes and runs them up to their `break`. a2: iterations, a3: sum of the count's register in the
 * body, a4: count, a5: sum of the numbers 1 to a2. */
static void run(mote_xt_machine *m, const char *source, const char *loop, int32_t count)
{
    mote_error error;
    mote_bytes bytes;
    mote_xt_asm_options options = {.name = "loop.s", .chips = MOTE_XT_ESP32S3};
    mote_xt_assembly *a = mote_xt_assemble(source, strlen(source), &options, &error);
    assert_non_null(a);
    bool ok = mote_xt_assembly_raw(a, CODE, &bytes, &error);
    mote_xt_assembly_report(a, stderr);
    assert_true(ok);
    assert_true(mote_xt_write(m, CODE, bytes.data, bytes.size));
    mote_xt_set(m, "pc", CODE);
    assert_int_equal(mote_xt_run(m, 10000000), MOTE_XT_STOP_BREAK);
    uint32_t n = count > 0 ? (uint32_t)count : 0;
    if (mote_xt_get(m, "a2") != n)
        fail_msg("%s of %d: %u iterations\n%s", loop, count, mote_xt_get(m, "a2"), source);
    assert_int_equal(mote_xt_get(m, "a3"), n * n);
    assert_int_equal(mote_xt_get(m, "a4"), (uint32_t)count);
    assert_int_equal(mote_xt_get(m, "a5"), n * (n + 1) / 2);
    free(bytes.data);
    mote_xt_assembly_free(a);
}

static void counts(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int32_t first; /* the least count for which the loop is defined */
    } loops[] = {{"loop", 1}, {"loopnez", 0}, {"loopgtz", -2}};
    static const int lengths[] = {60, 121, 122, 123, 124, 125, 126, 127, 300, 16300}; /* moves of 2 bytes */
    mote_error error;
    mote_xt_machine *m = mote_xt_create(MOTE_XT_ESP32S3, &error);
    assert_non_null(m);
    for (size_t l = 0; l < sizeof loops / sizeof *loops; l++)
        for (int32_t count = loops[l].first; count < 4; count++)
            for (size_t n = 0; n < 2 * sizeof lengths / sizeof *lengths; n++) {
                char body[64], source[1024];
                snprintf(body, sizeof body,
                         lengths[n / 2] < 1000 ? ".rept %d\nmov a6, a2\n.endr" : "j 2f\n.space 2 * %d", lengths[n / 2]);
                /* a branch over half of the body, and one to its end */
                snprintf(source, sizeof source,
                         "movi a2, 0\nmovi a3, 0\nmovi a5, 0\nmovi a4, %d\n%s\n%s a4, 1f\naddi a2, a2, 1\nadd a3, a3, "
                         "a4\nadd a5, a5, a2\nbeqz a2, 2f\n%s\n2: beqi a2, 3, 1f\nnop\n1: break 0, 0\n",
                         count, n % 2 ? "nop.n" : "", loops[l].name, body);
                run(m, source, loops[l].name, count);
            }
    mote_xt_destroy(m);
}

static void refused(void **state)
{
    (void)state;
    static const struct {
        const char *source, *message;
        bool no_transform;
    } rows[] = {
        {"loop a2, 1f\n.rept 17000\nnop.n\n.endr\n1: ret", "the loop is 34000 bytes long; expected at most 32639",
         false},
        {"loop a2, 1f\n.rept 200\nnop.n\n.endr\n1: ret", "bytes away and loop reaches", true},
        {"_loop a2, 1f\n.rept 200\nnop.n\n.endr\n1: ret", "bytes away and loop reaches", false},
        {".begin no-transform\nloop a2, 1f\n.rept 200\nnop.n\n.endr\n1: ret\n.end no-transform",
         "bytes away and loop reaches", false},
        {"1: nop\nloop a2, 1b\n", "bytes away and loop reaches", false},
        {"loop a2, outside\n", "the end of a loop must be in the same section", false},
        {"loop a2, 1f\n.rept 200\nnop.n\n.endr\ncallx0 a3\n1: ret", "callx0 cannot be the last instruction", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assembled a;
        assemble(&a, rows[i].source, strlen(rows[i].source),
                 (mote_xt_asm_options){.no_transform = rows[i].no_transform});
        if (!strstr(a.report, rows[i].message))
            fail_msg("%s\nexpected %s\ngot      %s", rows[i].source, rows[i].message, a.report);
        assembled_free(&a);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(counts), cmocka_unit_test(refused)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
