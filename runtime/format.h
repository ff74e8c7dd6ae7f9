/* The .mote container, byte for byte. docs/SPEC.md explains it; this header is its only definition in code.
 *
 * All numbers are little endian. The file is read in place and must be 16-byte aligned in memory. Every structure below
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
    uint32_t arena_size;                    /* bytes of scratch that a run needs, multiple of 16; 0 in a float graph */
    uint32_t state_size;                    /* bytes that persist between runs, multiple of 16; 0 in a float graph */
    uint32_t reserved;                      /* 0 */
} mote_header;

enum {
    MOTE_FLAG_PACKED = 1, /* integer operators only: a device can run it. Otherwise a float graph, for the compiler */
};

/* Layout of the rows of the packed types (mote_dtype in mote.h):
 *     TERNARY2  2-bit codes 0, 1, 2 for -1, 0, +1. Rows are padded with code 1 to a multiple of 64 columns = 16 bytes.
 *               In each 16-byte group, bits 2k,2k+1 of byte j hold column 16k+j
 *     TERNARY5  5 trits per byte: byte j of a row is Σ code(column 5j+k)·3^k, with the codes of TERNARY2. Rows are
 *               ceil(columns/5) bytes; the last byte is padded with code 1
 *     I4        -8..7 as 4-bit codes 0..15. Rows are padded with code 8 to a multiple of 32 columns = 16 bytes. In each
 *               16-byte group, the low half of byte j holds column j and the high half column 16+j
 *     BINARY    -1, +1 as bits 0, 1. Rows are padded with 0 to a multiple of 128 columns = 16 bytes. In each 16-byte
 *               group, bit k of byte j holds column 16k+j
 *     I5        -16..15 as codes 0..31. A row consists of the low 4 bits of the codes in the layout of I4, padded with
 *               0, then their high bits in the layout of BINARY, padded with 1
 *     I6        -32..31 as codes 0..63: as I5, but with the high two bits in the layout of TERNARY2, padded with 2
 *     F16       IEEE 754 half precision, finite. A product converts them to fixed point: MOTE_PRODUCT_FRACTION
 *     I8V       for activations: int8 codes, padded to a multiple of 16, then a mote_vector_scale */

/* Scale at the end of an I8V vector: the represented value is code · mantissa · 2^exponent, in units of the values that
 * were quantized. */
typedef struct mote_vector_scale { /* 16 bytes */
    int32_t mantissa;              /* 2^14 .. 2^15 - 1 */
    int32_t exponent;
    int32_t reserved[2]; /* 0 */
} mote_vector_scale;

/* Layout of the constant weights of a packed product. The compiler chooses the one that the chip's kernel needs; every
 * layout has a portable kernel with the same output.
 *     ROWS      row after row, in the layout of the dtype. Every tensor other than such weights has this layout
 *     LANES16   I8, and TERNARY2 of up to 752 columns, with a bound below 2^19 - 2^15: blocks of 16 rows (lanes). The
 *               last block is padded with zero rows, the columns with zero weights to a multiple of 16. First come 48
 *               bytes per block with the biases (the operator has no bias operand): 20 bits per lane, lane 0 in the low
 *               bits. The first 16 of the 20 bytes of lanes 0..7 are at offset 0 and the rest at 32, those of lanes
 *               8..15 at 16 and 36; bytes 40..47 are zero. Then come the weights, block after block. I8: byte 16c+j is
 *               the weight of lane j in column c. TERNARY2: bits 2k,2k+1 of byte 16i+j are the code of lane j in column
 *               4i+k. Last come 32 zero bytes, because kernels load ahead
 *     TILES16   LANES16 without the tiles of 16 rows by 16 columns whose weights are all zero; TERNARY2 only if
 *               bound + 128·columns is below 2^19 - 2^15. First come the 48 bytes per block. Then comes the index: its
 *               size in bytes as u32, then u16s. They are, for every block, the number n of its tiles, n column steps
 *               and a 0. A step is the first column of a tile less that of the tile before (the first less 0), a
 *               multiple of 16. The index is padded with 0 to a multiple of 16 bytes. Then come the tiles, each laid
 *               out as a block of 16 columns. Last come 32 zero bytes, because kernels load ahead
 *     BLOCKS16  I8 and TERNARY2, with the bias as an operand like ROWS: rows without the blocks of 16 columns whose
 *               weights are all zero. First comes an index as in TILES16, but of the blocks of every row. Then come the
 *               blocks, row after row, padded with 0 to a multiple of 16 bytes. I8: 16 weights. TERNARY2: 4 bytes, bits
 *               2k,2k+1 of byte j are the weight of column 4k+j in two's complement. Columns past the last have weight
 *               0. Last come 16 zero bytes, because kernels load ahead */
typedef enum mote_layout {
    MOTE_ROWS = 0,
    MOTE_LANES16 = 1,
    MOTE_TILES16 = 2,
    MOTE_BLOCKS16 = 3,
    MOTE_LAYOUT_COUNT
} mote_layout;

typedef enum mote_role {
    MOTE_CONSTANT = 0,   /* offset is in the file, multiple of 16 */
    MOTE_INPUT = 1,      /* offset is in the arena */
    MOTE_ACTIVATION = 2, /* offset is in the arena */
    MOTE_OUTPUT = 3,     /* offset is in the arena */
    MOTE_STATE = 4,      /* offset is in the state; the data is zero at the start of a sequence */
    MOTE_ROLE_COUNT
} mote_role;

typedef struct mote_tensor_record { /* 64 bytes */
    uint32_t name;                  /* offset in the string table */
    uint8_t dtype;                  /* mote_dtype */
    uint8_t role;                   /* mote_role */
    uint8_t rank;                   /* 1..6 */
    uint8_t layout;                 /* mote_layout */
    uint32_t dims[MOTE_RANK];       /* slowest first, 1 past the rank; no batch or time axis */
    uint32_t stride;                /* MOTE_ROWS: bytes from one row (of the last dimension) to the next, at least the
                                       size of a row; the gaps of I8 constants are 0. Other layouts: 0 */
    uint32_t offset;                /* see mote_role */
    uint32_t size;                  /* bytes; MOTE_ROWS: stride · product of all dims but the last */
    float scale;                    /* real = scale · (stored - zero_point); 0 if there is no single scale */
    int32_t zero_point;
    uint32_t scales;     /* with an axis: index of the first of dims[axis] f32 words, one scale for each index along the
                            axis; else 0 */
    uint8_t axis;        /* below the rank, or MOTE_NO_AXIS */
    uint8_t quantizer;   /* float graphs: mote_dtype that this constant was trained as, MOTE_F32 for none */
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

/* Granularity of the zeros of a pruned matrix that must stay zero: single weights, or blocks of rows x columns, counted
 * from the first row and column (blocks at the end may be smaller). */
typedef enum mote_pruned {
    MOTE_UNPRUNED = 0,
    MOTE_PRUNED_WEIGHTS = 1,
    MOTE_PRUNED_BLOCKS1X16 = 2,
    MOTE_PRUNED_BLOCKS8X4 = 3,
    MOTE_PRUNED_BLOCKS16X16 = 4,
    MOTE_PRUNED_COUNT
} mote_pruned;

/* Float graphs and packed ones use the same operators and differ in the dtypes of their tensors. docs/SPEC.md and
 * operators.def define the result, the operands and the parameters of each operator. */
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
#define MOTE_SECTION_PLACEMENT 0x43414c50u /* "PLAC": uint16_t[]: indices of constants to place in SRAM, best first */

/* Common first fields of both kinds of tokenizers. */
typedef struct mote_tokenizer {
    uint16_t kind;       /* mote_tokenizer_kind */
    uint16_t vocabulary; /* number of tokens */
    uint16_t unknown; /* token of bytes that have no token of their own; never drawn. MOTE_NO_INDEX if there is none */
    uint16_t start;   /* token that begins a sequence: before its text (MOTE_TOKENIZER_START_FIRST) or in its place */
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
    uint8_t to_byte[256]; /* byte of each token below 256; the entry of the unknown token is '?' */
} mote_byte_tokenizer;

/* Byte pair encoding. Without gaps, the structure is followed by
 *     uint32_t ends[vocabulary]    end of each token's text in `texts`; it begins at the end of the one before
 *     uint16_t ranks[vocabulary]   rank of each token: the pair whose token has the higher rank is merged first. A
 *                                  token of rank 0 is not found by its text and takes part in no merge; tokens without
 *                                  a text must have rank 0
 *     uint16_t sorted[sorted_count] the tokens with a rank above 0, strictly ascending by text
 *     uint8_t texts[text_size]     at most MOTE_TOKEN_SIZE bytes per token */
typedef struct mote_bpe_tokenizer { /* 532 bytes */
    uint16_t kind;                  /* 1 */
    uint16_t vocabulary;            /* 1..65534 */
    uint16_t unknown, start;        /* as in mote_tokenizer */
    uint16_t stop;                  /* token that ends a text, MOTE_NO_INDEX if there is none */
    uint16_t flags;                 /* MOTE_TOKENIZER_* */
    uint16_t sorted_count;
    uint16_t reserved;
    uint32_t text_size;
    uint16_t of_byte[256]; /* token of each byte of characters that are not tokens */
} mote_bpe_tokenizer;

enum {
    MOTE_TOKENIZER_SPACE_FIRST = 1, /* a text that is not empty is encoded with a space before it */
    MOTE_TOKENIZER_START_FIRST = 2, /* every text begins with the start token and ends before the next one */
    MOTE_TOKENIZER_FROM_BYTES = 4,  /* encoding begins with bytes; otherwise with characters */
    MOTE_TOKENIZER_WORDS = 8,       /* no token is merged across the end of a word (words.h) */
    MOTE_TOKENIZER_DIGITS = 16,     /* every digit is a word */
    MOTE_TOKENIZER_SPACE_ONCE = 32, /* no space is put before a text that begins with one */
    MOTE_TOKENIZER_FLAGS = 63,      /* all of these */
};

#define MOTE_TOKEN_SIZE 255u /* maximum size of a token's text in bytes */

#define MOTE_GOLDEN_RUNS_MOST 256u /* limits the time of a self-test on a chip */

/* Golden inputs and the digest of the golden outputs. The structure is followed by the bytes of all inputs in the order
 * of the tensors, run after run. The state is zero before the first run. */
typedef struct mote_golden { /* 16 bytes */
    uint32_t run_count;      /* 1..MOTE_GOLDEN_RUNS_MOST */
    uint32_t input_size;     /* bytes of all inputs of one run */
    uint32_t digest;         /* CRC-32 of the bytes of all outputs, run after run */
    uint32_t reserved;       /* 0 */
} mote_golden;

#endif
