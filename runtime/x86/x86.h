#ifndef MOTE_RUNTIME_X86_X86_H
#define MOTE_RUNTIME_X86_X86_H

#include "../kernels.h"

/* The kernel tables, in ascending order: a processor that can run one can run those before it. */
extern const mote_kernels mote_avx2_kernels, mote_vnni_kernels;

uint32_t mote_x86_usable(void); /* returns the number of these tables that this processor can run */

void mote_avx2_gemv_int16(const mote_gemv *g);
void mote_avx2_gemv_int4(const mote_gemv *g);
void mote_avx2_gemv_binary(const mote_gemv *g);
void mote_avx2_gemv_blocks16_int8(const mote_gemv *g);
void mote_avx2_gemv_blocks16_ternary2(const mote_gemv *g);
void mote_avx2_gru_gates(const int16_t *gx, const int16_t *gh, int16_t *h, int8_t *h8, uint32_t d);

/* Entries of both kernel tables for x86. */
#define MOTE_AVX2_ENTRIES                                                                                              \
    MOTE_GEMV(ROWS, I16, mote_avx2_gemv_int16), MOTE_GEMV(ROWS, I4, mote_avx2_gemv_int4),                              \
        MOTE_GEMV(ROWS, BINARY, mote_avx2_gemv_binary), MOTE_GEMV(BLOCKS16, I8, mote_avx2_gemv_blocks16_int8),         \
        MOTE_GEMV(BLOCKS16, TERNARY2, mote_avx2_gemv_blocks16_ternary2),                                               \
        .gru_gates = MOTE_IF_OPERATOR(GRU, mote_avx2_gru_gates)

#endif
