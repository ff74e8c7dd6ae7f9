/* Macros for assembly that suits both calling conventions (windowed and call0): leaf functions with arguments from a2
 * on that may change a0 and a2..a13. FRAME(bytes) begins a function and reserves `bytes` of scratch at a1, a multiple
 * of 16; RETURN(bytes) ends it. */
#ifndef MOTE_RUNTIME_XTENSA_ABI_H
#define MOTE_RUNTIME_XTENSA_ABI_H

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

#endif
