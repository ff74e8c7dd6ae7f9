#if defined(__x86_64__)

#include "avx2.h"

#include <stddef.h>

const mote_kernels *mote_x86_kernels(void)
{
    return __builtin_cpu_supports("avx2") ? &mote_avx2_kernels : NULL;
}

#endif
