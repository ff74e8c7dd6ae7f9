#include "kernels.h"

#include <stddef.h>

#include "chip.h"
#include "esp32/mac16.h"
#include "esp32s3/esp32s3.h"
#include "scalar/scalar.h"
#include "x86/x86.h"

const mote_kernels mote_portable_kernels = {MOTE_PORTABLE_ENTRIES, .name = "portable"};

/* The tables built in besides the portable one, in ascending order of speed. */
static const mote_kernels *const better[] = {
#if defined(__x86_64__)
    &mote_avx2_kernels,
    &mote_vnni_kernels,
#elif defined(MOTE_CHIP_ESP32S3)
    &mote_esp32s3_kernels,
#elif defined(MOTE_CHIP_ESP32)
    &mote_mac16_kernels,
#elif defined(MOTE_CHIP_ESP32S2) || defined(__riscv)
    &mote_scalar_kernels,
#endif
    NULL,
};

/* Returns the number of these tables that this processor can run. */
static uint32_t usable(void)
{
#if defined(__x86_64__)
    return mote_x86_usable();
#else
    return sizeof better / sizeof better[0] - 1;
#endif
}

const mote_kernels *mote_kernels_at(uint32_t index)
{
    if (index == 0)
        return &mote_portable_kernels;
    return index <= usable() ? better[index - 1] : NULL;
}

const mote_kernels *mote_best_kernels(void)
{
    return mote_kernels_at(usable());
}
