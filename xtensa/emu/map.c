#include "xtensa/emu/map.h"

#define R   MOTE_XT_MEM_R
#define RX  (MOTE_XT_MEM_R | MOTE_XT_MEM_X)
#define RW  (MOTE_XT_MEM_R | MOTE_XT_MEM_W)
#define RWX (MOTE_XT_MEM_R | MOTE_XT_MEM_W | MOTE_XT_MEM_X)
#define KB  1024u
#define MB  (1024u * 1024)

/* From the chips' technical reference manuals. All of flash and PSRAM is mapped: 16 MB of flash on the S3, 4 MB on the
 * others; 8 or 4 MB of PSRAM. Peripheral registers are not mapped; an access to them stops the machine. `of` is the
 * address of the first view if the region is a second view, else 0. The ESP32's reversed instruction view of SRAM1 is
 * left out. */
static const struct region {
    uint8_t chip, access, kind;
    uint32_t address, size, of;
} regions[] = {
    {MOTE_XT_ESP32S3, RW, MOTE_XT_SRAM, 0x3fc88000, 416 * KB, 0},           /* SRAM1, data */
    {MOTE_XT_ESP32S3, RWX, MOTE_XT_SRAM, 0x40378000, 416 * KB, 0x3fc88000}, /* SRAM1, instructions */
    {MOTE_XT_ESP32S3, RW, MOTE_XT_SRAM, 0x3fcf0000, 64 * KB, 0},            /* SRAM2 */
    {MOTE_XT_ESP32S3, RWX, MOTE_XT_SRAM, 0x40370000, 32 * KB, 0},           /* SRAM0 */
    {MOTE_XT_ESP32S3, R, MOTE_XT_FLASH, 0x3c000000, 16 * MB, 0},            /* flash, data */
    {MOTE_XT_ESP32S3, RX, MOTE_XT_FLASH, 0x42000000, 16 * MB, 0x3c000000},  /* flash, instructions */
    {MOTE_XT_ESP32S3, RW, MOTE_XT_PSRAM, 0x3d000000, 8 * MB, 0},
    {MOTE_XT_ESP32S3, RWX, MOTE_XT_SRAM, 0x600fe000, 8 * KB, 0}, /* RTC fast */
    {MOTE_XT_ESP32S3, RWX, MOTE_XT_SRAM, 0x50000000, 8 * KB, 0}, /* RTC slow */

    {MOTE_XT_ESP32S2, RW, MOTE_XT_SRAM, 0x3ffb0000, 320 * KB, 0},
    {MOTE_XT_ESP32S2, RWX, MOTE_XT_SRAM, 0x40020000, 320 * KB, 0x3ffb0000},
    {MOTE_XT_ESP32S2, R, MOTE_XT_FLASH, 0x3f000000, 4 * MB, 0},
    {MOTE_XT_ESP32S2, RX, MOTE_XT_FLASH, 0x40080000, 4 * MB, 0},
    {MOTE_XT_ESP32S2, RW, MOTE_XT_PSRAM, 0x3f500000, 8 * MB, 0},
    {MOTE_XT_ESP32S2, RWX, MOTE_XT_SRAM, 0x40070000, 8 * KB, 0}, /* RTC fast */
    {MOTE_XT_ESP32S2, RWX, MOTE_XT_SRAM, 0x50000000, 8 * KB, 0}, /* RTC slow */

    {MOTE_XT_ESP32, RW, MOTE_XT_SRAM, 0x3ffae000, 200 * KB, 0},  /* SRAM2 */
    {MOTE_XT_ESP32, RW, MOTE_XT_SRAM, 0x3ffe0000, 128 * KB, 0},  /* SRAM1 */
    {MOTE_XT_ESP32, RWX, MOTE_XT_SRAM, 0x40080000, 128 * KB, 0}, /* SRAM0 */
    {MOTE_XT_ESP32, R, MOTE_XT_FLASH, 0x3f400000, 4 * MB, 0},
    {MOTE_XT_ESP32, RX, MOTE_XT_FLASH, 0x400d0000, 3264 * KB, 0},
    {MOTE_XT_ESP32, RW, MOTE_XT_PSRAM, 0x3f800000, 4 * MB, 0},
    {MOTE_XT_ESP32, RWX, MOTE_XT_SRAM, 0x400c0000, 8 * KB, 0}, /* RTC fast */
    {MOTE_XT_ESP32, RWX, MOTE_XT_SRAM, 0x50000000, 8 * KB, 0}, /* RTC slow */
};

bool mote_xt_map_chip(mote_xt_machine *m, mote_xt_chip chip, mote_error *error)
{
    for (unsigned k = 0; k < sizeof regions / sizeof regions[0]; k++) {
        const struct region *r = &regions[k];
        if (r->chip != chip)
            continue;
        if (r->of ? !mote_xt_map_alias(m, r->address, r->size, r->access, r->of, error)
                  : !mote_xt_map(m, r->address, r->size, r->access, r->kind, error))
            return false;
    }
    return true;
}
