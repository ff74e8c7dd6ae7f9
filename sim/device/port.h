/* The three things a harness needs of a chip: where the window is, a counter, an end. */
#ifndef MOTE_SIM_PORT_H
#define MOTE_SIM_PORT_H

#include "box.h"

#if defined(__XTENSA__)

#define MOTE_SIM_WINDOW MOTE_SIM_WINDOW_XTENSA

/* Cycles. */
static inline uint32_t mote_sim_counter(void)
{
    uint32_t count;
    __asm__ volatile("rsr %0, ccount" : "=r"(count));
    return count;
}

static inline void mote_sim_exit(void)
{
    register uint32_t call __asm__("a2") = 1;
    register uint32_t status __asm__("a3") = 0;
    __asm__ volatile("simcall" : "+r"(call), "+r"(status) : : "memory");
}

#elif defined(__riscv)

#define MOTE_SIM_WINDOW MOTE_SIM_WINDOW_RISCV

/* Instructions. */
static inline uint32_t mote_sim_counter(void)
{
    uint32_t count;
    __asm__ volatile("csrr %0, minstret" : "=r"(count));
    return count;
}

/* The finisher of QEMU's virt board. */
static inline void mote_sim_exit(void)
{
    __asm__ volatile("" : : : "memory"); /* what the PC will read is written now */
    *(volatile uint32_t *)0x100000 = 0x5555;
}

#endif

#endif
