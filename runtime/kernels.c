#include "kernels.h"

#include <stddef.h>

#include "esp32/mac16.h"
#include "esp32s3/esp32s3.h"

const mote_kernels mote_portable_kernels = {
    .name = "portable",
    .gemv =
        {
            [MOTE_ROWS] = {[MOTE_I8] = mote_gemv_int8,
                           [MOTE_TERNARY2] = mote_gemv_ternary2,
                           [MOTE_TERNARY5] = mote_gemv_ternary5},
#if !defined(MOTE_ONLY_ROWS)
            [MOTE_LANES16] = {[MOTE_I8] = mote_gemv_lanes16_int8, [MOTE_TERNARY2] = mote_gemv_lanes16_ternary2},
#endif
        },
    .gru_gates = mote_gru_gates,
};

const mote_kernels *mote_best_kernels(void)
{
    const mote_kernels *best = NULL;
#if defined(__x86_64__)
    best = mote_x86_kernels();
#elif defined(MOTE_CHIP_ESP32S3) || defined(CONFIG_IDF_TARGET_ESP32S3)
    best = &mote_esp32s3_kernels;
#elif defined(MOTE_CHIP_ESP32) || defined(CONFIG_IDF_TARGET_ESP32)
    best = &mote_mac16_kernels;
#endif
    return best ? best : &mote_portable_kernels;
}
