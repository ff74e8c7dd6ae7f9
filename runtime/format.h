/* The .mote container, byte for byte. docs/SPEC.md explains it; this header is its only definition in code.
 *
 * Little endian. The file is read in place and must lie at an address that is a multiple of 16. Every structure below
 * has the size its comment states and no padding. */
#ifndef MOTE_RUNTIME_FORMAT_H
#define MOTE_RUNTIME_FORMAT_H

#include <mote.h>

#include "operators.h"

#define MOTE_MAGIC          0x45544f4du /* "MOTE" */
#define MOTE_FORMAT_VERSION 2
#define MOTE_ALIGNMENT      16
#define MOTE_NO_INDEX       0xffffu
#define MOTE_NO_AXIS        0xffu

typedef struct mote_header { /* 80 bytes, at offset 0 */
    uint32_t magic;
    uint16_t version;
    uint16_t header_size; /* 80 */
    uint32_t file_size;
    uint32_t crc32;                         /* CRC-32 (IEEE 802.3, as zlib) of bytes 16..file_size-1 */
    uint32_t flags;                         /* MOTE_FLAG_* */
    uint32_t tensor_count, tensor_offset;   /* mote_tensor_record[] */
    uint32_t op_count, op_offset;           /* mote_op_record[] in order of execution */
    uint32_t operand_count, operand_offset; /* uint16_t[]: tensor indices, MOTE_NO_INDEX for an absent operand */
    uint32_t word_count, word_offset;       /* 32-bit words: parameters of operators, scales of tensors */
    uint32_t section_count, section_offset; /* mote_section_record[] */
    uint32_t string_offset, string_size;    /* NUL-terminated UTF-8 names, one after another; first byte is NUL */
    uint32_t arena_size;                    /* bytes of scratch one run needs, multiple of 16; 0 in a float graph */
    uint32_t state_size;                    /* bytes that persist between runs, multiple of 16; 0 in a float graph */
    uint32_t reserved;                      /* 0 */
} mote_header;

enum {
    MOTE_FLAG_PACKED = 1, /* integer operators only: a device can run it. Otherwise a float graph, for the compiler */
};

/* How rows of the packed types lie (mote_dtype in mote.h):
 *     TERNARY2  2-bit codes 0, 1, 2 for -1, 0, +1. Rows padded with code 1 to 64 columns = 16 bytes: in each 16-byte
 *               group, bits 2k,2k+1 of byte j hold column 16k+j
 *     TERNARY5  5 trits a byte: byte j of a row is Σ code(column 5j+k)·3^k; rows are ceil(columns/5) bytes, the last
 *               padded with code 1
 *     I4        -8..7 as 4-bit codes 0..15. Rows padded with code 8 to 32 columns = 16 bytes: in each 16-byte group,
 *               the low half of byte j holds column j and the high half column 16+j
 *     BINARY    -1, +1 as bits 0, 1. Rows padded with 0 to 128 columns = 16 bytes: in each 16-byte group, bit k of byte
 *               j holds column 16k+j
 *     I5        -16..15 as codes 0..31. A row is the low halves of the codes as I4 lays out its codes, padded with 0,
 *               then their high bits as BINARY lays out its bits, padded with 1
 *     I6        -32..31 as codes 0..63: likewise, the high two bits as TERNARY2 lays out its codes, padded with 2
 *     F16       finite. A product takes them as fixed point: MOTE_PRODUCT_FRACTION
 *     I8V       an activation: int8 codes, filled up to a multiple of 16, then a mote_vector_scale */

/* Ends an I8V vector: stored values are code · mantissa · 2^exponent in units of what was quantized. */
typedef struct mote_vector_scale { /* 16 bytes */
    int32_t mantissa;              /* 2^14 .. 2^15 - 1 */
    int32_t exponent;
    int32_t reserved[2]; /* 0 */
} mote_vector_scale;

/* How the constant weights of a packed product lie in the file. A compiler chooses what the chip's kernel wants; every
 * layout has a portable kernel with the same bytes out. */
typedef enum mote_layout {
    MOTE_ROWS = 0,    /* row after row, as the dtype says. Every tensor that is not such a matrix */
    MOTE_LANES16 = 1, /* I8, and TERNARY2 of up to 752 columns, whose bound is below 2^19 - 2^15: blocks of 16 rows
                         (lanes), the last filled up with zero rows, columns filled up with zero weights to a multiple
                         of 16. First for every block 48 bytes with the bias, so that the operator has none: 20 bits a
                         lane, lane 0 in the low bits; of the 20 bytes of lanes 0..7 the first 16 at 0 and the rest at
                         32, of those of lanes 8..15 at 16 and 36, zero at 40..47. Then for every block its weights. I8:
                         byte 16c+j is the weight of lane j in column c. TERNARY2: bits 2k,2k+1 of byte 16i+j are the
                         code of lane j in column 4i+k. Last 32 zero bytes, which kernels load ahead */
    MOTE_TILES16 = 2, /* MOTE_LANES16 without the tiles of 16 rows by 16 columns that weigh nothing; TERNARY2 only where
                         bound + 128·columns is below 2^19 - 2^15. First the 48 bytes for every block. Then the index:
                         u32 its bytes; u16s, for every block the number n of its tiles, n columns where one begins,
                         each less the one before (the first less 0), multiples of 16, and 0; filled up with 0 to a
                         multiple of 16. Then the weights of the tiles, each laid out as a block of 16 columns. Last 32
                         zero bytes */
    MOTE_BLOCKS16 = 3, /* I8 and TERNARY2, the bias an operand as with MOTE_ROWS: rows without the blocks of 16 columns
                          that weigh nothing. First the index: u32 its bytes; u16s, for every row the number n of its
                          blocks, n columns where one begins, each less the one before (the first less 0), multiples of
                          16, and 0; filled up with 0 to a multiple of 16. Then the blocks, row after row, filled up
                          with 0 to a multiple of 16. I8: 16 weights. TERNARY2: 4 bytes, bits 2k,2k+1 of byte j the
                          weight of column 4k+j in two's complement. What pads a row weighs nothing. Last 16 zero
                          bytes, which kernels load ahead */
    MOTE_LAYOUT_COUNT
} mote_layout;

typedef enum mote_role {
    MOTE_CONSTANT = 0,   /* offset is in the file, multiple of 16 */
    MOTE_INPUT = 1,      /* offset is in the arena */
    MOTE_ACTIVATION = 2, /* offset is in the arena */
    MOTE_OUTPUT = 3,     /* offset is in the arena */
    MOTE_STATE = 4,      /* offset is in the state; zero at the start of a sequence */
    MOTE_ROLE_COUNT
} mote_role;

typedef struct mote_tensor_record { /* 64 bytes */
    uint32_t name;                  /* offset in the string table */
    uint8_t dtype;                  /* mote_dtype */
    uint8_t role;                   /* mote_role */
    uint8_t rank;                   /* 1..6 */
    uint8_t layout;                 /* mote_layout */
    uint32_t dims[MOTE_RANK];       /* slowest first, 1 past the rank; no batch or time axis */
    uint32_t stride;                /* MOTE_ROWS: bytes from one row (of the last dimension) to the next, at least those
                                       of a row, of I8 constants what lies between is 0; other layouts: 0 */
    uint32_t offset;                /* see mote_role */
    uint32_t size;                  /* bytes; MOTE_ROWS: stride · product of all dims but the last */
    float scale;                    /* real = scale · (stored - zero_point); 0 where it is not one number */
    int32_t zero_point;
    uint32_t scales;     /* with an axis: index of the first of dims[axis] f32 words, one scale for each index along it;
                            else 0 */
    uint8_t axis;        /* below the rank, or MOTE_NO_AXIS */
    uint8_t quantizer;   /* float graphs: mote_dtype this constant was trained as, MOTE_F32 for none */
    uint8_t granularity; /* float graphs: mote_granularity of the quantizer */
    uint8_t pruned;      /* float graphs: mote_pruned of a matrix of weights */
    uint32_t bound;      /* packed weights of a product: proved bound of |accumulator| including the bias; else 0 */
} mote_tensor_record;

typedef enum mote_granularity {
    MOTE_PER_TENSOR = 0,
    MOTE_PER_ROW = 1,
    MOTE_POW2_TENSOR = 2, /* one scale, a power of two */
    MOTE_POW2_ROW = 3,
    MOTE_GRANULARITY_COUNT
} mote_granularity;

/* Of a pruned matrix, which zeros are to stay: single weights, or whole blocks of rows times columns from the first row
 * and column on (those at the end may be smaller). */
typedef enum mote_pruned {
    MOTE_UNPRUNED = 0,
    MOTE_PRUNED_WEIGHTS = 1,
    MOTE_PRUNED_BLOCKS1X16 = 2,
    MOTE_PRUNED_BLOCKS8X4 = 3,
    MOTE_PRUNED_BLOCKS16X16 = 4,
    MOTE_PRUNED_COUNT
} mote_pruned;

/* A float graph and a packed one use the same operators; the dtypes of their tensors tell them apart. What each
 * computes, and which operands and parameters it has, is in docs/SPEC.md and operators.def. */
typedef struct mote_op_record {                     /* 16 bytes */
    uint8_t opcode;                                 /* mote_opcode */
    uint8_t input_count, output_count, param_count; /* as operators.def lists */
    uint32_t operands;                              /* index of the first input; the outputs follow */
    uint32_t params;                                /* index of the first word */
    uint32_t name;                                  /* offset in the string table */
} mote_op_record;

typedef struct mote_section_record { /* 16 bytes */
    uint32_t tag;                    /* MOTE_SECTION_* */
    uint32_t offset;                 /* multiple of 16 */
    uint32_t size;
    uint32_t reserved;
} mote_section_record;

#define MOTE_SECTION_TOKENIZER 0x4e4b4f54u /* "TOKN": mote_tokenizer */
#define MOTE_SECTION_METADATA  0x4154454du /* "META": lines "key=value\n", UTF-8 */
#define MOTE_SECTION_GOLDEN    0x444c4f47u /* "GOLD": mote_golden */
#define MOTE_SECTION_PLACEMENT 0x43414c50u /* "PLAC": uint16_t[]: constants worth a copy in SRAM, the best first */

/* Text to tokens. Both kinds begin alike. */
typedef struct mote_tokenizer {
    uint16_t kind; /* mote_tokenizer_kind */
    uint16_t vocabulary;
    uint16_t unknown; /* of every byte without a token of its own; never drawn. MOTE_NO_INDEX when there is none */
    uint16_t start;   /* begins a sequence: before its text (MOTE_TOKENIZER_START_FIRST) or without one */
} mote_tokenizer;

typedef enum mote_tokenizer_kind {
    MOTE_TOKENIZER_BYTES = 0, /* mote_byte_tokenizer */
    MOTE_TOKENIZER_BPE = 1,   /* mote_bpe_tokenizer */
} mote_tokenizer_kind;

typedef struct mote_byte_tokenizer { /* 776 bytes */
    uint16_t kind;                   /* 0 */
    uint16_t vocabulary;             /* 1..257 */
    uint16_t unknown, start;         /* as in mote_tokenizer */
    uint16_t to_token[256];
    uint8_t to_byte[256]; /* of tokens below 256; the unknown token's entry is '?' and never sampled */
} mote_byte_tokenizer;

/* Byte pair encoding. Followed, without gaps, by
 *     uint32_t ends[vocabulary]    where each token's text ends among the texts; it begins where the one before ends
 *     uint16_t ranks[vocabulary]   of two pairs the one whose token has the higher rank is merged first; 0: this token
 *                                  is found by no text and takes part in no merge, as those without text must be
 *     uint16_t sorted[sorted_count] the tokens with a rank above 0, strictly ascending by text
 *     uint8_t texts[text_size]     at most MOTE_TOKEN_SIZE bytes a token */
typedef struct mote_bpe_tokenizer { /* 532 bytes */
    uint16_t kind;                  /* 1 */
    uint16_t vocabulary;            /* 1..65534 */
    uint16_t unknown, start;        /* as in mote_tokenizer */
    uint16_t stop;                  /* ends a text, MOTE_NO_INDEX when there is none */
    uint16_t flags;                 /* MOTE_TOKENIZER_* */
    uint16_t sorted_count;
    uint16_t reserved;
    uint32_t text_size;
    uint16_t of_byte[256]; /* the token of a byte of a character that is no token itself */
} mote_bpe_tokenizer;

enum {
    MOTE_TOKENIZER_SPACE_FIRST = 1, /* a text that is not empty is encoded as if a space stood before it */
    MOTE_TOKENIZER_START_FIRST = 2, /* every text begins with the start token, and ends before the next */
};

#define MOTE_TOKEN_SIZE 255u

/* What the network makes of inputs that are stored here. Followed by the bytes of all inputs, in the order of the
 * tensors, run by run from a state of zeros. */
typedef struct mote_golden { /* 16 bytes */
    uint32_t run_count;      /* from 1 */
    uint32_t input_size;     /* bytes of all inputs of one run */
    uint32_t digest;         /* CRC-32 of the bytes of all outputs, run by run */
    uint32_t reserved;       /* 0 */
} mote_golden;

#endif
