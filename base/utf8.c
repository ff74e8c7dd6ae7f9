#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* Valid ranges of the first byte and the second (Unicode, table 3-7); further bytes are 80..bf. */
static const struct {
    uint8_t first, last, low, high, length;
} forms[] = {
    {0x00, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2}, {0xe0, 0xe0, 0xa0, 0xbf, 3},
    {0xe1, 0xec, 0x80, 0xbf, 3}, {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
    {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4}, {0xf4, 0xf4, 0x80, 0x8f, 4},
};

size_t mote_utf8_length(const char *text, size_t size)
{
    const uint8_t *c = (const uint8_t *)text;
    for (size_t i = 0; size && i < sizeof forms / sizeof *forms; i++) {
        if (c[0] < forms[i].first || c[0] > forms[i].last)
            continue;
        size_t n = 1;
        while (n < forms[i].length && n < size && c[n] >= (n == 1 ? forms[i].low : 0x80) &&
               c[n] <= (n == 1 ? forms[i].high : 0xbf))
            n++;
        return n == forms[i].length ? n : 0;
    }
    return 0;
}

void mote_utf8_write(FILE *to, const char *text, size_t size)
{
    for (size_t at = 0, n; at < size; at += n ? n : 1) {
        n = mote_utf8_length(text + at, size - at);
        if (n)
            fwrite(text + at, 1, n, to);
        else
            fputs(REPLACEMENT, to);
    }
}

void mote_xml_write(FILE *to, const char *text)
{
    const size_t size = strlen(text);
    for (size_t i = 0, n; i < size; i += n ? n : 1) {
        n = mote_utf8_length(text + i, size - i);
        if (strchr("<>&\"", text[i]))
            fprintf(to, "&#%d;", text[i]);
        else if ((unsigned char)text[i] < ' ')
            fputc(' ', to);
        else
            mote_utf8_write(to, text + i, n ? n : 1);
    }
}
