/* Runs on the simulated chips without a vector unit. Measures the cost of a GEMV in portable C and with the chip's
 * kernels, for whole calls with requantization, with data in SRAM and warm code. Prints one line per case: weights |
 * size | portable | kernel, in cycles, or instructions on RISC-V. Prints a line "differ" if the bytes differ. */
#include <string.h>

#include "runtime/kernels.h"
#include "sim/device/port.h"

#define MAX_SIZE 256

void mote_program_start(void);

static _Alignas(16) uint8_t weights[MAX_SIZE * MAX_SIZE];
static _Alignas(16) int8_t x[MAX_SIZE];
static _Alignas(16) int16_t multiplier[MAX_SIZE], y[MAX_SIZE], want[MAX_SIZE];
static int32_t bias[MAX_SIZE];

static void put(const char *text)
{
#if defined(__XTENSA__)
    const uint32_t length = strlen(text);
    register uint32_t call __asm__("a2") = 4;
    register uint32_t file __asm__("a3") = 1;
    register const char *from __asm__("a4") = text;
    register uint32_t size __asm__("a5") = length;
    __asm__ volatile("simcall" : "+r"(call), "+r"(file) : "r"(from), "r"(size) : "memory");
#else
    while (*text)
        *(volatile char *)0x10000000 = *text++; /* the serial port of QEMU's virt board */
#endif
}

static void put_number(uint32_t n)
{
    char digits[11], *p = digits + sizeof digits;
    *--p = 0;
    do
        *--p = (char)('0' + n % 10);
    while ((n /= 10) > 0);
    put("|");
    put(p);
}

static uint32_t random_bits(void)
{
    static uint32_t seed = 1;
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8;
}

static void fill(mote_dtype dtype)
{
    for (uint32_t i = 0; i < sizeof weights; i++) {
        const uint32_t r = random_bits();
        weights[i] = (uint8_t)(dtype == MOTE_TERNARY2 ? r & (r & 0x100 ? 0x55 : 0xaa) : r);
    }
    for (uint32_t i = 0; i < MAX_SIZE; i++) {
        x[i] = (int8_t)(random_bits() % 255 - 127);
        multiplier[i] = (int16_t)(16384 + random_bits() % 16384);
        bias[i] = (int32_t)(random_bits() % 4096) - 2048;
    }
}

static uint32_t time_gemv(const mote_kernels *kernels, mote_dtype dtype, const mote_gemv *g)
{
    uint32_t took = 0;
    for (int repeat = 0; repeat < 2; repeat++) { /* in the second round everything is in the caches */
        const uint32_t start = mote_sim_counter();
        kernels->gemv[MOTE_ROWS][dtype](g);
        took = mote_sim_counter() - start;
    }
    return took;
}

static void bench(const char *what, mote_dtype dtype, uint32_t size)
{
    mote_gemv g = {.weights = weights,
                   .x = x,
                   .out.bias = bias,
                   .out.multiplier = multiplier,
                   .out.y = want,
                   .rows = size,
                   .columns = size,
                   .out.shift = 4,
                   .out.gain = 2};
    fill(dtype);
    const uint32_t portable = time_gemv(&mote_portable_kernels, dtype, &g);
    g.out.y = y;
    const uint32_t kernel = time_gemv(mote_best_kernels(), dtype, &g);
    put(what);
    put_number(size);
    put_number(portable);
    put_number(kernel);
    put(memcmp(y, want, 2 * size) == 0 ? "\n" : "\ndiffer\n");
}

void mote_program_start(void)
{
    for (uint32_t size = 64; size <= MAX_SIZE; size *= 4)
        bench("int8", MOTE_I8, size);
    for (uint32_t size = 64; size <= MAX_SIZE; size *= 4)
        bench("ternary", MOTE_TERNARY2, size);
    for (;;)
        mote_sim_exit();
}
