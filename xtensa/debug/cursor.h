/* Reads numbers and texts from bytes in memory, as the sections of DWARF hold them. */
#ifndef MOTE_XTENSA_CURSOR_H
#define MOTE_XTENSA_CURSOR_H

#include <stdint.h>

/* Bytes still to be read. A read beyond the end, or of a malformed number or text, sets `problem`; from then on every
 * number read is 0 and every text "". */
typedef struct mote_xt_cursor {
    const uint8_t *at, *end;
    const char *problem; /* for messages; NULL: none */
} mote_xt_cursor;

/* Skips `size` bytes and returns their address; NULL if there are not as many. */
const uint8_t *mote_xt_take(mote_xt_cursor *c, uint64_t size);

/* A little-endian number of `size` bytes; of more than eight, the first eight. */
uint64_t mote_xt_fixed(mote_xt_cursor *c, unsigned size);

/* Unsigned and signed LEB128. */
uint64_t mote_xt_uleb128(mote_xt_cursor *c);
uint64_t mote_xt_sleb128(mote_xt_cursor *c);

/* A text that ends with a zero byte, of at most 4096 bytes with it. */
const char *mote_xt_cursor_text(mote_xt_cursor *c);

#endif
