#include "compiler/plan/chips.h"

#include <string.h>

#include <ctype.h>
#include <stddef.h>

const mote_chip mote_chips[] = {
#define CHIP(name, cores, mhz, sram, ram, flash) {name, cores, mhz, sram, ram, flash},
#include "chip/chips.def"
#undef CHIP
};

const int mote_chip_count = sizeof mote_chips / sizeof mote_chips[0];

static bool is_named(const mote_chip *chip, const char *name)
{
    const char *c = chip->name;
    for (; *c; c++)
        if (*c != '-' && tolower((unsigned char)*c) != *name++)
            return false;
    return *name == 0;
}

const mote_chip *mote_chip_find(const char *name)
{
    for (int i = 0; i < mote_chip_count; i++)
        if (is_named(&mote_chips[i], name))
            return &mote_chips[i];
    return NULL;
}

mote_fit mote_chip_fit(const mote_chip *chip, uint64_t file_size, uint64_t arena_size, uint64_t state_size)
{
    const uint64_t flash = (uint64_t)chip->flash_kb * 1024, ram = (uint64_t)chip->ram_kb * 1024;
    const uint64_t working = arena_size + state_size;
    return (mote_fit){.flash = file_size <= flash, .ram = working <= ram, .all_ram = file_size + working <= ram};
}

const mote_chip *mote_chip_named(const char *name)
{
    for (int i = 0; i < mote_chip_count; i++)
        if (strcmp(mote_chips[i].name, name) == 0)
            return &mote_chips[i];
    return NULL;
}
