#include "xtensa/asm/archive.h"

#include <ctype.h>
#include <string.h>

#define MAGIC      "!<arch>\n"
#define MAGIC_SIZE 8
#define HEADER     60 /* bytes: name 16, date 12, user 6, group 6, mode 8, size 10, the characters ` and newline */
#define NAME_SIZE  16
#define SIZE_AT    48
#define SIZE_SIZE  10

bool mote_xt_is_archive(const uint8_t *data, size_t size)
{
    return size >= MAGIC_SIZE && memcmp(data, MAGIC, MAGIC_SIZE) == 0;
}

void mote_xt_archive_open(mote_xt_archive *a, const uint8_t *data, size_t size, const char *name)
{
    *a = (mote_xt_archive){.data = data, .size = size, .at = MAGIC_SIZE, .name = name};
}

/* Parses a decimal number in a field padded with spaces. Returns false when there are other characters, or no digits.
 */
static bool number(const uint8_t *field, size_t size, size_t *out)
{
    size_t i = 0;
    for (*out = 0; i < size && isdigit(field[i]); i++)
        *out = *out * 10 + (size_t)(field[i] - '0');
    size_t digits = i;
    while (i < size && field[i] == ' ')
        i++;
    return digits && i == size;
}

static void copy_name(char *to, const char *from, size_t most)
{
    size_t n = 0;
    while (n < most && n < 255 && from[n] != '/' && from[n] != '\n' && from[n] != 0)
        n++;
    memcpy(to, from, n);
    to[n] = 0;
}

/* Reads the name of a member: "name/" in the header, or "/OFFSET" into the table of long names. Returns false when the
 * offset lies outside the table. */
static bool member_name(const mote_xt_archive *a, const uint8_t *header, char *name)
{
    size_t offset;
    if (*header != '/') {
        copy_name(name, (const char *)header, NAME_SIZE);
        return true;
    }
    if (!number(header + 1, NAME_SIZE - 1, &offset) || offset >= a->names_size)
        return false;
    copy_name(name, a->names + offset, a->names_size - offset);
    return true;
}

int mote_xt_archive_next(mote_xt_archive *a, mote_xt_member *member, mote_error *error)
{
    while (a->at < a->size) {
        const uint8_t *header = a->data + a->at;
        size_t size = 0;
        if (a->size - a->at < HEADER || header[HEADER - 2] != '`' || header[HEADER - 1] != '\n' ||
            !number(header + SIZE_AT, SIZE_SIZE, &size) || size > a->size - a->at - HEADER) {
            mote_fail(error, MOTE_E_FORMAT, "%s: no member of an archive at byte %zu; the file is damaged", a->name,
                      a->at);
            return -1;
        }
        a->at += HEADER + size + (size & 1);
        bool names = memcmp(header, "//              ", NAME_SIZE) == 0;
        if (names) {
            a->names = (const char *)header + HEADER;
            a->names_size = size;
        }
        if (names || memcmp(header, "/               ", NAME_SIZE) == 0 || memcmp(header, "/SYM64/", 7) == 0)
            continue;
        if (!member_name(a, header, member->name)) {
            mote_fail(error, MOTE_E_FORMAT, "%s: the name of a member lies outside the table of names", a->name);
            return -1;
        }
        member->data = header + HEADER;
        member->size = size;
        return 1;
    }
    return 0;
}
