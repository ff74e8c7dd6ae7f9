#if defined(__x86_64__)

#include "x86.h"

uint32_t mote_x86_usable(void)
{
    if (!__builtin_cpu_supports("avx2"))
        return 0;
    return __builtin_cpu_supports("avx512vnni") && __builtin_cpu_supports("avx512vl") &&
                   __builtin_cpu_supports("avx512bw")
               ? 2
               : 1;
}

#endif
