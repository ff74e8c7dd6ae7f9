/* Registers by name. */
#include <string.h>

#include "xtensa/emu/code.h"
#include "xtensa/emu/exec.h"
#include "xtensa/emu/interrupt.h"
#include "xtensa/emu/pages.h"
#include "xtensa/emu/pie.h"
#include "xtensa/emu/state.h"
#include "xtensa/emu/window.h"

#define AT(member)                                  (uint16_t) offsetof(mote_xt_state, member)
#define WORD(text, member)                          {text, AT(member), 4},
#define A(n)                                        WORD("a" #n, a[n])
#define F(n)                                        WORD("f" #n, f[n])
#define Q(n)                                        {"q" #n, AT(q[n]), 16},
#define AR(n)                                       WORD("ar" #n, ar[n])
#define FOUR(X, a, b, c, d)                         X(a) X(b) X(c) X(d)
#define AR8(n0, n1, n2, n3, n4, n5, n6, n7)         AR(n0) AR(n1) AR(n2) AR(n3) AR(n4) AR(n5) AR(n6) AR(n7)
#define SPECIAL(name, number, forms, option, write) SPECIAL_##forms(name, number)
#define SPECIAL_RWX(name, number)                   WORD(#name, sr[number])
#define SPECIAL_RW(name, number)                    WORD(#name, sr[number])
#define SPECIAL_RXX(name, number)                   WORD(#name, sr[number])
#define SPECIAL_RO(name, number)                    WORD(#name, sr[number])
#define SPECIAL_WO(name, number)
#define USER(...)

static const mote_xt_register registers[] = {
    WORD("pc", pc) FOUR(A, 0, 1, 2, 3) FOUR(A, 4, 5, 6, 7) FOUR(A, 8, 9, 10, 11) FOUR(A, 12, 13, 14, 15)
        FOUR(F, 0, 1, 2, 3) FOUR(F, 4, 5, 6, 7) FOUR(F, 8, 9, 10, 11) FOUR(F, 12, 13, 14, 15) WORD("fcr", fcr)
            WORD("fsr", fsr) WORD("threadptr", threadptr) FOUR(Q, 0, 1, 2, 3) FOUR(Q, 4, 5, 6, 7){"accx", AT(accx), 8},
    {"qacc_l", AT(qacc.words[0]), 20},
    {"qacc_h", AT(qacc.words[5]), 20},
    {"ua_state", AT(ua_state), 16},
    WORD("sar_byte", sar_byte) WORD("fft_bit_width", fft_bit_width) WORD("gpio_out", gpio_out)
        WORD("accx_0", accx){"accx_1", AT(accx) + 4, 4},
    WORD("qacc_l_0", qacc.words[0]) WORD("qacc_l_1", qacc.words[1]) WORD("qacc_l_2", qacc.words[2])
        WORD("qacc_l_3", qacc.words[3]) WORD("qacc_l_4", qacc.words[4]) WORD("qacc_h_0", qacc.words[5])
            WORD("qacc_h_1", qacc.words[6]) WORD("qacc_h_2", qacc.words[7]) WORD("qacc_h_3", qacc.words[8])
                WORD("qacc_h_4", qacc.words[9]) WORD("ua_state_0", ua_state.u32[0]) WORD("ua_state_1", ua_state.u32[1])
                    WORD("ua_state_2", ua_state.u32[2]) WORD("ua_state_3", ua_state.u32[3])
#include "xtensa/isa/special.def"
                        AR8(0, 1, 2, 3, 4, 5, 6, 7) AR8(8, 9, 10, 11, 12, 13, 14, 15)
                            AR8(16, 17, 18, 19, 20, 21, 22, 23) AR8(24, 25, 26, 27, 28, 29, 30, 31)
                                AR8(32, 33, 34, 35, 36, 37, 38, 39) AR8(40, 41, 42, 43, 44, 45, 46, 47)
                                    AR8(48, 49, 50, 51, 52, 53, 54, 55) AR8(56, 57, 58, 59, 60, 61, 62, 63)};

const mote_xt_register *mote_xt_register_at(size_t index)
{
    return index < sizeof registers / sizeof registers[0] ? &registers[index] : NULL;
}

const mote_xt_register *mote_xt_register_find(const char *name)
{
    for (size_t k = 0; k < sizeof registers / sizeof registers[0]; k++)
        if (strcmp(registers[k].name, name) == 0)
            return &registers[k];
    return NULL;
}

static bool lies_in(const mote_xt_register *r, size_t offset, size_t size)
{
    return r->offset >= offset && r->offset < offset + size;
}

/* The number of a special register, or 256. */
static unsigned special_number(const mote_xt_register *r)
{
    return lies_in(r, offsetof(mote_xt_state, sr), sizeof((mote_xt_state *)0)->sr)
               ? (unsigned)(r->offset - offsetof(mote_xt_state, sr)) / 4
               : 256;
}

void mote_xt_register_read(const mote_xt_machine *m, const mote_xt_register *r, void *to)
{
    mote_xt_state s = m->s;
    mote_xt_window_to_file(&s);
    mote_xt_qacc_words(&s);
    s.sr[SR_ccount] = ccount(m);
    s.sr[SR_interrupt] = mote_xt_read_interrupt(m);
    s.accx &= 0xffffffffff;
    memcpy(to, (const uint8_t *)&s + r->offset, r->size);
}

/* Drops the bits that the chip's registers do not have. */
static void keep_widths(mote_xt_state *s)
{
    s->accx = (int64_t)((uint64_t)s->accx << 24) >> 24;
    s->sar_byte &= 15;
    s->fft_bit_width &= 15;
    s->gpio_out &= 255;
    s->fcr &= 0x7f;
    s->fsr &= 0xf80;
}

void mote_xt_register_write(mote_xt_machine *m, const mote_xt_register *r, const void *from)
{
    unsigned number = special_number(r);
    if (number < 256) {
        uint32_t value;
        memcpy(&value, from, 4);
        m->s.sr[number] = mote_xt_write_special(m, number, value);
        return;
    }
    mote_xt_window_to_file(&m->s);
    mote_xt_qacc_words(&m->s);
    memcpy((uint8_t *)&m->s + r->offset, from, r->size);
    keep_widths(&m->s);
    if (lies_in(r, offsetof(mote_xt_state, ar), sizeof m->s.ar))
        mote_xt_window_from_file(&m->s);
}

uint32_t mote_xt_get(const mote_xt_machine *m, const char *name)
{
    const mote_xt_register *r = mote_xt_register_find(name);
    uint8_t bytes[20] = {0};
    uint32_t value;
    if (r)
        mote_xt_register_read(m, r, bytes);
    memcpy(&value, bytes, 4);
    return value;
}

void mote_xt_set(mote_xt_machine *m, const char *name, uint32_t value)
{
    const mote_xt_register *r = mote_xt_register_find(name);
    uint8_t bytes[20] = {0};
    memcpy(bytes, &value, 4);
    if (r)
        mote_xt_register_write(m, r, bytes);
}

size_t mote_xt_state_size(void)
{
    return sizeof(mote_xt_state);
}

void mote_xt_state_save(const mote_xt_machine *m, void *to)
{
    mote_xt_state s = m->s;
    s.sr[SR_interrupt] = mote_xt_read_interrupt(m);
    memcpy(to, &s, sizeof s);
}

/* True if a register differs on which decoded code (IBREAK) or the fast paths of pages (DBREAK) depend. */
static bool breaks_differ(const mote_xt_state *a, const mote_xt_state *b)
{
    static const uint8_t numbers[] = {SR_ibreakenable, SR_ibreaka0, SR_ibreaka1, SR_dbreaka0,
                                      SR_dbreaka1,     SR_dbreakc0, SR_dbreakc1};
    bool differ = false;
    for (unsigned k = 0; k < sizeof numbers; k++)
        differ |= a->sr[numbers[k]] != b->sr[numbers[k]];
    return differ;
}

void mote_xt_state_restore(mote_xt_machine *m, const void *from)
{
    mote_xt_state before = m->s;
    memcpy(&m->s, from, sizeof m->s);
    uint32_t restored = m->s.sr[SR_cpenable];
    m->s.sr[SR_cpenable] = before.sr[SR_cpenable];
    m->s.sr[SR_cpenable] = mote_xt_write_special(m, SR_cpenable, restored);
    if (breaks_differ(&before, &m->s)) {
        mote_xt_forget_code(m);
        mote_xt_mark_pages(m);
    }
    update_window(m);
    m->timers_at = cycles(m);
}
