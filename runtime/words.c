#include "words.h"

#include "format.h"

typedef enum kind { MARK, LETTER, NUMBER, SPACE } kind;

/* Kinds of the characters from U+0080 on, by ranges: 4 · characters + kind. Made by scripts/unicode-kinds. */
static const uint16_t ranges[] = {
#include "words.def"
};

static kind kind_of_code(uint32_t code)
{
    if (code < 0x80) {
        if ((code | 32) >= 'a' && (code | 32) <= 'z')
            return LETTER;
        return code >= '0' && code <= '9' ? NUMBER : code == ' ' || (code >= 9 && code <= 13) ? SPACE : MARK;
    }
    uint32_t end = 0x80;
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
        if (code < (end += ranges[i] / 4u))
            return (kind)(ranges[i] % 4);
    return MARK;
}

/* Reads the character at the beginning of text[size], size > 0. Writes its size; a byte that is not valid UTF-8 is a
 * mark of its own. */
static kind kind_at(const uint8_t *text, size_t size, size_t *bytes)
{
    const uint32_t first = text[0];
    const size_t more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : 0;
    uint32_t code = first & (0x3fu >> more);
    *bytes = 1;
    if (first < 0x80)
        return kind_of_code(first);
    if (!more || more >= size)
        return MARK;
    for (size_t i = 1; i <= more; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return MARK;
        code = code << 6 | (text[i] & 0x3f);
    }
    *bytes = more + 1;
    return kind_of_code(code);
}

static size_t contraction(const uint8_t *text, size_t size)
{
    static const char endings[][3] = {"s", "t", "m", "d", "re", "ve", "ll"};
    for (size_t i = 0; text[0] == '\'' && i < sizeof endings / sizeof *endings; i++) {
        const size_t n = endings[i][1] ? 2 : 1;
        if (size > n && text[1] == (uint8_t)endings[i][0] && (n == 1 || text[2] == (uint8_t)endings[i][1]))
            return n + 1;
    }
    return 0;
}

/* Returns the size of the run of characters of one kind at the beginning of text[size]. */
static size_t run(const uint8_t *text, size_t size, kind of)
{
    size_t at = 0, bytes;
    while (at < size && kind_at(text + at, size - at, &bytes) == of)
        at += bytes;
    return at;
}

static size_t white_space(const uint8_t *text, size_t size, uint32_t flags, int space)
{
    size_t at = 0, last = 0, count = space ? 1 : 0, bytes;
    while (at < size) {
        const kind k = kind_at(text + at, size - at, &bytes);
        if (k != SPACE)
            return count == 1 || (k == NUMBER && flags & MOTE_TOKENIZER_DIGITS) ? at : last;
        last = at;
        at += bytes;
        count++;
    }
    return at;
}

size_t mote_word(const uint8_t *text, size_t size, uint32_t flags, int space)
{
    const size_t begin = !space && text[0] == ' ', short_form = space ? 0 : contraction(text, size);
    if (short_form)
        return short_form;
    if (begin < size) {
        size_t bytes;
        const kind k = kind_at(text + begin, size - begin, &bytes);
        if (k == NUMBER && flags & MOTE_TOKENIZER_DIGITS) {
            if (!begin && !space)
                return bytes;
        } else if (k != SPACE) {
            return begin + run(text + begin, size - begin, k);
        }
    }
    return white_space(text, size, flags, space);
}
