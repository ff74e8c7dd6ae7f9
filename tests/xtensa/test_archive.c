/* Tests of archives: members are read in order, and damaged archives are refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xtensa/asm/archive.h"

#define LONG_NAMES "a_rather_long_name_of_an_object.o/\n/"

static size_t header(char *to, const char *name, const char *size)
{
    return (size_t)sprintf(to, "%-16s%-12s%-6s%-6s%-8s%-10s`\n", name, "0", "0", "0", "644", size);
}

/* Writes an archive with a symbol table, long names, and two members, the first of odd size. Returns its size. */
static size_t archive(char *out)
{
    size_t n = (size_t)sprintf(out, "!<arch>\n");
    n += header(out + n, "/", "4");
    memset(out + n, 0, 4);
    n += 4;
    n += header(out + n, "//", "36");
    n += (size_t)sprintf(out + n, "%-36s", LONG_NAMES);
    n += header(out + n, "short.o/", "3");
    n += (size_t)sprintf(out + n, "abc\n");
    n += header(out + n, "/0", "2");
    n += (size_t)sprintf(out + n, "de");
    return n;
}

static void members_in_order(void **state)
{
    (void)state;
    char bytes[1024];
    size_t size = archive(bytes);
    mote_xt_archive a;
    mote_xt_member m;
    mote_error error;
    assert_true(mote_xt_is_archive((uint8_t *)bytes, size));
    mote_xt_archive_open(&a, (uint8_t *)bytes, size, "x.a");
    assert_int_equal(mote_xt_archive_next(&a, &m, &error), 1);
    assert_string_equal(m.name, "short.o");
    assert_int_equal(m.size, 3);
    assert_memory_equal(m.data, "abc", 3);
    assert_int_equal(mote_xt_archive_next(&a, &m, &error), 1);
    assert_string_equal(m.name, "a_rather_long_name_of_an_object.o");
    assert_memory_equal(m.data, "de", 2);
    assert_int_equal(mote_xt_archive_next(&a, &m, &error), 0);
}

/* An archive that is truncated anywhere, or has any header byte changed, is read to its end or refused. */
static void damaged(void **state)
{
    (void)state;
    char good[1024];
    size_t size = archive(good);
    unsigned refused = 0;
    for (size_t cut = 0; cut <= 2 * size; cut++) {
        size_t kept = cut <= size ? cut : size;
        uint8_t *bytes = malloc(kept + 1);
        assert_non_null(bytes);
        memcpy(bytes, good, kept);
        if (cut > size)
            bytes[cut - size - 1] ^= 0x15;
        if (mote_xt_is_archive(bytes, kept)) {
            mote_xt_archive a;
            mote_xt_member m;
            mote_error error;
            int more, count = 0;
            mote_xt_archive_open(&a, bytes, kept, "x.a");
            while ((more = mote_xt_archive_next(&a, &m, &error)) > 0 && count < 10) {
                assert_true(m.data >= bytes && m.data + m.size <= bytes + kept);
                count++;
            }
            assert_true(count < 10);
            refused += more < 0;
        }
        free(bytes);
    }
    assert_true(refused > 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(members_in_order),
        cmocka_unit_test(damaged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
