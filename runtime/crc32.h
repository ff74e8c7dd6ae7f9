#ifndef MOTE_RUNTIME_CRC32_H
#define MOTE_RUNTIME_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* Returns the CRC-32 of IEEE 802.3, the same as zlib's crc32. crc: 0 at the start, then the value for the bytes before.
 */
uint32_t mote_crc32(uint32_t crc, const void *data, size_t size);

#endif
