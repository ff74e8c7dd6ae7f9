/* The parts of the harness that depend on the chip: the address of the window, a counter, and the exit. */
#ifndef MOTE_SIM_PORT_H
#define MOTE_SIM_PORT_H

#include "box.h"

#if defined(__XTENSA__)

#define MOTE_SIM_WINDOW MOTE_SIM_WINDOW_XTENSA

/* Returns the cycle counter. */
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

/* Returns the instruction counter. */
static inline uint32_t mote_sim_counter(void)
{
    uint32_t count;
    __asm__ volatile("csrr %0, minstret" : "=r"(count));
    return count;
}

/* Ends the simulation through the finisher of QEMU's virt board. */
static inline void mote_sim_exit(void)
{
    __asm__ volatile("" : : : "memory"); /* keeps all writes to the window before the exit */
    *(volatile uint32_t *)0x100000 = 0x5555;
}

#endif

#endif
