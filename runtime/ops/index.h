/* The index of the layouts MOTE_TILES16 and MOTE_BLOCKS16 (format.h): its bytes as u32, then u16s, for every group the
 * number of parts that it has, a step for each, and 0; filled up with 0. */
#ifndef MOTE_RUNTIME_INDEX_H
#define MOTE_RUNTIME_INDEX_H

#include <stdint.h>

#define MOTE_INDEX_START 4u /* where the first group begins */

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

/* Of so many groups and parts. */
static inline uint64_t mote_index_size(uint32_t groups, uint64_t parts)
{
    return (MOTE_INDEX_START + 2 * (parts + 2 * (uint64_t)groups) + 15) & ~(uint64_t)15;
}

/* How many parts the groups have together; UINT64_MAX when their counts do not fit the index. `index`: as many bytes as
 * it says. */
uint64_t mote_index_parts(const uint8_t *index, uint32_t groups);

/* 1 when an index of so many groups lies within `room` bytes, at least mote_index_size(groups, 0), and is as long as
 * its counts say, so that the rest can be read without looking where it ends. Then *parts is how many there are. */
int mote_index_valid(const uint8_t *index, uint32_t room, uint32_t groups, uint64_t *parts);

/* 1 when all bytes up to `end` are 0. */
int mote_all_zero(const uint8_t *from, const uint8_t *end);

#endif
