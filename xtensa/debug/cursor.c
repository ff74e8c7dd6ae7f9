#include "xtensa/debug/cursor.h"

#include <string.h>

enum {
    MOST_TEXT = 4096, /* bytes of a text */
    MOST_LEB = 10,    /* bytes of a LEB128 number */
};

const uint8_t *mote_xt_take(mote_xt_cursor *c, uint64_t size)
{
    if (c->problem || size > (uint64_t)(c->end - c->at)) {
        c->problem = c->problem ? c->problem : "it ends too early";
        return NULL;
    }
    const uint8_t *bytes = c->at;
    c->at += size;
    return bytes;
}

uint64_t mote_xt_fixed(mote_xt_cursor *c, unsigned size)
{
    uint64_t value = 0;
    const uint8_t *bytes = mote_xt_take(c, size);
    for (unsigned i = 0; bytes && i < size && i < 8; i++)
        value |= (uint64_t)bytes[i] << 8 * i;
    return value;
}

/* A number in groups of seven bits. *sign gets the bits that extend a negative number's sign, else 0. */
static uint64_t leb128(mote_xt_cursor *c, uint64_t *sign)
{
    uint64_t value = 0;
    *sign = 0;
    for (unsigned i = 0; i < MOST_LEB; i++) {
        const uint8_t *byte = mote_xt_take(c, 1);
        if (!byte)
            return 0;
        value |= (uint64_t)(*byte & 0x7f) << 7 * i;
        if (*byte & 0x80)
            continue;
        if ((*byte & 0x40) && i + 1 < MOST_LEB)
            *sign = ~(uint64_t)0 << 7 * (i + 1);
        return value;
    }
    c->problem = "a LEB128 number does not end";
    return 0;
}

uint64_t mote_xt_uleb128(mote_xt_cursor *c)
{
    uint64_t sign;
    return leb128(c, &sign);
}

uint64_t mote_xt_sleb128(mote_xt_cursor *c)
{
    uint64_t sign, value = leb128(c, &sign);
    return value | sign;
}

const char *mote_xt_cursor_text(mote_xt_cursor *c)
{
    size_t left = (size_t)(c->end - c->at);
    const uint8_t *end = c->problem ? NULL : memchr(c->at, 0, left < MOST_TEXT ? left : MOST_TEXT);
    if (!end) {
        c->problem = c->problem ? c->problem : "a name does not end";
        return "";
    }
    return (const char *)mote_xt_take(c, (uint64_t)(end - c->at) + 1);
}
