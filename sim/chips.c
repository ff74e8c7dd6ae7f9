#include <string.h>

#include "sim/sim.h"

/* The model follows the program, at an offset of about 1 MB in flash. */
const mote_sim_chip mote_sim_chips[MOTE_SIM_CHIPS] = {
    {"esp32", "ESP32", NULL, MOTE_XT_ESP32, 0x3f500000},
    {"esp32s2", "ESP32-S2", NULL, MOTE_XT_ESP32S2, 0x3f0f0000},
    {"esp32s3", "ESP32-S3", NULL, MOTE_XT_ESP32S3, 0x3c100000},
    {"esp32c3", "ESP32-C3", "rv32,a=off,f=off,d=off", 0, 0x80100000},
    {"esp32c6", "ESP32-C6", "rv32,f=off,d=off", 0, 0x80100000},
};

const mote_chip *mote_sim_about(const mote_sim_chip *chip)
{
    int i = 0;
    while (strcmp(mote_chips[i].name, chip->part) != 0)
        i++;
    return &mote_chips[i];
}
