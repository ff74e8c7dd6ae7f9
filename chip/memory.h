/* How the Xtensa chips reach flash and PSRAM: through a cache for instructions and one for data, each of this shape,
 * least recently used first out. docs/xtensa-model.md says where each number comes from. */
#ifndef MOTE_CHIP_MEMORY_H
#define MOTE_CHIP_MEMORY_H

#define MOTE_CACHE_BYTES 32768
#define MOTE_CACHE_LINE  32
#define MOTE_CACHE_WAYS  8
#define MOTE_CACHE_SETS  (MOTE_CACHE_BYTES / MOTE_CACHE_LINE / MOTE_CACHE_WAYS)

/* Cycles for one line: flash 0.125 bytes a cycle, octal PSRAM 0.3. */
#define MOTE_FLASH_LINE_CYCLES 256
#define MOTE_PSRAM_LINE_CYCLES 107

#endif
