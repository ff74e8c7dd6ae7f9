/* One source for both calling conventions: leaf functions, arguments in a2.., a0 and a2..a13 free.
 * FRAME(bytes) opens with that many bytes of scratch at a1, a multiple of 16. */
#ifndef MOTE_RUNTIME_ESP32S3_ABI_H
#define MOTE_RUNTIME_ESP32S3_ABI_H

/* clang-format off */
#define FUNCTION(name) .section .text.name, "ax"; .align 4; .global name; .type name, @function; name:
#define END(name) .size name, . - name

#if defined(__XTENSA_WINDOWED_ABI__)
#define FRAME(bytes) entry a1, (bytes) + 48; s32i a0, a1, bytes
#define RETURN(bytes) l32i a0, a1, bytes; retw
#else
#define FRAME(bytes) addi a1, a1, -((bytes) + 16); s32i a0, a1, bytes; s32i a12, a1, (bytes) + 4; \
    s32i a13, a1, (bytes) + 8
#define RETURN(bytes) l32i a0, a1, bytes; l32i a12, a1, (bytes) + 4; l32i a13, a1, (bytes) + 8; \
    addi a1, a1, (bytes) + 16; ret
#endif
/* clang-format on */

/* Offsets in mote_gemv (runtime/kernels.h); esp32s3.c checks them. */
#define GEMV_WEIGHTS    0
#define GEMV_X          4
#define GEMV_BIAS       8
#define GEMV_MULTIPLIER 12
#define GEMV_Y          16
#define GEMV_ROWS       20
#define GEMV_COLUMNS    24
#define GEMV_SHIFT      28
#define GEMV_GAIN       32
#define GEMV_NARROW     36

#endif
