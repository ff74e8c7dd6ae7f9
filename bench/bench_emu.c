/* Measures the instructions per second of the emulator: a loop nest, a CRC and a PIE kernel, without and with timing.
 * Runs 200 million instructions of each and prints a table. `bench/emu.sh BUILD` builds it with the libraries of a
 * build folder. */
#include <time.h>

#include "tests/xtensa/emit.h"

#define CODE 0x40378000u
#define DATA 0x3fc98000u

/* Three nested loops of branches and additions. */
static void loop_nest(emitter *e)
{
    uint32_t outer = e->at;
    EMIT(e, "movi", 2, 100);
    uint32_t middle = e->at;
    EMIT(e, "movi", 3, 100);
    uint32_t inner = e->at;
    EMIT(e, "add", 4, 4, 3);
    EMIT(e, "xor", 5, 5, 4);
    EMIT(e, "addi", 3, 3, -1);
    EMIT(e, "bnez", 3, inner);
    EMIT(e, "addi", 2, 2, -1);
    EMIT(e, "bnez", 2, middle);
    EMIT(e, "j", outer);
}

/* CRC-32 of 4 KB, one bit at a time, as a compiler would generate it. */
static void crc(emitter *e)
{
    uint32_t polynomial = 0xedb88320;
    mote_xt_write(e->m, e->at, &polynomial, 4);
    e->at += 4;
    uint32_t start = e->at;
    EMIT(e, "l32r", 7, start - 4);
    EMIT(e, "movi", 2, -1);
    EMIT(e, "mov.n", 3, 8);
    EMIT(e, "movi", 4, 1024);
    EMIT(e, "slli", 4, 4, 2);
    uint32_t byte = e->at;
    EMIT(e, "l8ui", 5, 3, 0);
    EMIT(e, "addi", 3, 3, 1);
    EMIT(e, "xor", 2, 2, 5);
    EMIT(e, "movi", 6, 8);
    uint32_t bit = e->at;
    EMIT(e, "extui", 5, 2, 0, 1);
    EMIT(e, "neg", 5, 5);
    EMIT(e, "and", 5, 5, 7);
    EMIT(e, "srli", 2, 2, 1);
    EMIT(e, "xor", 2, 2, 5);
    EMIT(e, "addi", 6, 6, -1);
    EMIT(e, "bnez", 6, bit);
    EMIT(e, "addi", 4, 4, -1);
    EMIT(e, "bnez", 4, byte);
    EMIT(e, "j", start);
}

/* GEMV in int8: 16 outputs in the lanes of QACC; every step multiplies by one broadcast input. */
static void pie(emitter *e)
{
    uint32_t start = e->at;
    EMIT(e, "mov.n", 2, 8);
    EMIT(e, "addmi", 3, 8, 1024);
    EMIT(e, "addmi", 4, 8, 2048);
    EMIT(e, "movi", 5, 8);
    EMIT(e, "ee.zero.qacc");
    EMIT(e, "ee.vld.128.ip", 0, 2, 16);
    EMIT(e, "loopgtz", 5, e->at + 3 + 3 + 16 * 4);
    EMIT(e, "ee.vld.128.ip", 2, 3, 16);
    for (int32_t k = 0; k < 16; k++)
        EMIT(e, "ee.vsmulas.s8.qacc.ld.incp", k & 1, 2, k & 1, 2, k);
    EMIT(e, "movi", 6, 7);
    EMIT(e, "ee.srcmb.s8.qacc", 3, 6, 0);
    EMIT(e, "ee.vst.128.ip", 3, 4, 16);
    EMIT(e, "j", start);
}

/* Returns processor time, which excludes that of other processes. */
static double seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static void measure(const char *name, void (*program)(emitter *), bool timed, uint64_t instructions)
{
    mote_error error;
    mote_xt_machine *m = mote_xt_create(MOTE_XT_ESP32S3, &error);
    if (!m) {
        fprintf(stderr, "bench_emu: %s\n", error.text);
        exit(1);
    }
    emitter e = {m, CODE};
    program(&e);
    for (uint32_t k = 0, random = 1; k < 4096; k++) {
        random = random * 1664525 + 1013904223;
        mote_xt_write(m, DATA + k, (uint8_t *)&random + 3, 1);
    }
    mote_xt_set(m, "a8", DATA);
    mote_xt_set(m, "pc", program == crc ? CODE + 4 : CODE);
    mote_xt_set_timing(m, timed);
    double start = seconds();
    mote_xt_stop stop = mote_xt_run(m, instructions);
    double took = seconds() - start;
    printf("%-10s %-14s %7.1f million instructions/s, %.3f cycles an instruction%s%s\n", name,
           timed ? "with timing" : "without timing", (double)instructions / took * 1e-6,
           (double)mote_xt_cycles(m) / (double)mote_xt_instructions(m), stop ? ", stopped: " : "",
           mote_xt_fault_text(m));
    mote_xt_destroy(m);
}

int main(int argc, char **argv)
{
    uint64_t instructions = (argc > 1 ? strtoull(argv[1], NULL, 10) : 200) * 1000000;
    for (int timed = 0; timed < 2; timed++) {
        measure("loop nest", loop_nest, timed, instructions);
        measure("crc", crc, timed, instructions);
        measure("pie", pie, timed, instructions);
    }
    return 0;
}
