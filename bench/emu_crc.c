/* CRC-32, one bit at a time: a program of the call0 ABI that bench/emu.sh runs in the emulator and in QEMU. */
#include <stdint.h>

static uint8_t data[4096];

int main(void)
{
    uint32_t crc = 0xffffffff;
    for (int round = 0; round < 2000; round++)
        for (unsigned k = 0; k < sizeof data; k++) {
            crc ^= data[k] + k;
            for (int bit = 0; bit < 8; bit++)
                crc = crc >> 1 ^ (0xedb88320 & -(crc & 1));
        }
    return crc & 1;
}
