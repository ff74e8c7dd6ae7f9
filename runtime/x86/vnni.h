#ifndef MOTE_RUNTIME_X86_VNNI_H
#define MOTE_RUNTIME_X86_VNNI_H

#include "../kernels.h"

extern const mote_kernels mote_vnni_kernels;

#endif
