/* Helpers of tests: write small programs directly into a machine's memory, one instruction per call. */
#ifndef MOTE_TESTS_EMIT_H
#define MOTE_TESTS_EMIT_H

#include <stdio.h>
#include <stdlib.h>

#include "xtensa/emu/machine.h"

typedef struct emitter {
    mote_xt_machine *m;
    uint32_t at; /* address of the next instruction */
} emitter;

/* Writes one instruction. Labels are absolute addresses. Exits when the instruction cannot be encoded. */
static inline void emit(emitter *e, const char *mnemonic, int32_t v0, int32_t v1, int32_t v2, int32_t v3, int32_t v4)
{
    int32_t values[MOTE_XT_MAX_OPERANDS] = {v0, v1, v2, v3, v4};
    uint32_t word;
    int operand = -1;
    const mote_xt_insn *insn = mote_xt_find(mnemonic);
    if (!insn || mote_xt_encode(insn, values, e->at, &word, &operand) != MOTE_XT_FINE ||
        !mote_xt_write(e->m, e->at, &word, insn->size)) {
        fprintf(stderr, "cannot write %s at 0x%08x (operand %d)\n", mnemonic, e->at, operand);
        exit(1);
    }
    e->at += insn->size;
}

#define EMIT_5(e, name, a, b, c, d, f, ...)                                                                            \
    emit(e, name, (int32_t)(a), (int32_t)(b), (int32_t)(c), (int32_t)(d), (int32_t)(f))
#define EMIT(e, ...) EMIT_5(e, __VA_ARGS__, 0, 0, 0, 0, 0, 0)

#endif
