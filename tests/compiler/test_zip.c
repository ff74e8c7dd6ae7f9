/* Tests of zip archives with as many members as the format allows. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/manifest/zip.h"

enum { MEMBERS = 65535, PREFIX = 900, NAME = PREFIX + 6, CENTRAL = 46, LOCAL = 30, END = 22 };

static void put(uint8_t *p, uint32_t value, int bytes)
{
    for (int i = 0; i < bytes; i++)
        p[i] = (uint8_t)(value >> 8 * i);
}

/* Writes the name of a member: a long common prefix, then a number in an order that differs from that of the
 * members. */
static void name_of(uint32_t member, char name[NAME + 1])
{
    memset(name, 'a', PREFIX);
    snprintf(name + PREFIX, 7, "%06u", member * 40503u % 65537u);
}

/* Returns an archive of members of `each` bytes that share one local header and their bytes. The last member has the
 * name of member `twin`. */
static uint8_t *archive(uint32_t twin, uint32_t each, size_t *size)
{
    *size = LOCAL + each + (size_t)MEMBERS * (CENTRAL + NAME) + END;
    uint8_t *data = calloc(1, *size), *p = data + LOCAL + each;
    assert_non_null(data);
    put(data, 0x04034b50, 4);
    for (uint32_t i = 0; i < MEMBERS; i++, p += CENTRAL + NAME) {
        char name[NAME + 1];
        name_of(i == MEMBERS - 1 ? twin : i, name);
        put(p, 0x02014b50, 4);
        put(p + 20, each, 4);
        put(p + 24, each, 4);
        put(p + 28, NAME, 2);
        memcpy(p + CENTRAL, name, NAME);
    }
    put(p, 0x06054b50, 4);
    put(p + 8, MEMBERS, 2);
    put(p + 10, MEMBERS, 2);
    put(p + 12, (uint32_t)(p - data - LOCAL - each), 4);
    put(p + 16, LOCAL + each, 4);
    return data;
}

static void every_member_is_found(void **state)
{
    (void)state;
    size_t size;
    uint8_t *data = archive(MEMBERS - 1, 0, &size);
    mote_zip z;
    mote_error error = {0};
    char name[NAME + 1];
    if (!mote_zip_open(&z, data, size, "many", &error))
        fail_msg("%s", error.text);
    assert_int_equal(z.count, MEMBERS);
    for (uint32_t i = 0; i < MEMBERS; i++) {
        name_of(i, name);
        const mote_zip_entry *e = mote_zip_find(&z, name);
        assert_non_null(e);
        assert_string_equal(e->name, name);
    }
    name_of(MEMBERS, name); /* a number that no member has */
    assert_null(mote_zip_find(&z, name));
    assert_null(mote_zip_find(&z, ""));
    mote_zip_close(&z);
    free(data);
}

static void two_of_one_name_are_refused(void **state)
{
    (void)state;
    size_t size;
    uint8_t *data = archive(17, 0, &size);
    mote_zip z;
    mote_error error = {0};
    assert_false(mote_zip_open(&z, data, size, "twins", &error));
    assert_int_equal(error.code, MOTE_E_FORMAT);
    assert_string_equal(error.text, "twins: two members have one name");
    free(data);
}

/* Reading every member would be 65535 times the work that the file justifies. */
static void members_that_overlap_are_refused(void **state)
{
    (void)state;
    size_t size;
    uint8_t *data = archive(MEMBERS - 1, 1000, &size);
    mote_zip z;
    mote_error error = {0};
    assert_false(mote_zip_open(&z, data, size, "bomb", &error));
    assert_int_equal(error.code, MOTE_E_FORMAT);
    assert_string_equal(error.text, "bomb: its members overlap");
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_member_is_found),
        cmocka_unit_test(two_of_one_name_are_refused),
        cmocka_unit_test(members_that_overlap_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
