/* Start-up code of programs with the call0 ABI, also of those whose C code has it while their assembly is windowed. The
 * boot loader, or the emulator in its place, has loaded .data and set PS. */
    .section .text._start, "ax"
    .align  4
    .literal_position
    .global _start
    .type _start, @function
_start:
    movi    a0, 0                   /* no caller: backtraces end here */
    movi    a1, _stack_top
    movi    a2, _bss_start
    movi    a3, _bss_end
    movi    a4, 0
1:  bgeu    a2, a3, 2f
    s32i    a4, a2, 0
    addi    a2, a2, 4
    j       1b
2:  movi    a2, mote_program_start
    callx0  a2                      /* does not return */
    .size _start, . - _start
