#include "kernels.h"

#include <stddef.h>

#include "esp32/mac16.h"
#include "esp32s3/esp32s3.h"
#include "scalar/scalar.h"
#include "x86/x86.h"

const mote_kernels mote_portable_kernels = {
    .name = "portable",
    .gemv =
        {
            [MOTE_ROWS] = {MOTE_KERNEL(ROWS, I16, mote_gemv_int16), MOTE_KERNEL(ROWS, I8, mote_gemv_int8),
                           MOTE_KERNEL(ROWS, I6, mote_gemv_int6), MOTE_KERNEL(ROWS, I5, mote_gemv_int5),
                           MOTE_KERNEL(ROWS, I4, mote_gemv_int4), MOTE_KERNEL(ROWS, TERNARY2, mote_gemv_ternary2),
                           MOTE_KERNEL(ROWS, TERNARY5, mote_gemv_ternary5), MOTE_KERNEL(ROWS, BINARY, mote_gemv_binary),
                           MOTE_KERNEL(ROWS, F16, mote_gemv_general)},
            [MOTE_LANES16] = {MOTE_KERNEL(LANES16, I8, mote_gemv_lanes16_int8),
                              MOTE_KERNEL(LANES16, TERNARY2, mote_gemv_lanes16_ternary2)},
            [MOTE_TILES16] = {MOTE_KERNEL(TILES16, I8, mote_gemv_tiles16_int8),
                              MOTE_KERNEL(TILES16, TERNARY2, mote_gemv_tiles16_ternary2)},
            [MOTE_BLOCKS16] = {MOTE_KERNEL(BLOCKS16, I8, mote_gemv_blocks16_int8),
                               MOTE_KERNEL(BLOCKS16, TERNARY2, mote_gemv_blocks16_ternary2)},
        },
    .general = MOTE_GENERAL(mote_gemv_general),
    .gru_gates = MOTE_IF_OPERATOR(GRU, mote_gru_gates),
    .add = MOTE_IF_OPERATOR(ADD, mote_saturating_add),
    .argmax = mote_argmax,
    .mul = MOTE_IF_NORM(MUL, mote_multiply),
    .quantise = MOTE_IF_OPERATOR(QUANTISE, mote_quantise),
    .peak = MOTE_IF_OPERATOR(QUANTISE, mote_peak),
    .rescale = MOTE_IF_NORM(QUANTISE, mote_rescale),
    MOTE_ACTIVATION_KERNEL(mote_activate),
    MOTE_ATTENTION_KERNELS(mote_attention_scores, mote_softmax, mote_attention_mix),
};

/* Those built in beside the portable ones, the better the later. */
static const mote_kernels *const better[] = {
#if defined(__x86_64__)
    &mote_avx2_kernels,
    &mote_vnni_kernels,
#elif defined(MOTE_CHIP_ESP32S3) || defined(CONFIG_IDF_TARGET_ESP32S3)
    &mote_esp32s3_kernels,
#elif defined(MOTE_CHIP_ESP32) || defined(CONFIG_IDF_TARGET_ESP32)
    &mote_mac16_kernels,
#elif defined(MOTE_CHIP_ESP32S2) || defined(CONFIG_IDF_TARGET_ESP32S2) || defined(__riscv)
    &mote_scalar_kernels,
#endif
    NULL,
};

/* How many of them this processor runs. */
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
