/* Mote runs a packed .mote network in place, in integers, without allocation.
 *
 *     static uint8_t memory[64 * 1024] __attribute__((aligned(16)));
 *     mote_model model;
 *     mote_session s;
 *     if (mote_open(&model, file, size) != MOTE_SUCCESS ||
 *         mote_begin(&s, &model, memory, sizeof memory) != MOTE_SUCCESS)
 *         return 0;
 *     const mote_value in = mote_input(&s, 0), out = mote_output(&s, 0);
 *     memcpy(in.data, samples, in.size);
 *     mote_run(&s);
 *     return ((const int16_t *)out.data)[0];
 *
 * `file` is 16-byte aligned. For language models, mote_text.h adds tokens, text and sampling.
 *
 * To build, compile every .c file of runtime/ and its folders with -Iinclude. On Xtensa chips add the .S files of
 * runtime/esp32, on the ESP32-S3 also those of runtime/esp32s3, and define MOTE_CHIP_ESP32, MOTE_CHIP_ESP32S2 or
 * MOTE_CHIP_ESP32S3 (under ESP-IDF, runtime/chip.h reads the chip from sdkconfig.h). */
#ifndef MOTE_H
#define MOTE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum mote_status {
    MOTE_SUCCESS = 0,
    MOTE_BAD_ALIGNMENT = -1, /* the file or the memory is not 16-byte aligned */
    MOTE_BAD_SIZE = -2,      /* shorter than a header, or not the size the header states */
    MOTE_BAD_MAGIC = -3,     /* not a .mote file */
    MOTE_BAD_VERSION = -4,   /* another version of the format */
    MOTE_BAD_CRC = -5,       /* damaged: the checksum does not match */
    MOTE_BAD_TABLE = -6,     /* a table, tensor or section is malformed, out of bounds or overlaps another */
    MOTE_BAD_OPERATOR = -7,  /* unknown operator, or its shapes and types do not fit together */
    MOTE_NOT_PACKED = -8,    /* a float graph; quantize it first */
    MOTE_TOO_SMALL = -9,     /* the memory or the capacity given is smaller than needed */
    MOTE_BAD_GOLDEN = -10,   /* self-test failed: an output differs from the golden output */
    MOTE_NO_KERNEL = -11,    /* the file needs a kernel that this build leaves out: runtime/kernels.h */
} mote_status;

/* Returns one line of English without a newline, in static storage. Linked only when used. */
const char *mote_status_text(mote_status status);

/* Element types. Inputs and outputs have one of the first five or U8; weights and inner activations may have the others
 * too. runtime/format.h defines their layout. */
typedef enum mote_dtype {
    MOTE_F32 = 0, /* not in packed networks */
    MOTE_I32 = 1,
    MOTE_I16 = 2,
    MOTE_I8 = 3,
    MOTE_U16 = 4, /* token ids */
    MOTE_TERNARY2 = 5,
    MOTE_TERNARY5 = 6,
    MOTE_I4 = 7,
    MOTE_BINARY = 8,
    MOTE_I5 = 9,
    MOTE_I6 = 10,
    MOTE_F16 = 11,
    MOTE_I8V = 12,
    MOTE_U8 = 13, /* inputs and outputs only */
    MOTE_DTYPE_COUNT
} mote_dtype;

#define MOTE_RANK 6 /* maximum number of dimensions of a tensor */

struct mote_kernels;

/* An open file. The caller provides the storage; the fields are private. The file's bytes must outlive the model and
 * must not change. */
typedef struct mote_model {
    const uint8_t *file, *sram;                            /* sram: the copy that mote_place made, or NULL */
    const void *header, *tensors, *ops, *operands, *words; /* tables in the file or in SRAM */
    const void *tokenizer, *golden, *placement;            /* sections in the file, or NULL */
    uint16_t input, output;                                /* indices of the first input and the first output tensor */
    uint16_t input_count, output_count;
    uint32_t vocabulary;                  /* number of tokens of a language model, else 0 */
    uint32_t input_size, placement_count; /* bytes of all inputs, entries of the placement */
} mote_model;

/* The memory and position of one running sequence. The caller provides the storage; the fields are private. Any number
 * of sessions may share a model. */
typedef struct mote_session {
    const mote_model *model;
    const struct mote_kernels *kernels;
    uint8_t *arena, *state;
    uint32_t position; /* number of runs since the last reset */
} mote_session;

/* Verifies the whole file once, in time proportional to its size, without allocating. After MOTE_SUCCESS nothing in
 * the file can make the calls below read or write outside the file, the arena and the state. */
mote_status mote_open(mote_model *model, const void *file, size_t size);

size_t mote_arena_size(const mote_model *model); /* bytes of scratch that a session needs, multiple of 16 */
size_t mote_state_size(const mote_model *model); /* bytes that persist between runs, multiple of 16 */

/* Starts a session in one block of memory, 16-byte aligned. The arena and the state take the end of the block;
 * mote_place copies as much of the model as fits into the rest. More memory makes the model faster and changes nothing
 * else. Returns MOTE_TOO_SMALL if size is below mote_arena_size + mote_state_size. The session and the model keep the
 * memory. */
mote_status mote_begin(mote_session *s, mote_model *model, void *memory, size_t size);

/* mote_place and mote_start do the same in two steps. Flash is slow to read: mote_place copies the model's tables to
 * `sram` (16-byte aligned) and then, in the order that the file gives, every constant that still fits. Call it between
 * mote_open and mote_start. The model keeps `sram`. If not even the tables fit, or the model is already placed,
 * mote_place copies nothing and returns MOTE_SUCCESS. mote_place_size returns the bytes that all copies need. */
size_t mote_place_size(const mote_model *model);
mote_status mote_place(mote_model *model, void *sram, size_t size);

/* Starts a session and begins a sequence. The caller provides arena and state, 16-byte aligned; the session keeps them.
 */
mote_status mote_start(mote_session *s, const mote_model *model, void *arena, size_t arena_size, void *state,
                       size_t state_size);
void mote_reset(mote_session *s); /* begins a new sequence: sets arena and state to zero */

/* An input or output of the network: real = scale · (stored - zero_point). `data` holds `size` bytes in the arena; rows
 * of the last dimension are `stride` bytes apart. */
typedef struct mote_value {
    void *data; /* NULL if there is no such input or output */
    const char *name;
    const uint32_t *dims; /* [rank], slowest first */
    uint32_t rank, size, stride;
    mote_dtype type;
    float scale;
    int32_t zero_point;
} mote_value;

/* Returns input or output `index`, counted from 0 in the order of the file; past the last its data is NULL. The arena
 * is reused: fill every input before each run, and read the outputs before the next run. */
mote_value mote_input(const mote_session *s, uint32_t index);
mote_value mote_output(const mote_session *s, uint32_t index);

/* Computes the outputs from the inputs: one step of a sequence. */
void mote_run(mote_session *s);

/* Runs the golden inputs inside the file and compares the digest of the outputs with the golden digest. Returns
 * MOTE_SUCCESS or MOTE_BAD_GOLDEN. Resets the session before and after. A file without a golden section returns
 * MOTE_SUCCESS. */
mote_status mote_selftest(mote_session *s);

#ifdef __cplusplus
}
#endif
#endif
