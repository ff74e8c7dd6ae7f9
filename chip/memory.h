/* The caches between the Xtensa chips and their flash and PSRAM: one for instructions and one for data, each of this
 * shape, with LRU replacement. docs/xtensa-model.md gives the source of each number. */
#ifndef MOTE_CHIP_MEMORY_H
#define MOTE_CHIP_MEMORY_H

#define MOTE_CACHE_BYTES 32768
#define MOTE_CACHE_LINE  32
#define MOTE_CACHE_WAYS  8
#define MOTE_CACHE_SETS  (MOTE_CACHE_BYTES / MOTE_CACHE_LINE / MOTE_CACHE_WAYS)

/* Cycles to fill one line: flash transfers 0.125 bytes per cycle, octal PSRAM 0.3. */
#define MOTE_FLASH_LINE_CYCLES 256
#define MOTE_PSRAM_LINE_CYCLES 107

#endif
