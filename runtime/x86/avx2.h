#ifndef MOTE_RUNTIME_X86_AVX2_H
#define MOTE_RUNTIME_X86_AVX2_H

#include "../kernels.h"

extern const mote_kernels mote_avx2_kernels;

#endif
