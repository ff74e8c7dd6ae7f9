/* The chips of chip/chips.def and a check whether a model fits. */
#ifndef MOTE_COMPILER_CHIPS_H
#define MOTE_COMPILER_CHIPS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct mote_chip {
    const char *name, *cores;
    uint32_t mhz, sram_kb;
    uint32_t ram_kb, flash_kb; /* RAM and flash that a model may use */
} mote_chip;

extern const mote_chip mote_chips[];
extern const int mote_chip_count;

/* Finds a chip by its name, as in "ESP32-S3"; NULL when there is none. */
const mote_chip *mote_chip_named(const char *name);

/* Finds a chip by its name without capitals and dashes, as in "esp32s3"; NULL when there is none. */
const mote_chip *mote_chip_find(const char *name);

typedef struct mote_fit {
    bool flash;   /* the file fits in flash */
    bool ram;     /* arena and state fit in RAM, with the file in flash */
    bool all_ram; /* file, arena and state fit in RAM */
} mote_fit;

/* Checks whether a model fits. Sizes are in bytes. */
mote_fit mote_chip_fit(const mote_chip *chip, uint64_t file_size, uint64_t arena_size, uint64_t state_size);

#endif
