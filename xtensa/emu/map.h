/* The memory map of each chip. */
#ifndef MOTE_XTENSA_MAP_H
#define MOTE_XTENSA_MAP_H

#include "xtensa/emu/machine.h"

bool mote_xt_map_chip(mote_xt_machine *m, mote_xt_chip chip, mote_error *error);

#endif
