#include "xtensa/emu/vectors.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "xtensa/emu/machine.h"

/* File: magic, count, size of a state, address of the memory window; then the vectors. All words little endian. */
#define HEADER        16
#define VECTOR_HEADER 16
#define STATE         592
#define VECTOR        (VECTOR_HEADER + 2 * STATE)
#define WINDOW_AT     336
#define WINDOW_SIZE   256
#define LARGEST       (256u << 20)

/* Memory around the window that an instruction may access; cleared before each vector. */
#define AROUND_SIZE 0x4000u

/* Registers in the order of a state. A name with a range stands for consecutive registers. */
static const struct field {
    const char *name;
    uint16_t offset, size, count;
    uint8_t first;
} fields[] = {
    {"q%d", 0, 16, 8, 0},
    {"qacc_l_%d", 128, 4, 5, 0},
    {"qacc_h_%d", 148, 4, 5, 0},
    {"accx_%d", 168, 4, 2, 0},
    {"sar", 176, 4, 1, 0},
    {"sar_byte", 180, 4, 1, 0},
    {"fft_bit_width", 184, 4, 1, 0},
    {"gpio_out", 188, 4, 1, 0},
    {"ua_state_%d", 192, 4, 4, 0},
    {"a%d", 208, 4, 6, 2},
    {"br", 232, 4, 1, 0},
    {"acclo", 236, 4, 1, 0},
    {"acchi", 240, 4, 1, 0},
    {"m%d", 244, 4, 4, 0},
    {"fcr", 260, 4, 1, 0},
    {"fsr", 264, 4, 1, 0},
    {"f%d", 272, 4, 16, 0},
};

/* Vectors known to contradict the manual and similar vectors. Operands are given by position; -1 is none. */
static const struct overruled {
    const char *mnemonic;  /* or the end of one, after a '*' */
    int8_t operand, other; /* applies when these two registers are one... */
    int8_t value;          /* ...or when `other` is -1 and the operand has this value */
    const char *reason;
} overruled[] = {
    {"maddn.s", -1, -1, 0, "the vector leaves its result alone; the manual adds the product"},
    {"ee.fft.vst.r32.decp", 2, -1, 1,
     "the vector shifts every second lane logically; the manual shifts all arithmetically"},
    {"ee.fft.cmul.s16.ld.xp", 6, -1, 7, "the vector does nothing for selector 7; the manual multiplies the last pair"},
    {"ee.fft.cmul.s16.ld.xp", 3, 4, 0, "the vector reads a source after writing the result into it"},
    {"ee.fft.cmul.s16.ld.xp", 3, 5, 0, "the vector reads a source after writing the result into it"},
    {"ee.fft.r2bf.s16.st.incp", 0, 1, 0, "the vector reads a source after writing the result into it"},
    {"*.ld.ip.qup", 0, 6, 0, "the vector reads qs1 (stage E) after the load into it (stage M)"},
    {"*.ld.xp.qup", 0, 6, 0, "the vector reads qs1 (stage E) after the load into it (stage M)"},
    {"*.ldbc.incp.qup", 0, 5, 0, "the vector reads qs1 (stage E) after the load into it (stage M)"},
};

static bool names(const char *pattern, const char *mnemonic)
{
    size_t tail = strlen(pattern) - 1, length = strlen(mnemonic);
    if (pattern[0] != '*')
        return strcmp(pattern, mnemonic) == 0;
    return length >= tail && strcmp(mnemonic + length - tail, pattern + 1) == 0;
}

static const char *overruled_because(const mote_xt_insn *insn, const int32_t *values)
{
    for (size_t k = 0; insn && k < sizeof overruled / sizeof overruled[0]; k++) {
        const struct overruled *o = &overruled[k];
        if (!names(o->mnemonic, insn->mnemonic))
            continue;
        if (o->operand < 0 || values[o->operand] == (o->other < 0 ? o->value : values[o->other]))
            return o->reason;
    }
    return NULL;
}

static uint32_t word_at(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static void name_field(const struct field *f, int k, char name[16])
{
    if (strchr(f->name, '%'))
        snprintf(name, 16, "%.*s%d", (int)(strlen(f->name) - 2), f->name, f->first + k);
    else
        snprintf(name, 16, "%s", f->name);
}

/* Calls `visit` for every register of a state with its offset in the state. */
static void each_register(void (*visit)(void *context, const mote_xt_register *r, uint16_t offset), void *context)
{
    for (size_t n = 0; n < sizeof fields / sizeof fields[0]; n++)
        for (int k = 0; k < fields[n].count; k++) {
            char name[16];
            name_field(&fields[n], k, name);
            visit(context, mote_xt_register_find(name), (uint16_t)(fields[n].offset + k * fields[n].size));
        }
}

typedef struct check {
    mote_xt_machine *m;
    const uint8_t *state;
    mote_xt_mismatch mismatch;
    bool differs;
    void (*report)(void *context, const mote_xt_mismatch *mismatch);
    void *context;
} check;

static void set_register(void *context, const mote_xt_register *r, uint16_t offset)
{
    check *c = context;
    mote_xt_register_write(c->m, r, c->state + offset);
}

static void hex(char *text, const uint8_t *bytes, unsigned size)
{
    for (unsigned k = 0; k < size; k++)
        snprintf(text + 2 * k, 3, "%02x", bytes[k]);
}

static void differ(check *c, const char *field, const uint8_t *expected, const uint8_t *got, unsigned size)
{
    c->differs = true;
    snprintf(c->mismatch.field, sizeof c->mismatch.field, "%s", field);
    hex(c->mismatch.expected, expected, size);
    hex(c->mismatch.got, got, size);
    if (c->report)
        c->report(c->context, &c->mismatch);
}

static void compare_register(void *context, const mote_xt_register *r, uint16_t offset)
{
    check *c = context;
    uint8_t got[20];
    mote_xt_register_read(c->m, r, got);
    if (memcmp(got, c->state + offset, r->size) != 0)
        differ(c, r->name, c->state + offset, got, r->size);
}

static void compare_memory(check *c, uint32_t window)
{
    uint8_t got[WINDOW_SIZE];
    mote_xt_read(c->m, window, got, WINDOW_SIZE);
    for (unsigned k = 0; k < WINDOW_SIZE; k += 16) {
        char name[16];
        snprintf(name, sizeof name, "memory+%u", k);
        if (memcmp(got + k, c->state + WINDOW_AT + k, 16) != 0)
            differ(c, name, c->state + WINDOW_AT + k, got + k, 16);
    }
}

static void run_vector(check *c, const uint8_t *vector, uint32_t window)
{
    static const uint8_t zeros[AROUND_SIZE];
    int32_t values[MOTE_XT_MAX_OPERANDS];
    uint32_t size = word_at(vector + 4);
    c->mismatch = (mote_xt_mismatch){.index = word_at(vector)};
    c->mismatch.insn = mote_xt_decode(vector + 8, size < 4 ? size : 4, MOTE_XT_ESP32S3, 0, values);
    c->mismatch.reason = overruled_because(c->mismatch.insn, values);
    c->differs = false;
    mote_xt_reset(c->m);
    mote_xt_write(c->m, window & ~(AROUND_SIZE - 1), zeros, AROUND_SIZE);
    c->state = vector + VECTOR_HEADER;
    each_register(set_register, c);
    mote_xt_write(c->m, window, c->state + WINDOW_AT, WINDOW_SIZE);

    if (mote_xt_execute(c->m, word_at(vector + 8), size) != MOTE_XT_STOP_NONE) {
        c->differs = true;
        snprintf(c->mismatch.field, sizeof c->mismatch.field, "fault");
        snprintf(c->mismatch.got, sizeof c->mismatch.got, "%.39s", mote_xt_fault_text(c->m));
        if (c->report)
            c->report(c->context, &c->mismatch);
        return;
    }
    c->state = vector + VECTOR_HEADER + STATE;
    each_register(compare_register, c);
    compare_memory(c, window);
}

static bool check_header(const char *path, const mote_bytes *file, mote_error *error)
{
    if (file->size < HEADER || memcmp(file->data, "XVEC", 4) != 0)
        return mote_fail(error, MOTE_E_FORMAT, "%s: not a state-vector file: it must begin with XVEC", path);
    if (word_at(file->data + 8) != STATE)
        return mote_fail(error, MOTE_E_FORMAT, "%s: states of %u bytes, only %u are understood", path,
                         word_at(file->data + 8), STATE);
    if ((file->size - HEADER) / VECTOR < word_at(file->data + 4))
        return mote_fail(error, MOTE_E_FORMAT, "%s: shorter than the %u vectors it announces", path,
                         word_at(file->data + 4));
    return true;
}

static bool check_all(const char *path, const mote_bytes *file, check *c, mote_xt_vector_counts *counts,
                      mote_error *error)
{
    uint32_t window = word_at(file->data + 12);
    if (!mote_xt_map(c->m, window & ~(AROUND_SIZE - 1), AROUND_SIZE, MOTE_XT_MEM_R | MOTE_XT_MEM_W, MOTE_XT_SRAM,
                     error))
        return mote_fail(error, MOTE_E_FORMAT, "%s: no memory can be at its window address 0x%08x", path, window);
    counts->vectors = word_at(file->data + 4);
    for (uint32_t k = 0; k < counts->vectors; k++) {
        run_vector(c, file->data + HEADER + (size_t)k * VECTOR, window);
        counts->failed += c->differs && !c->mismatch.reason;
        counts->overruled += c->differs && c->mismatch.reason;
    }
    return true;
}

bool mote_xt_check_vectors(const char *path, void (*report)(void *context, const mote_xt_mismatch *mismatch),
                           void *context, mote_xt_vector_counts *counts, mote_error *error)
{
    mote_bytes file;
    *counts = (mote_xt_vector_counts){0};
    if (!mote_file_read(path, LARGEST, &file, error))
        return false;
    check c = {.report = report, .context = context};
    bool ok = check_header(path, &file, error) && (c.m = mote_xt_create(MOTE_XT_ESP32S3, error)) &&
              check_all(path, &file, &c, counts, error);
    mote_xt_destroy(c.m);
    free(file.data);
    return ok;
}
