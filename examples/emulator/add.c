/* The emulator as a library: assemble one instruction, execute it, read a register.
 *
 *     cc add.c $(pkg-config --cflags --libs --static mote-xtensa) -o add && ./add
 */
#include <stdio.h>

#include "xtensa/asm/asm.h"
#include "xtensa/emu/machine.h"

int main(void)
{
    mote_error error;
    uint8_t bytes[MOTE_XT_MAX_BYTES] = {0};
    unsigned size;
    mote_xt_machine *m = mote_xt_create(MOTE_XT_ESP32S3, &error);
    if (!m || !mote_xt_assemble_line("addi a3, a3, 41", 0, MOTE_XT_ESP32S3, bytes, &size, &error)) {
        fprintf(stderr, "%s\n", error.text);
        return error.code;
    }
    mote_xt_set(m, "a3", 1);
    const uint32_t word = bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
    mote_xt_execute(m, word, size);
    printf("a3 = %u\n", mote_xt_get(m, "a3"));
    mote_xt_destroy(m);
    return 0;
}
