/* The .mote container, byte for byte. docs/SPEC.md explains it; this header is its only definition in code.
 *
 * Little endian. The file is read in place and must lie at an address that is a multiple of 16. Every structure below
 * has the size its comment states and no padding. */
#ifndef MOTE_RUNTIME_FORMAT_H
#define MOTE_RUNTIME_FORMAT_H

#include <stdint.h>

#define MOTE_MAGIC          0x45544f4du /* "MOTE" */
#define MOTE_FORMAT_VERSION 1
#define MOTE_ALIGNMENT      16
#define MOTE_NO_INDEX       0xffffu

typedef struct mote_header { /* 64 bytes, at offset 0 */
    uint32_t magic;
    uint16_t version;
    uint16_t header_size; /* 64 */
    uint32_t file_size;
    uint32_t crc32;                         /* CRC-32 (IEEE 802.3, as zlib) of bytes 16..file_size-1 */
    uint32_t flags;                         /* MOTE_FLAG_* */
    uint32_t tensor_count, tensor_offset;   /* mote_tensor_record[] */
    uint32_t op_count, op_offset;           /* mote_op_record[] in order of execution */
    uint32_t section_count, section_offset; /* mote_section_record[] */
    uint32_t string_offset, string_size;    /* NUL-terminated UTF-8 names, one after another; first byte is NUL */
    uint32_t arena_size;                    /* bytes of scratch one run needs, multiple of 16; 0 in a float graph */
    uint32_t state_size;                    /* bytes that persist between runs, multiple of 16; 0 in a float graph */
    uint32_t reserved;                      /* 0 */
} mote_header;

enum {
    MOTE_FLAG_PACKED = 1, /* integer operators only: a device can run it. Otherwise a float graph, for the compiler */
};

typedef enum mote_dtype {
    MOTE_F32 = 0,
    MOTE_I32 = 1,
    MOTE_I16 = 2,
    MOTE_I8 = 3,
    MOTE_U16 = 4,      /* token ids */
    MOTE_TERNARY2 = 5, /* 2-bit codes 0,1,2 for -1,0,+1. Rows padded with code 1 to 64 columns = 16 bytes:
                          in each 16-byte group, bits 2k,2k+1 of byte j hold column 16k+j */
    MOTE_TERNARY5 = 6, /* 5 trits a byte: byte j of a row is sum of code(column 5j+k)·3^k; rows are ceil(cols/5) bytes,
                          the last padded with code 1 */
    MOTE_I4 = 7,       /* -8..7 as 4-bit codes 0..15. Rows padded with code 8 to 32 columns = 16 bytes: in each
                          16-byte group, the low half of byte j holds column j and the high half column 16+j */
    MOTE_BINARY = 8, /* -1, +1 as bits 0, 1. Rows padded with 0 to 128 columns = 16 bytes: in each 16-byte group, bit k
                        of byte j holds column 16k+j */
    MOTE_I5 = 9, /* -16..15 as codes 0..31. A row is the low halves of the codes as MOTE_I4 lays out its codes, padded
                    with 0, then their high bits as MOTE_BINARY lays out its bits, padded with 1 */
    MOTE_I6 =
        10, /* -32..31 as codes 0..63: likewise, the high two bits as MOTE_TERNARY2 lays out its codes, padded with
               2 */
    MOTE_F16 = 11, /* IEEE 754 binary16, finite. A product takes them as fixed point, see MOTE_PARAM_FRACTION */
    MOTE_I8V = 12, /* an activation: int8 codes, filled up to a multiple of 16, then a mote_vector_scale */
    MOTE_DTYPE_COUNT
} mote_dtype;

/* Ends an I8V vector: stored values are code · mantissa · 2^exponent in units of what was quantised. */
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
    uint8_t rank;                   /* 1..4 */
    uint8_t quantiser;              /* float graphs: mote_dtype this constant was trained as, MOTE_F32 for none */
    uint32_t dims[4];               /* slowest first, 1 past the rank; no batch or time axis */
    uint32_t offset;
    uint32_t size;       /* bytes */
    float scale;         /* real = scale · stored value; 0 where a companion tensor holds a scale per row */
    uint8_t granularity; /* float graphs: mote_granularity of the quantiser */
    uint8_t layout;      /* mote_layout */
    uint8_t pruned;      /* float graphs: mote_pruned of a matrix of weights */
    uint8_t reserved8;   /* 0 */
    uint32_t bound;      /* packed linear weights: proved bound of |accumulator| including the bias; else 0 */
    uint32_t reserved[5];
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

/* Operators. A float graph and a packed one use the same codes; the dtypes tell them apart. Unless said otherwise
 * activations are vectors, F32 in a float graph and I16 in a packed one. */
typedef enum mote_opcode {
    MOTE_OP_EMBEDDING = 0,  /* (ids U16[1]?, table [rows,dim], multiplier I16 [rows]?) -> x [dim] I8 or I16. Row `id` of
                               the table; without ids row min(position, rows - 1), position counting the tokens of the
                               sequence before this one */
    MOTE_OP_LINEAR = 1,     /* (x [in] I8, I8V or I16, weights [out,in], bias [out]?, multiplier I16 [out]?, groups I8
                               [out, in/group]?) -> y [out]. Multipliers are 0..32767, groups 1..127 */
    MOTE_OP_GRU = 2,        /* (gates [3d], weights [3d,d], bias [3d]?, multiplier I16 [3d]?, h I16 [d] state,
                               h8 I8 [d] state, groups?) -> (h8 [d], scratch I16 [3d]); gate order r, z, n */
    MOTE_OP_ADD = 3,        /* (a, b) -> a + b; also I8 */
    MOTE_OP_MUL = 4,        /* (a, b) -> a · b */
    MOTE_OP_QUANTISE = 5,   /* packed only: (x I16 [d]) -> y I8 or I8V [d] */
    MOTE_OP_RMSNORM = 6,    /* (x [d], gain [d]) -> gain · x / sqrt(mean(x²) + epsilon) */
    MOTE_OP_LAYERNORM = 7,  /* (x [d], gain [d], bias [d]) -> the same of x - mean(x), + bias */
    MOTE_OP_SILU = 8,       /* (x [d]) -> x · σ(x) */
    MOTE_OP_GELU = 9,       /* (x [d]) -> x · Φ(x), Φ the normal distribution's */
    MOTE_OP_ATTENTION = 10, /* (q [heads·w], k [kv_heads·w], v [kv_heads·w], turns I32 [w/2]?, keys state
                               [context, kv_heads·w], key_scales I8 state [context, kv_heads]?, values state,
                               value_scales?) -> (y [heads·w], packed: scratch I16 [context]). Causal attention over
                               the last `context` tokens: head h reads key head h·kv_heads/heads. With turns, pair
                               (2i, 2i+1) of every head of q and k is rotated by position·turns[i]/2^32 full turns */
    MOTE_OPCODE_COUNT
} mote_opcode;

typedef struct mote_op_record { /* 64 bytes */
    uint16_t opcode;
    uint8_t input_count, output_count;
    uint16_t inputs[8]; /* tensor indices, MOTE_NO_INDEX for an absent optional input */
    uint16_t outputs[4];
    int32_t params[8]; /* see the operator */
    uint32_t name;     /* offset in the string table */
} mote_op_record;

/* params of LINEAR and of GRU's recurrent product: how an accumulator becomes an output (mote_requantise). */
enum {
    MOTE_PARAM_SHIFT = 0, /* s: right shift of the accumulator, -8..24 (negative: left) */
    MOTE_PARAM_GAIN = 1,  /* k: 0..8; a saturating left shift after the multiplier; for int8 outputs a rounding right
                             shift */
    MOTE_PARAM_GROUP = 2, /* with `groups`: columns that share one, a multiple of 16; else 0 */
    MOTE_PARAM_EXPONENT = 3, /* with an I8V input: y = clamp16(⌊u·mantissa / 2^n + 1/2⌋), n = this - exponent in 0..31,
                                beyond which y is 0 or saturates; else 0 */
    MOTE_PARAM_FRACTION = 4, /* with F16 weights: a weight counts as the integer nearest to w·2^this, 0..24; else 0 */
};

/* params of the other operators. A shift s divides by 2^s and rounds to nearest, halves up. */
enum {
    MOTE_PARAM_TABLE_SHIFT = 0, /* EMBEDDING to I16: x = clamp16(code·multiplier >> s), 0..30 */
    MOTE_PARAM_MUL_SHIFT = 0,   /* MUL: y = clamp16(a·b >> s), 0..30 */
    MOTE_PARAM_STEP = 0,        /* QUANTISE to I8: y = clamp8(x·step >> s), step 1..32767 */
    MOTE_PARAM_STEP_SHIFT = 1,  /* s, 0..30 */
    MOTE_PARAM_UNIT = 0,        /* SILU, GELU: x is in units of 2^-this, 4..14; y too */
    MOTE_PARAM_EPSILON = 0, /* norms: added to mean(x²), in the unit of x squared, at least 1. Float graphs: the bits of
                               an f32 */
    MOTE_PARAM_FORM = 1,    /* norms: x/rms is made in units of 2^-this, 4..14 */
    MOTE_PARAM_GAIN_SHIFT = 2, /* norms: y = clamp16((form·gain >> s) + bias), 0..30 */
    MOTE_PARAM_HEADS = 0,      /* ATTENTION, float and packed */
    MOTE_PARAM_KV_HEADS = 1,   /* divides heads */
    MOTE_PARAM_SCORE = 2, /* packed: a score in 1/512 nat is ⌊clamp16(⌊q·k / 2^SCORE_SHIFT⌋)·SCORE / 2^15⌋,
                             SCORE 1..32767 */
    MOTE_PARAM_SCORE_SHIFT = 3, /* packed: 8..30 */
};

typedef struct mote_section_record { /* 16 bytes */
    uint32_t tag;                    /* MOTE_SECTION_* */
    uint32_t offset;                 /* multiple of 16 */
    uint32_t size;
    uint32_t reserved;
} mote_section_record;

#define MOTE_SECTION_TOKENIZER 0x4e4b4f54u /* "TOKN": mote_tokenizer */
#define MOTE_SECTION_METADATA  0x4154454du /* "META": lines "key=value\n", UTF-8 */
#define MOTE_SECTION_GOLDEN    0x444c4f47u /* "GOLD": mote_golden */

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

typedef struct mote_golden { /* 16 bytes, then uint16_t tokens[prompt_count + output_count] */
    uint32_t prompt_count;   /* tokens fed from a zero state */
    uint32_t output_count;   /* tokens then chosen greedily, each fed back */
    uint32_t digest;         /* CRC-32 of every step's logits, in order, as stored (I16 little endian) */
    uint32_t reserved;
} mote_golden;

#endif
