#ifndef MOTE_RUNTIME_ESP32_MAC16_H
#define MOTE_RUNTIME_ESP32_MAC16_H

#include "../kernels.h"

extern const mote_kernels mote_mac16_kernels;

#endif
