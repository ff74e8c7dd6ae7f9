/* Start-up code of programs with the windowed ABI: the vectors that spill and refill register windows, and _start,
 * which calls main and exits with its result. Assembled with `mote asm`. */
    .section .text.vectors, "ax"
    .align  1024                    /* VECBASE has no lower bits */
    .global _vectors
_vectors:

/* An overflow spills, and an underflow refills, as many registers as the call moved the window by. The caller's a0..a3
 * are saved in the 16 bytes below the stack pointer of the called function, the others in the caller's own frame. */
    .org    0x00                    /* overflow, 4 registers */
    s32e    a0, a5, -16
    s32e    a1, a5, -12
    s32e    a2, a5, -8
    s32e    a3, a5, -4
    rfwo

    .org    0x40                    /* underflow, 4 registers */
    l32e    a0, a5, -16
    l32e    a1, a5, -12
    l32e    a2, a5, -8
    l32e    a3, a5, -4
    rfwu

    .org    0x80                    /* overflow, 8 registers */
    s32e    a0, a9, -16
    l32e    a0, a1, -12             /* stack pointer of the caller's caller, whose frame has room for a4..a7 */
    s32e    a1, a9, -12
    s32e    a2, a9, -8
    s32e    a3, a9, -4
    s32e    a4, a0, -32
    s32e    a5, a0, -28
    s32e    a6, a0, -24
    s32e    a7, a0, -20
    rfwo

    .org    0xc0                    /* underflow, 8 registers */
    l32e    a0, a9, -16
    l32e    a1, a9, -12
    l32e    a2, a9, -8
    l32e    a7, a1, -12
    l32e    a3, a9, -4
    l32e    a4, a7, -32
    l32e    a5, a7, -28
    l32e    a6, a7, -24
    l32e    a7, a7, -20
    rfwu

    .org    0x100                   /* overflow, 12 registers */
    s32e    a0, a13, -16
    l32e    a0, a1, -12
    s32e    a1, a13, -12
    s32e    a2, a13, -8
    s32e    a3, a13, -4
    s32e    a4, a0, -48
    s32e    a5, a0, -44
    s32e    a6, a0, -40
    s32e    a7, a0, -36
    s32e    a8, a0, -32
    s32e    a9, a0, -28
    s32e    a10, a0, -24
    s32e    a11, a0, -20
    rfwo

    .org    0x140                   /* underflow, 12 registers */
    l32e    a0, a13, -16
    l32e    a1, a13, -12
    l32e    a2, a13, -8
    l32e    a11, a1, -12
    l32e    a3, a13, -4
    l32e    a4, a11, -48
    l32e    a5, a11, -44
    l32e    a6, a11, -40
    l32e    a7, a11, -36
    l32e    a8, a11, -32
    l32e    a9, a11, -28
    l32e    a10, a11, -24
    l32e    a11, a11, -20
    rfwu
    .org    0x180

    .section .text._start, "ax"
    .align  4
    .literal_position
    .global _start
    .type   _start, @function
_start:
    movi    a0, _vectors
    wsr     a0, vecbase
    movi    a0, 0
    movi    a1, _stack_top - 64     /* room for the base save area of the outermost frame */
    rsync
    movi    a2, _bss_start
    movi    a3, _bss_end
    movi    a4, 0
    bgeu    a2, a3, 2f
1:  s32i    a4, a2, 0
    addi    a2, a2, 4
    bltu    a2, a3, 1b
2:  movi    a6, 0                   /* main(0, NULL) */
    movi    a7, 0
    movi    a5, main                /* the linker of the lx106 does not know call4 */
    callx4  a5
    mov     a3, a6
    movi    a2, 1                   /* exit */
    simcall
    .size   _start, . - _start
