/* Valid and invalid sequences as the Unicode standard lists them (chapter 3, tables 3-7 and 3-8). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"

#define R "\xef\xbf\xbd"

static void lengths(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        size_t length;
    } cases[] = {
        {"a", 1},
        {"\x7f", 1},
        {"\xc2\x80", 2},
        {"\xdf\xbf", 2},
        {"\xe0\xa0\x80", 3},
        {"\xed\x9f\xbf", 3},
        {"\xef\xbf\xbf", 3},
        {"\xf0\x90\x80\x80", 4},
        {"\xf4\x8f\xbf\xbf", 4},
        {"\x80", 0},             /* begins in the middle */
        {"\xc1\xbf", 0},         /* overlong */
        {"\xe0\x9f\xbf", 0},     /* overlong */
        {"\xf0\x8f\xbf\xbf", 0}, /* overlong */
        {"\xed\xa0\x80", 0},     /* a surrogate */
        {"\xf4\x90\x80\x80", 0}, /* above U+10FFFF */
        {"\xf5\x80\x80\x80", 0}, /* above U+10FFFF */
        {"\xe3\x81", 0},         /* cut off */
        {"\xe3\x81"
         "a",
         0},
        {"", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(mote_utf8_length(cases[i].text, strlen(cases[i].text)), cases[i].length);
}

static void texts(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        /* text, as UTF-8, in XML */
        {"h\xc3\xa9 <&>\"\n", "h\xc3\xa9 <&>\"\n", "h\xc3\xa9 &#60;&#38;&#62;&#34; "},
        {"\xff"
         "a\xc3",
         R "a" R, R "a" R},
        {"\xed\xa0\x80", R R R, R R R},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (int xml = 0; xml < 2; xml++) {
            char *got = NULL;
            size_t size;
            FILE *stream = open_memstream(&got, &size);
            if (xml)
                mote_xml_write(stream, cases[i][0]);
            else
                mote_utf8_write(stream, cases[i][0], strlen(cases[i][0]));
            fclose(stream);
            assert_string_equal(got, cases[i][1 + xml]);
            free(got);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(lengths), cmocka_unit_test(texts)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
