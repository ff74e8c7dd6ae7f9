/* Helpers of integer arithmetic for code from gcc-xtensa-lx106, whose chip has neither a divide instruction nor the high
 * half of products; the ESP32 chips have both. Division by zero raises their exception. Assembled with `mote asm`. */
    .text

    .macro helper name, instruction
    .global \name
    .type   \name, @function
    .align  4
\name:
    \instruction a2, a2, a3
    ret
    .size   \name, . - \name
    .endm

    helper __divsi3, quos
    helper __udivsi3, quou
    helper __modsi3, rems
    helper __umodsi3, remu

/* Products of 64 bits: they replace those of wide.c. */
    .global __muldi3
    .type   __muldi3, @function
    .align  4
__muldi3:
    mull    a6, a2, a5
    mull    a7, a3, a4
    muluh   a3, a2, a4
    add     a6, a6, a7
    mull    a2, a2, a4
    add     a3, a3, a6
    ret
    .size   __muldi3, . - __muldi3

    .global __umulsidi3
    .type   __umulsidi3, @function
    .align  4
__umulsidi3:
    mull    a4, a2, a3
    muluh   a3, a2, a3
    mov     a2, a4
    ret
    .size   __umulsidi3, . - __umulsidi3
