/* The chip that the runtime is compiled for: -DMOTE_CHIP_ESP32, -DMOTE_CHIP_ESP32S2 or -DMOTE_CHIP_ESP32S3; under
 * ESP-IDF it comes from sdkconfig.h. Without one of these an Xtensa chip gets the portable kernels, which are dozens of
 * times slower. */
#ifndef MOTE_RUNTIME_CHIP_H
#define MOTE_RUNTIME_CHIP_H

#if defined(ESP_PLATFORM) && defined(__has_include)
#if __has_include("sdkconfig.h")
#include "sdkconfig.h"
#endif
#endif

#if defined(CONFIG_IDF_TARGET_ESP32S3) && !defined(MOTE_CHIP_ESP32S3)
#define MOTE_CHIP_ESP32S3 1
#elif defined(CONFIG_IDF_TARGET_ESP32S2) && !defined(MOTE_CHIP_ESP32S2)
#define MOTE_CHIP_ESP32S2 1
#elif defined(CONFIG_IDF_TARGET_ESP32) && !defined(MOTE_CHIP_ESP32)
#define MOTE_CHIP_ESP32 1
#endif

#if defined(__XTENSA__) && !defined(MOTE_CHIP_ESP32) && !defined(MOTE_CHIP_ESP32S2) && !defined(MOTE_CHIP_ESP32S3)
#warning "no chip named: add -DMOTE_CHIP_ESP32S3=1 (or ESP32, ESP32S2) to get its kernels and not the portable ones"
#endif

#endif
