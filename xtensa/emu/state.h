/* Internal state of a machine, for the files of this folder. */
#ifndef MOTE_XTENSA_STATE_H
#define MOTE_XTENSA_STATE_H

#include <signal.h>

#include "xtensa/emu/machine.h"

typedef union mote_q {
    _Alignas(16) int8_t s8[16];
    uint8_t u8[16];
    int16_t s16[8];
    uint16_t u16[8];
    int32_t s32[4];
    uint32_t u32[4];
    uint64_t u64[2];
} mote_q;

/* Special register numbers: SR_lbeg, SR_ps, ... */
#define SPECIAL(name, number, ...) SR_##name = number,
#define USER(...)
enum {
#include "xtensa/isa/special.def"
};
#undef SPECIAL
#undef USER

/* PS fields and exception causes, numbered by the architecture. */
enum {
    PS_INTLEVEL = 15,
    PS_EXCM = 1 << 4,
    PS_UM = 1 << 5,
    PS_OWB_SHIFT = 8,
    PS_OWB = 15 << PS_OWB_SHIFT,
    PS_CALLINC_SHIFT = 16,
    PS_CALLINC = 3 << PS_CALLINC_SHIFT,
    PS_WOE = 1 << 18,
    PS_ALL = 0x00070f3f,
};

enum {
    CAUSE_ILLEGAL = 0,
    CAUSE_SYSCALL = 1,
    CAUSE_INTERRUPT = 4,
    CAUSE_ALLOCA = 5,
    CAUSE_DIVIDE_BY_ZERO = 6,
    CAUSE_ALIGNMENT = 9,
    CAUSE_FETCH = 20,
    CAUSE_LOAD = 28,
    CAUSE_STORE = 29,
    CAUSE_COPROCESSOR = 32, /* + its number */
};

/* QACC is kept in the form in which it was last used: words as rur reads them, or lanes. */
typedef enum qacc_shape { QACC_WORDS, QACC_LANES_20, QACC_LANES_40 } qacc_shape;

typedef struct mote_xt_state {
    uint32_t pc;
    uint32_t a[16]; /* the visible window; its registers in ar[] are stale */
    uint32_t ar[64];
    uint32_t sr[256];
    uint32_t f[16];
    uint32_t fcr, fsr, threadptr;
    uint32_t sar_byte, fft_bit_width, gpio_out;
    mote_q q[8], ua_state;
    int64_t accx; /* 40 bits, sign extended */
    union {
        _Alignas(16) uint32_t words[10]; /* QACC_L, QACC_H */
        int32_t lane20[16];
        int64_t lane40[8];
    } qacc;
    qacc_shape qacc_shape;
    int32_t lane20_bound; /* bound of the absolute values of the 20-bit lanes */
    uint32_t ccount_offset;
    bool jumped;                   /* by the latest instruction */
    uint64_t instructions, stalls; /* cycles = instructions + stalls */
} mote_xt_state;

typedef struct decoded decoded;

/* Runs an instruction and those after it in the block; returns the entry after the last one that ran. */
typedef const decoded *behaviour(mote_xt_machine *m, const decoded *i);

#define MAX_USES 14

/* A decoded instruction. isa/operands.h names the slots. */
struct decoded {
    behaviour *run;
    int32_t imm, constant;
    uint32_t at; /* its address */
    uint8_t r, s, t, u, v, w, x, y, z;
    uint8_t size;
    uint8_t window; /* registers of the window that it needs */
    uint8_t flow;   /* mote_xt_flow */
    uint16_t id;
    /* For timing (emu/timing.h) */
    uint16_t waits; /* stalls in its block before it issues */
    bool slow;      /* a result comes later than stage E */
    uint8_t extra_kind, extra_cycles;
    uint8_t reads, writes; /* number of entries of `use` that are read, then of those written */
    uint8_t use[MAX_USES]; /* resource | stage << 6 */
};

/* Consecutive instructions that run as a whole (emu/block.h). */
typedef struct block block;
struct block {
    block *next;         /* in the list of all */
    block *on, *jumped;  /* the blocks that ran after it, without and with a jump; NULL at first */
    const decoded *last; /* the entry after the instructions: mote_xt_hand_back */
    uint32_t start, end; /* addresses; `end` is that of the next instruction */
    uint16_t count;      /* instructions */
    uint8_t gate;        /* registers of the window that it needs, or GATE_CLOSED if it must not run as a whole */
    /* For timing */
    bool cached;      /* fetched through the cache */
    bool straddles;   /* its first instruction lies in two words, which costs a jump to it a cycle */
    uint16_t stalls;  /* if no result is pending at its start */
    uint16_t worst;   /* upper bound of its cycles */
    uint16_t awaited; /* the first instruction with results still pending at its end; `count` for none */
    decoded code[];
};

enum { GATE_CLOSED = 255 };

#define PAGE_BITS 12
#define PAGE_SIZE (1u << PAGE_BITS)
#define PAGES     (1u << (32 - PAGE_BITS))

typedef struct code_page code_page; /* emu/code.h */

typedef struct page page;
struct page {
    uint8_t *bytes;
    code_page *code; /* index of the blocks that start here, or NULL */
    uint32_t address;
    page *next_view; /* ring of the pages with the same bytes; NULL if there is no other */
    uint8_t access, kind;
};

#define DIRECTORY 1024

/* Host memory behind a mapped region. */
typedef struct mapping {
    struct mapping *next;
    uint8_t *bytes;
} mapping;

typedef struct watchpoint {
    uint32_t address, size;
    unsigned access;
} watchpoint;

#define MAX_BREAKPOINTS 256
#define MAX_WATCHPOINTS 64

typedef struct timing timing; /* emu/timing.h */

struct mote_xt_machine {
    mote_xt_state s;
    uint32_t at;             /* address of the instruction that runs */
    unsigned window;         /* registers a0.. that may be used before a window overflow */
    uint64_t deadline;       /* the run loop checks interrupts when s.instructions gets here; 0: at once */
    uint64_t cycle_deadline; /* the same for cycles, when they are counted */
    uint64_t timers_at;      /* cycle up to which timers have been matched */
    mote_xt_chip chip;
    bool timed;
    uint64_t resumed_at; /* number of the instruction that runs in spite of a breakpoint */

    /* For accesses by the slow path: the bytes to store or, across pages, those loaded; `leave` is set if the block
     * must end with this instruction. */
    uint8_t buffer[16];
    bool leave;

    page *directory[DIRECTORY];
    page *nothing; /* a directory entry where nothing is mapped */
    mapping *mappings;
    block *blocks;
    size_t code_bytes; /* of blocks and their pages */
    decoded step[2];   /* an instruction that runs by itself, and mote_xt_hand_back */

    mote_xt_stop stop;
    char fault[256];
    bool no_memory; /* the fault is a lack of memory on this computer */
    int exit_code;
    volatile sig_atomic_t interrupted;

    uint32_t breakpoints[MAX_BREAKPOINTS];
    unsigned breakpoint_count;
    watchpoint watchpoints[MAX_WATCHPOINTS];
    unsigned watchpoint_count;
    mote_xt_hooks hooks;
    timing *timing;
    uint32_t stalls[MOTE_XT_STALL_KINDS]; /* of the current instruction */
    bool stalled;                         /* one of `stalls` is not 0 */

    /* Host address of each page that the fast path may load or store; NULL for the others. The host provides memory
     * only for the parts of these tables that are used. */
    uint8_t *load[PAGES], *store[PAGES];
};

static inline page *page_at(const mote_xt_machine *m, uint32_t address)
{
    return &m->directory[address >> 22][address >> PAGE_BITS & 1023];
}

static inline uint64_t cycles(const mote_xt_machine *m)
{
    return m->s.instructions + m->s.stalls;
}

static inline uint32_t ccount(const mote_xt_machine *m)
{
    return (uint32_t)cycles(m) + m->s.ccount_offset;
}

static inline bool starts_frame(const mote_xt_machine *m, uint32_t quad)
{
    return m->s.sr[SR_windowstart] >> (quad & 15) & 1;
}

/* Recomputes m->window; to be called after WINDOWBASE, WINDOWSTART or PS changed. */
static inline void update_window(mote_xt_machine *m)
{
    unsigned free = 1;
    while (free < 4 && !starts_frame(m, m->s.sr[SR_windowbase] + free))
        free++;
    m->window = (m->s.sr[SR_ps] & (PS_WOE | PS_EXCM)) == PS_WOE ? free * 4 : 16;
}

/* Sets the pc and marks the instruction as a jump, for loops and timing. */
static inline void jump(mote_xt_machine *m, uint32_t target)
{
    m->s.pc = target;
    m->s.jumped = true;
}

/* True if the instruction stopped the machine before it took effect; it is then not counted. */
static inline bool was_stopped(const mote_xt_machine *m)
{
    return m->stop == MOTE_XT_STOP_FAULT || m->stop == MOTE_XT_STOP_BREAK;
}

/* Makes the run loop check stops and interrupts before the next block. */
static inline void need_attention(mote_xt_machine *m)
{
    m->deadline = 0;
}

#endif
