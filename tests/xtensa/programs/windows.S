/* Recursion through register windows, deep enough that the register file spills again and again: for each of call4,
 * call8 and call12, sums 1..200 on the way back from 200 nested calls. Exit code 0 when all three give 20100. */
    .macro  nest name, instruction, argument
    .text
    .align  4
    .type   \name, @function
\name:
    entry   a1, 48
    movi    a4, 0
    beqz    a2, 1f
    mov     a3, a2                  /* kept only if the call saves and restores the window correctly */
    addi    \argument, a2, -1
    \instruction \name
    add     a4, \argument, a3
1:  mov     a2, a4
    retw
    .size   \name, . - \name
    .endm

    nest    sum4, call4, a6
    nest    sum8, call8, a10
    nest    sum12, call12, a14

    .text
    .align  4
    .literal_position
    .global main
    .type   main, @function
main:
    entry   a1, 48
    movi    a6, 200
    call4   sum4                    /* the callee's a2 is a6 here */
    movi    a7, 20100               /* a4..a7 belonged to the callee until now */
    sub     a3, a6, a7
    movi    a10, 200
    call8   sum8
    movi    a7, 20100
    sub     a4, a10, a7
    or      a3, a3, a4
    movi    a14, 200
    call12  sum12
    movi    a7, 20100
    sub     a4, a14, a7
    or      a3, a3, a4
    movi    a2, 0
    movi    a4, 1
    movnez  a2, a4, a3
    retw
    .size   main, . - main
