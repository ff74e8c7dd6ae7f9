/* Macros that the kernels of the layouts MOTE_ROWS and MOTE_BLOCKS16 share: setup, products of sixteen rows with inputs
 * held in registers, and conversion of sixteen sums to outputs.
 *
 * Registers from ROWS_OPEN to ROWS_CLOSE, in addition to those of requantize.h: a12 bias, advancing, or 0    a15 sums,
 * advancing    a0, a10 free. ROWS_OPEN also sets a3 weights, a8 columns, a13 x; the kernel may change these and a5,
 * a14. Scratch at a1: */
#ifndef MOTE_RUNTIME_ESP32S3_ROWS_H
#define MOTE_RUNTIME_ESP32S3_ROWS_H

#include "requantize.h"

#define ROWS_SUMS  0   /* int64[16] */
#define ROWS_SAVED 128 /* a14, a15 */
#define ROWS_SPARE 136 /* 8 bytes for the kernel */
#define ROWS_FRAME 144

/* clang-format off */
    .macro ROWS_OPEN keep_a3=0
    FRAME(ROWS_FRAME)
    .if \keep_a3
    s32i    a3, a1, ROWS_SPARE
    .endif
    s32i    a14, a1, ROWS_SAVED
    s32i    a15, a1, ROWS_SAVED + 4
    l32i    a3, a2, GEMV_WEIGHTS
    l32i    a13, a2, GEMV_X
    l32i    a12, a2, GEMV_BIAS
    l32i    a8, a2, GEMV_COLUMNS
    REQUANTIZE_OPEN
    movi    a10, 0
    max     a4, a4, a10
    .endm

    .macro ROWS_LOAD count, first, second, third, fourth, from
    ee.vld.128.ip \first, \from, 16
    .if \count > 1
    ee.vld.128.ip \second, \from, 16
    .endif
    .if \count > 2
    ee.vld.128.ip \third, \from, 16
    .endif
    .if \count > 3
    ee.vld.128.ip \fourth, \from, 16
    .endif
    .endm

    .macro ROWS_CLEAR
    ee.zero.q q0
    mov     a15, a1
    .rept   8
    ee.vst.128.ip q0, a15, 16
    .endr
    .endm

/* Multiplies a part of one row: its sum += the weights in q4.. times the inputs in q0... If `load` is 1, loads the
 * weights of the next row. */
    .macro ROWS_MULTIPLY type, count, load
    ee.ld.accx.ip a15, 0
    .if \load
    ee.vmulas.\type\().accx.ld.ip q4, a14, 16, q0, q4
    .if \count > 1
    ee.vmulas.\type\().accx.ld.ip q5, a14, 16, q1, q5
    .endif
    .if \count > 2
    ee.vmulas.\type\().accx.ld.ip q6, a14, 16, q2, q6
    .endif
    .if \count > 3
    ee.vmulas.\type\().accx.ld.ip q7, a14, 16, q3, q7
    .endif
    add     a14, a14, a0
    .else
    ee.vmulas.\type\().accx q0, q4
    .if \count > 1
    ee.vmulas.\type\().accx q1, q5
    .endif
    .if \count > 2
    ee.vmulas.\type\().accx q2, q6
    .endif
    .if \count > 3
    ee.vmulas.\type\().accx q3, q7
    .endif
    .endif
    ee.st.accx.ip a15, 8
    .endm

/* Multiplies a part of every row: sums += `count` times 16 bytes of weights, from a14 on, times the inputs in q0... a0:
 * bytes from the end of a row's part to the beginning of the next row's. */
    .macro ROWS_PRODUCTS type, count
    ROWS_LOAD \count, q4, q5, q6, q7, a14
    add     a14, a14, a0
    mov     a15, a1
    movi    a10, 15
    min     a10, a10, a7
    loopgtz a10, 1f
    ROWS_MULTIPLY \type, \count, 1
1:  ROWS_MULTIPLY \type, \count, 0
    .endm

/* Loads the low halves of the sums of rows 0..3, 4..7, 8..11, 12..15 to q0, q2, q4, q6. */
    .macro ROWS_LOAD_SUMS
    mov     a10, a1
    ROWS_LOAD 4, q0, q1, q2, q3, a10
    ROWS_LOAD 4, q4, q5, q6, q7, a10
    ee.vunzip.32 q0, q1
    ee.vunzip.32 q2, q3
    ee.vunzip.32 q4, q5
    ee.vunzip.32 q6, q7
    .endm

/* Computes y[0..15]. Then jumps to `block`, or returns after the last row. routine: one of rows_close.S. */
    .macro ROWS_CLOSE block, routine
    call0   \routine
    bgez    a7, \block
    l32i    a14, a1, ROWS_SAVED
    l32i    a15, a1, ROWS_SAVED + 4
    RETURN(ROWS_FRAME)
    .endm
/* clang-format on */

#endif
