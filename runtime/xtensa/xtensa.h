#ifndef MOTE_RUNTIME_XTENSA_XTENSA_H
#define MOTE_RUNTIME_XTENSA_XTENSA_H

#include "../kernels.h"

extern const mote_kernels mote_xtensa_kernels;

#endif
