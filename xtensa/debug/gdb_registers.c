#include "xtensa/debug/gdb_registers.h"

#include <string.h>

/* Relation of a row of gdb registers to the registers of the machine. */
typedef enum form {
    ONE,      /* one register */
    NUMBERED, /* name0, name1, ... */
    WORDS,    /* the words of one register: name_0, name_1, ... */
} form;

static const struct {
    const char *name;
    form form;
    uint8_t count, size; /* registers, bytes of each */
} rows[] = {
    {"pc", ONE, 1, 4},        {"ar", NUMBERED, 64, 4},      {"lbeg", ONE, 1, 4},       {"lend", ONE, 1, 4},
    {"lcount", ONE, 1, 4},    {"sar", ONE, 1, 4},           {"windowbase", ONE, 1, 4}, {"windowstart", ONE, 1, 4},
    {"configid0", ONE, 1, 4}, {"configid1", ONE, 1, 4},     {"ps", ONE, 1, 4},         {"threadptr", ONE, 1, 4},
    {"br", ONE, 1, 4},        {"scompare1", ONE, 1, 4},     {"acclo", ONE, 1, 4},      {"acchi", ONE, 1, 4},
    {"m", NUMBERED, 4, 4},    {"gpio_out", ONE, 1, 4},      {"f", NUMBERED, 16, 4},    {"fcr", ONE, 1, 4},
    {"fsr", ONE, 1, 4},       {"accx", WORDS, 2, 4},        {"qacc_h", WORDS, 5, 4},   {"qacc_l", WORDS, 5, 4},
    {"sar_byte", ONE, 1, 4},  {"fft_bit_width", ONE, 1, 4}, {"ua_state", WORDS, 4, 4}, {"q", NUMBERED, 8, 16},
};

typedef struct place {
    char name[16]; /* name of the machine's register */
    size_t word;   /* index of its first word that belongs to gdb's register */
    size_t row, index, offset;
} place;

static bool find(unsigned number, place *where)
{
    size_t offset = 0;
    for (size_t row = 0; row < sizeof rows / sizeof rows[0]; row++) {
        if (number >= rows[row].count) {
            number -= rows[row].count;
            offset += (size_t)rows[row].count * rows[row].size;
            continue;
        }
        *where = (place){.row = row, .index = number, .offset = offset + number * (size_t)rows[row].size};
        if (rows[row].form == NUMBERED)
            snprintf(where->name, sizeof where->name, "%s%u", rows[row].name, number);
        else
            snprintf(where->name, sizeof where->name, "%s", rows[row].name);
        where->word = rows[row].form == WORDS ? number : 0;
        return true;
    }
    return false;
}

size_t mote_xt_gdb_register(unsigned number, size_t *offset, char *name)
{
    place at;
    if (!find(number, &at))
        return 0;
    if (offset)
        *offset = at.offset;
    if (name && rows[at.row].form == WORDS)
        snprintf(name, MOTE_XT_GDB_NAME, "%.13s_%zu", at.name, at.word);
    else if (name)
        snprintf(name, MOTE_XT_GDB_NAME, "%.15s", at.name);
    return rows[at.row].size;
}

/* Reads the machine's register; gdb's register starts at its word `word`. Returns NULL, and zeros, when the machine has
 * no such register. */
static const mote_xt_register *fetch(const mote_xt_machine *m, const place *at, uint8_t bytes[32])
{
    const mote_xt_register *r = mote_xt_register_find(at->name);
    memset(bytes, 0, 32);
    if (!r || r->size > 32)
        return NULL;
    mote_xt_register_read(m, r, bytes);
    return r;
}

bool mote_xt_gdb_register_read(const mote_xt_machine *m, unsigned number, uint8_t to[MOTE_XT_GDB_WIDEST])
{
    uint8_t bytes[32];
    place at;
    if (!find(number, &at))
        return false;
    fetch(m, &at, bytes);
    memcpy(to, bytes + 4 * at.word, rows[at.row].size);
    return true;
}

bool mote_xt_gdb_register_write(mote_xt_program *p, unsigned number, const uint8_t from[MOTE_XT_GDB_WIDEST])
{
    uint8_t bytes[32];
    place at;
    if (!find(number, &at))
        return false;
    const mote_xt_register *r = fetch(p->machine, &at, bytes);
    memcpy(bytes + 4 * at.word, from, rows[at.row].size);
    if (r)
        mote_xt_program_set(p, r, bytes);
    return true;
}
