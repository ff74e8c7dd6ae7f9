/* The structure of llama2.c checkpoints, for import and export. */
#ifndef MOTE_COMPILER_IMPORT_LLAMA2C_H
#define MOTE_COMPILER_IMPORT_LLAMA2C_H

#include "compiler/import/weights.h"

enum {
    MOTE_LLAMA2C_MAGIC = 0x616b3432,              /* of versions from 1 on */
    MOTE_LLAMA2C_SETTINGS = 7,                    /* i32 at the start of the header: dim, hidden_dim and so on */
    MOTE_LLAMA2C_FREQUENCIES = MOTE_WEIGHT_COUNT, /* part of cosines and sines of the rotary angles */
};

typedef enum mote_llama2c_encoding { MOTE_LLAMA2C_END, MOTE_LLAMA2C_FLOAT, MOTE_LLAMA2C_GROUPS } mote_llama2c_encoding;

/* A part of a file: one weight of all layers, in the order of the file. */
typedef struct mote_llama2c_part {
    mote_llama2c_encoding encoding;
    int weight; /* mote_weight or MOTE_LLAMA2C_FREQUENCIES */
} mote_llama2c_part;

/* The parts of version 0, the last with the encoding END. */
extern const mote_llama2c_part mote_llama2c_parts[];

#endif
