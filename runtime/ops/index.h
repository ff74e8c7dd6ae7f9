/* The index of the layouts MOTE_TILES16 and MOTE_BLOCKS16 (format.h): its size in bytes as u32, then u16s: for every
 * group the number of its parts (tiles or blocks), one column step per part, and 0. Padded with 0. */
#ifndef MOTE_RUNTIME_INDEX_H
#define MOTE_RUNTIME_INDEX_H

#include <stdint.h>

#define MOTE_INDEX_START 4u /* offset of the first group */

static inline uint32_t mote_index_next(const uint8_t **at)
{
    const uint32_t value = (*at)[0] | (uint32_t)(*at)[1] << 8;
    *at += 2;
    return value;
}

static inline uint32_t mote_index_bytes(const uint8_t *index)
{
    const uint32_t low = mote_index_next(&index);
    return low | mote_index_next(&index) << 16;
}

/* Bytes of an index of `groups` groups with `parts` parts in total. */
static inline uint64_t mote_index_size(uint32_t groups, uint64_t parts)
{
    return (MOTE_INDEX_START + 2 * (parts + 2 * (uint64_t)groups) + 15) & ~(uint64_t)15;
}

/* Returns the total number of parts of all groups; UINT64_MAX if the counts do not fit the size of the index. The bytes
 * of the size that the index states must be readable. */
uint64_t mote_index_parts(const uint8_t *index, uint32_t groups);

/* Returns 1 if an index of `groups` groups lies within `room` bytes, its size is the one that its counts give, and its
 * padding is 0; sets *parts to the total number of parts. Its entries can then be read without checking for its end.
 * room: at least mote_index_size(groups, 0). */
int mote_index_valid(const uint8_t *index, uint32_t room, uint32_t groups, uint64_t *parts);

/* Returns 1 if all bytes up to `end` are 0. */
int mote_all_zero(const uint8_t *from, const uint8_t *end);

#endif
