/* The inside of a machine, shared by the files of this folder. */
#ifndef MOTE_XTENSA_STATE_H
#define MOTE_XTENSA_STATE_H

#include <signal.h>

#include "xtensa/emu/machine.h"

typedef union mote_q {
    int8_t s8[16];
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

/* QACC is kept in the shape in which it was last used: the words that rur shows, or lanes. */
typedef enum qacc_shape { QACC_WORDS, QACC_LANES_20, QACC_LANES_40 } qacc_shape;

typedef struct mote_xt_state {
    uint32_t pc;
    uint32_t a[16]; /* the window; its place in ar[] is stale while it is out here */
    uint32_t ar[64];
    uint32_t sr[256];
    uint32_t f[16];
    uint32_t fcr, fsr, threadptr;
    uint32_t sar_byte, fft_bit_width, gpio_out;
    mote_q q[8], ua_state;
    int64_t accx; /* 40 bits, sign extended */
    union {
        uint32_t words[10]; /* QACC_L, QACC_H */
        int32_t lane20[16];
        int64_t lane40[8];
    } qacc;
    qacc_shape qacc_shape;
    uint32_t ccount_offset;
    uint64_t instructions, stalls; /* cycles = instructions + stalls */
} mote_xt_state;

typedef struct decoded decoded;
typedef void behaviour(mote_xt_machine *m, const decoded *i);

#define MAX_USES 14

/* An instruction ready to run. Slots are named in isa/operands.h. */
struct decoded {
    behaviour *run;
    int32_t imm, constant;
    uint8_t r, s, t, u, v, w, x, y, z;
    uint8_t size;   /* 0 when nothing is decoded here */
    uint8_t window; /* how many registers of the window it needs */
    uint8_t gate;   /* the same, or GATE_CLOSED when not decoded or at a breakpoint */
    uint16_t id;
    uint8_t to_next; /* may jump to the instruction after it: JUMPS_TO_NEXT, or BRANCHES_TO_NEXT if it may also not */
    /* For timing (emu/timing.h) */
    bool slow;   /* a result comes later than stage E */
    bool cached; /* fetched through the cache */
    uint8_t extra_kind, extra_cycles;
    uint8_t reads, writes; /* how many of `use` are read, and are then written */
    uint8_t use[MAX_USES]; /* resource | stage << 6 */
};

enum { GATE_CLOSED = 255 };

enum { JUMPS_TO_NEXT = 1, BRANCHES_TO_NEXT = 2 };

#define PAGE_BITS 12
#define PAGE_SIZE (1u << PAGE_BITS)

/* Where a byte of code can start there is a decoded instruction; the tail leads to the next page. */
typedef struct page page;
struct page {
    uint8_t *bytes;
    decoded *code; /* PAGE_SIZE + 4 entries, or NULL */
    uint32_t address;
    page *next_view; /* ring of the pages that show the same bytes; NULL when alone */
    uint8_t access, kind;
    bool slow_load;  /* watched */
    bool slow_store; /* watched, holds decoded instructions in some view, or stores are hooked */
};

#define DIRECTORY 1024

typedef struct block {
    struct block *next;
    uint8_t *bytes;
} block;

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
    uint64_t deadline;       /* stop running when s.instructions gets here; 0 asks for attention at once */
    uint64_t cycle_deadline; /* the same for cycles, when they are counted */
    uint64_t timers_at;      /* the cycle up to which timers have been matched */
    mote_xt_chip chip;
    bool timed;
    bool branched;       /* the latest of the instructions that branch to the next one was taken */
    uint64_t resumed_at; /* the instruction of that number runs in spite of a breakpoint */

    /* The data access of the present instruction, for timing. */
    uint32_t access_address;
    uint8_t access_size, access_kind;
    bool access_store;

    page *directory[DIRECTORY];
    page *nothing; /* a directory entry where nothing is mapped */
    block *blocks; /* host memory, to free */
    unsigned code_pages;

    mote_xt_stop stop;
    char fault[256];
    int exit_code;
    volatile sig_atomic_t interrupted;

    uint32_t breakpoints[MAX_BREAKPOINTS];
    unsigned breakpoint_count;
    watchpoint watchpoints[MAX_WATCHPOINTS];
    unsigned watchpoint_count;
    mote_xt_hooks hooks;
    timing *timing;
    uint32_t stalls[MOTE_XT_STALL_KINDS]; /* of the present instruction */
    bool stalled;                         /* some of them are not 0 */
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

/* Asks the run loop to look up before the next instruction. */
static inline void need_attention(mote_xt_machine *m)
{
    m->deadline = 0;
}

#endif
