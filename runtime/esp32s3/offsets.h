#ifndef MOTE_RUNTIME_ESP32S3_OFFSETS_H
#define MOTE_RUNTIME_ESP32S3_OFFSETS_H

/* Offsets of the fields of mote_gemv (runtime/kernels.h). esp32s3.c checks them. */
#define GEMV_WEIGHTS    0
#define GEMV_X          4
#define GEMV_BIAS       16
#define GEMV_MULTIPLIER 20
#define GEMV_Y          24
#define GEMV_ROWS       8
#define GEMV_COLUMNS    12
#define GEMV_SHIFT      28
#define GEMV_GAIN       32
#define GEMV_NARROW     36

/* Offsets of the fields of mote_attention_head (runtime/attention.h). esp32s3.c checks them. */
#define ATTENTION_Q            0
#define ATTENTION_CODES        4
#define ATTENTION_SCALES       8
#define ATTENTION_SCORES       12
#define ATTENTION_Y            16
#define ATTENTION_WIDTH        20
#define ATTENTION_STRIDE       24
#define ATTENTION_SCALE_STRIDE 28
#define ATTENTION_COUNT        32
#define ATTENTION_SHIFT        36
#define ATTENTION_FACTOR       40

#endif
