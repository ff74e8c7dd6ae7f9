#ifndef MOTE_RUNTIME_CRC32_H
#define MOTE_RUNTIME_CRC32_H

#include <stddef.h>
#include <stdint.h>

/* CRC-32 of IEEE 802.3, as zlib's: start with 0, continue with the value of the bytes before. */
uint32_t mote_crc32(uint32_t crc, const void *data, size_t size);

#endif
