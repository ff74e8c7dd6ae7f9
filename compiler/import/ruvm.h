/* The parts of a RUVM file (docs/SPEC.md) that reading and writing share. */
#ifndef MOTE_COMPILER_IMPORT_RUVM_H
#define MOTE_COMPILER_IMPORT_RUVM_H

#include "compiler/import/weights.h"

typedef struct mote_ruvm_header { /* 32 bytes, at offset 0 */
    char magic[4];                /* "RUVM" */
    uint16_t vocabulary, dim, hidden;
    uint8_t layers, heads, context, type;
    uint8_t reserved[18]; /* 0 */
} mote_ruvm_header;

typedef struct mote_ruvm_range { /* 16 bytes, before the codes of each tensor */
    float scale;                 /* finite, not negative: value = scale · (code - zero_point) */
    int32_t zero_point;
    float min, max; /* of the values */
} mote_ruvm_range;

/* The tensors of a layer in the order of the file; the embedding is before all layers, the head after. */
enum { MOTE_RUVM_IN_LAYER = 7 };
extern const mote_weight mote_ruvm_layer[MOTE_RUVM_IN_LAYER];

typedef struct mote_ruvm_codes {
    const char *name;
    uint32_t bits;
    int32_t lowest, highest;   /* codes, also the zero points that may be */
    int32_t scaled_to;         /* the code of the greatest |weight| when exporting */
    uint32_t significant_bits; /* of an exported scale, so that scale · code is exact in f32 */
} mote_ruvm_codes;
extern const mote_ruvm_codes mote_ruvm_types[MOTE_RUVM_TYPE_COUNT];

/* Bytes of the codes of a tensor, padding to a multiple of 4 included. */
uint64_t mote_ruvm_size(mote_ruvm_type type, uint64_t elements);

/* The shape of a model with this header: rotary positions, RMSNorm, SwiGLU, full heads, a head of its own. */
mote_transformer_shape mote_ruvm_shape(const mote_ruvm_header *h);

#endif
