/* Integer division helpers for code from gcc-xtensa-lx106, whose chip has no divide instruction; the ESP32 chips have
 * one. Division by zero raises their exception. Assembled with `mote asm`. */
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
