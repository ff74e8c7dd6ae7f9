/* Mote: run a packed .mote network in place, in integers, without allocation.
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
 * `file` lies at a multiple of 16. For language models, mote_text.h is a layer on top: tokens, text and sampling.
 *
 * To build: every .c file of runtime/ and its folders, with -Iinclude; on Xtensa chips the .S files of runtime/esp32,
 * on the ESP32-S3 those of runtime/esp32s3 too, and -DMOTE_CHIP_ESP32, _ESP32S2 or _ESP32S3 (ESP-IDF: runtime/chip.h
 * reads its configuration). */
#ifndef MOTE_H
#define MOTE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum mote_status {
    MOTE_SUCCESS = 0,
    MOTE_BAD_ALIGNMENT = -1, /* file, arena or state not at a multiple of 16 */
    MOTE_BAD_SIZE = -2,      /* shorter than a header, or not the size the header states */
    MOTE_BAD_MAGIC = -3,     /* not a .mote file */
    MOTE_BAD_VERSION = -4,   /* of another version of the format */
    MOTE_BAD_CRC = -5,       /* damaged */
    MOTE_BAD_TABLE = -6,     /* a table, tensor or section lies outside the file or overlaps what it must not */
    MOTE_BAD_OPERATOR = -7,  /* unknown operator, or its shapes and types do not fit together */
    MOTE_NOT_PACKED = -8,    /* a float graph; quantize it first */
    MOTE_TOO_SMALL = -9,     /* the memory given is smaller than needed */
    MOTE_BAD_GOLDEN = -10,   /* self-test failed: an output differs from the golden output */
    MOTE_NO_KERNEL = -11,    /* it needs what this build leaves out: runtime/kernels.h */
} mote_status;

/* One line of English, no newline, static storage. Linked only when used. */
const char *mote_status_text(mote_status status);

/* Types of values. Inputs and outputs have the first five; the others are how weights and inner activations lie. */
typedef enum mote_dtype {
    MOTE_F32 = 0, /* not in packed networks */
    MOTE_I32 = 1,
    MOTE_I16 = 2,
    MOTE_I8 = 3,
    MOTE_U16 = 4, /* ids of tokens */
    MOTE_TERNARY2 = 5,
    MOTE_TERNARY5 = 6,
    MOTE_I4 = 7,
    MOTE_BINARY = 8,
    MOTE_I5 = 9,
    MOTE_I6 = 10,
    MOTE_F16 = 11,
    MOTE_I8V = 12,
    MOTE_DTYPE_COUNT
} mote_dtype;

#define MOTE_RANK 6 /* the most dimensions of a tensor */

struct mote_kernels;

/* An open file. Caller's storage; fields are private. The file's bytes must outlive it and not change. */
typedef struct mote_model {
    const uint8_t *file, *sram;                            /* sram: see mote_place */
    const void *header, *tensors, *ops, *operands, *words; /* tables in the file or in SRAM */
    const void *tokenizer, *golden, *placement;            /* sections in the file, or NULL */
    uint16_t input, output;                                /* the first tensor that is one */
    uint16_t input_count, output_count;
    uint32_t vocabulary;                  /* of a language model, else 0 */
    uint32_t input_size, placement_count; /* bytes of all inputs, entries of the placement */
} mote_model;

/* A model at work. Caller's storage; fields are private. Any number may share a model. */
typedef struct mote_session {
    const mote_model *model;
    const struct mote_kernels *kernels;
    uint8_t *arena, *state;
    uint32_t position; /* runs since the last reset */
} mote_session;

/* Verifies the whole file once, in time proportional to its size, without allocating. After MOTE_SUCCESS nothing in
 * the file can make the calls below read or write outside the file, the arena and the state. */
mote_status mote_open(mote_model *model, const void *file, size_t size);

size_t mote_arena_size(const mote_model *model); /* bytes of scratch a session needs, multiple of 16 */
size_t mote_state_size(const mote_model *model); /* bytes that persist between runs, multiple of 16 */

/* Starts a session in one piece of memory, 16-byte aligned: takes arena and state from its end, and copies to the rest
 * as much of the model as mote_place can. More memory makes the model faster and changes nothing else. MOTE_TOO_SMALL
 * below mote_arena_size + mote_state_size. The memory stays the session's and the model's. */
mote_status mote_begin(mote_session *s, mote_model *model, void *memory, size_t size);

/* The same in two steps. Flash is slow to read: mote_place copies to `sram`, 16-byte aligned, the model's tables and
 * then, in the order that the file gives, those constants that fit. Between mote_open and mote_start; `sram` stays the
 * model's from then on. Copies nothing, and succeeds, when not even the tables fit or the model was placed before.
 * mote_place_size: bytes that everything would take. */
size_t mote_place_size(const mote_model *model);
mote_status mote_place(mote_model *model, void *sram, size_t size);

/* Arena and state are the caller's, 16-byte aligned, and belong to the session. Begins a sequence. */
mote_status mote_start(mote_session *s, const mote_model *model, void *arena, size_t arena_size, void *state,
                       size_t state_size);
void mote_reset(mote_session *s); /* begins a new sequence: every state is zero again */

/* An input or output of the network: real = scale · (stored - zero_point). `data` holds `size` bytes in the arena, rows
 * of the last dimension `stride` bytes apart. */
typedef struct mote_value {
    void *data; /* NULL when there is none */
    const char *name;
    const uint32_t *dims; /* [rank], slowest first */
    uint32_t rank, size, stride;
    mote_dtype type;
    float scale;
    int32_t zero_point;
} mote_value;

/* Input or output `index` from 0, in the order of the file; its data is NULL past the last. The arena is reused: fill
 * every input before each run, and read an output before the next. */
mote_value mote_input(const mote_session *s, uint32_t index);
mote_value mote_output(const mote_session *s, uint32_t index);

/* Computes the outputs of the inputs, one step of a sequence. */
void mote_run(mote_session *s);

/* Runs the golden inputs inside the file and compares digests of the outputs: MOTE_SUCCESS, or MOTE_BAD_GOLDEN. Resets
 * the session before and after. A file without a golden section gives MOTE_SUCCESS. */
mote_status mote_selftest(mote_session *s);

#ifdef __cplusplus
}
#endif
#endif
