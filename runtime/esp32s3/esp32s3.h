#ifndef MOTE_RUNTIME_ESP32S3_ESP32S3_H
#define MOTE_RUNTIME_ESP32S3_ESP32S3_H

#include "../kernels.h"

extern const mote_kernels mote_esp32s3_kernels;

#endif
