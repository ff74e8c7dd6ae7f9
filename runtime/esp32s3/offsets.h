#ifndef MOTE_RUNTIME_ESP32S3_OFFSETS_H
#define MOTE_RUNTIME_ESP32S3_OFFSETS_H

/* Offsets in mote_gemv (runtime/kernels.h); esp32s3.c checks them. */
#define GEMV_WEIGHTS    0
#define GEMV_X          4
#define GEMV_BIAS       8
#define GEMV_MULTIPLIER 12
#define GEMV_Y          16
#define GEMV_ROWS       20
#define GEMV_COLUMNS    24
#define GEMV_SHIFT      28
#define GEMV_GAIN       32
#define GEMV_NARROW     36

#endif
