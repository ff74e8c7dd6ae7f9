/* The structure of a RUVM file (docs/SPEC.md), for import and export. */
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
    float min, max; /* range of the values */
} mote_ruvm_range;

/* Tensors of a layer in the order of the file. The embedding precedes all layers; the head follows them. */
enum { MOTE_RUVM_IN_LAYER = 7 };
extern const mote_weight mote_ruvm_layer[MOTE_RUVM_IN_LAYER];

typedef struct mote_ruvm_codes {
    const char *name;
    uint32_t bits;
    int32_t lowest, highest;   /* range of codes and, except for binary, of zero points */
    int32_t scaled_to;         /* code of the largest |weight| in an export */
    uint32_t significant_bits; /* bits of an exported scale, so that scale · code is exact in f32 */
} mote_ruvm_codes;
extern const mote_ruvm_codes mote_ruvm_types[MOTE_RUVM_TYPE_COUNT];

/* Returns the bytes of the codes of a tensor, padded to a multiple of 4. */
uint64_t mote_ruvm_size(mote_ruvm_type type, uint64_t elements);

/* Returns the shape of a model with this header: rotary positions, RMSNorm, SwiGLU, as many key heads as query heads,
 * an untied head. */
mote_transformer_shape mote_ruvm_shape(const mote_ruvm_header *h);

#endif
