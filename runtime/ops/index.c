#include "index.h"

uint64_t mote_index_parts(const uint8_t *index, uint32_t groups)
{
    const uint8_t *at = index + MOTE_INDEX_START, *end = index + mote_index_bytes(index);
    uint64_t parts = 0;
    for (; groups > 0; groups--) {
        if (end - at < 4)
            return UINT64_MAX;
        const uint32_t count = mote_index_next(&at);
        if ((uint32_t)(end - at) < 2 * (count + 1))
            return UINT64_MAX;
        at += 2 * (count + 1);
        parts += count;
    }
    return parts;
}

int mote_all_zero(const uint8_t *from, const uint8_t *end)
{
    while (from < end)
        if (*from++ != 0)
            return 0;
    return 1;
}

int mote_index_valid(const uint8_t *index, uint32_t room, uint32_t groups, uint64_t *parts)
{
    const uint32_t size = mote_index_bytes(index);
    if (size < MOTE_INDEX_START || size > room)
        return 0;
    *parts = mote_index_parts(index, groups);
    return *parts != UINT64_MAX && size == mote_index_size(groups, *parts) &&
           mote_all_zero(index + MOTE_INDEX_START + 2 * (*parts + 2 * (uint64_t)groups), index + size);
}
