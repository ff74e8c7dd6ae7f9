/* Integer division for code of gcc-xtensa-lx106, whose chip has no divider; the ESP32's chips have one. Dividing by
 * zero raises their exception. Assembled with `mote asm`. */
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
