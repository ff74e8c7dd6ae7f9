/* The behaviour of every instruction: the last column of isa/insns.def, in terms of the macros below. */
#include "xtensa/emu/exec.h"

#include "xtensa/emu/code.h"
#include "xtensa/emu/debug_option.h"
#include "xtensa/emu/exception.h"
#include "xtensa/emu/float.h"
#include "xtensa/emu/interrupt.h"
#include "xtensa/emu/memory.h"
#include "xtensa/emu/pages.h"
#include "xtensa/emu/pie.h"
#include "xtensa/emu/window.h"
#include "xtensa/isa/decoded.h"

/* Registers named by the instruction's slots. */
#define A(slot)            m->s.a[i->slot]
#define F(slot)            m->s.f[i->slot]
#define Q(slot)            m->s.q[i->slot]
#define M(slot)            m->s.sr[SR_m0 + i->slot]
#define B(slot)            (m->s.sr[SR_br] >> i->slot & 1)
#define SET_B(slot, value) m->s.sr[SR_br] = (m->s.sr[SR_br] & ~(1u << i->slot)) | (uint32_t)((value)&1) << i->slot
#define U                  (uint32_t) i->imm

#define SR(name) m->s.sr[SR_##name]
#define READ_SR(name)                                                                                                  \
    (SR_##name == SR_ccount ? ccount(m) : SR_##name == SR_interrupt ? mote_xt_read_interrupt(m) : SR(name))

/* Control. A behaviour that raises an exception ends there. */
#define JUMP(target)            jump(m, target)
#define CALL(increment, target) mote_xt_call_window(m, increment, target)
#define RAISE(cause)            RAISE_AT(cause, 0)
#define RAISE_AT(cause, address)                                                                                       \
    {                                                                                                                  \
        m->at = i->at;                                                                                                 \
        mote_xt_raise(m, cause, address);                                                                              \
        return i + 1;                                                                                                  \
    }

/* Every behaviour is compiled twice. The fast version makes no calls and so saves no registers. If an access or QACC
 * needs a call, it hands over to the careful version before anything has changed. */
#define ONLY_CAREFULLY                                                                                                 \
    if (!careful)                                                                                                      \
    return otherwise(m, i)

/* Memory. PIE accesses ignore the low bits of the address. An access by the slow path may end the block. */
#define LOAD(type, name, address)                                                                                      \
    type name;                                                                                                         \
    {                                                                                                                  \
        const uint32_t load_address = address;                                                                         \
        const void *from = mote_xt_load_fast(m, load_address, sizeof name);                                            \
        if (__builtin_expect(!from, 0)) {                                                                              \
            ONLY_CAREFULLY;                                                                                            \
            m->at = i->at;                                                                                             \
            from = mote_xt_load_slow(m, load_address, sizeof name);                                                    \
            leave |= m->leave;                                                                                         \
            if (!from)                                                                                                 \
                return i + 1;                                                                                          \
        }                                                                                                              \
        memcpy(&name, from, sizeof name);                                                                              \
    }
#define STORE(type, address, ...)                                                                                      \
    {                                                                                                                  \
        const type stored_value = __VA_ARGS__;                                                                         \
        const uint32_t store_address = address;                                                                        \
        void *to = mote_xt_store_fast(m, store_address, sizeof stored_value);                                          \
        if (__builtin_expect(to != NULL, 1)) {                                                                         \
            memcpy(to, &stored_value, sizeof stored_value);                                                            \
        } else {                                                                                                       \
            ONLY_CAREFULLY;                                                                                            \
            m->at = i->at;                                                                                             \
            memcpy(m->buffer, &stored_value, sizeof stored_value);                                                     \
            if (!mote_xt_store_slow(m, store_address, sizeof stored_value))                                            \
                return i + 1;                                                                                          \
            leave |= m->leave;                                                                                         \
        }                                                                                                              \
    }
#define LOAD_PIE(type, name, address) LOAD(type, name, (address) & ~(uint32_t)(sizeof(type) - 1))
#define STORE_PIE(type, address, ...) STORE(type, (address) & ~(uint32_t)(sizeof(type) - 1), __VA_ARGS__)
#define LOAD_Q(name, address)         LOAD_PIE(mote_q, name, address)
#define STORE_Q(address, ...)         STORE_PIE(mote_q, address, __VA_ARGS__)
#define LOAD_BC8(name, address)       LOAD_BROADCAST(8, name, address)
#define LOAD_BC16(name, address)      LOAD_BROADCAST(16, name, address)
#define LOAD_BC32(name, address)      LOAD_BROADCAST(32, name, address)
#define LOAD_BROADCAST(bits, name, address)                                                                            \
    LOAD_PIE(uint##bits##_t, one, address);                                                                            \
    mote_q name = mote_xt_broadcast_##bits(one)

/* Arithmetic. */
#define FUNNEL(pair) (uint32_t)((uint64_t)(pair) >> SR(sar))
#define ACC_VALUE    ((int64_t)(int8_t)SR(acchi) * 0x100000000 + SR(acclo))
#define SET_ACC(value)                                                                                                 \
    int64_t acc = value;                                                                                               \
    SR(acclo) = (uint32_t)acc;                                                                                         \
    SR(acchi) = (uint32_t)(int8_t)((uint64_t)acc >> 32)
#define ACCX_FROM(high, low) ((int64_t)(((uint64_t)(high)&0xff) << 56 | ((uint64_t)(low)&0xffffffff) << 24) >> 24)
#define QACC_WORD(k)         mote_xt_qacc_words(&m->s)[k]
#define SET_F4(v)            (F(u) = v.u32[0], F(x) = v.u32[1], F(y) = v.u32[2], F(z) = v.u32[3])
#define GET_F4                                                                                                         \
    (mote_q)                                                                                                           \
    {                                                                                                                  \
        .u32 = { F(u), F(x), F(y), F(z) }                                                                              \
    }

/* A behaviour calls the next instruction's in tail position, which the compiler turns into a jump. Instructions that
 * end a block set m->at to their address; the pc is that of the next one. */
#define STRIP(...) __VA_ARGS__
#define USES(...)
#define EXTRA(...)
#define FLOW(flow)                                                                                                     \
    leave = (flow) != MOTE_XT_GOES_ON;                                                                                 \
    if (leave)                                                                                                         \
        m->at = i->at;
#define LANES(ready)                                                                                                   \
    if (__builtin_expect(!(ready), 0))                                                                                 \
        ONLY_CAREFULLY;
#define BEHAVIOUR(function, is_careful, careful_function, timing, ...)                                                 \
    const decoded *function(mote_xt_machine *m, const decoded *i)                                                      \
    {                                                                                                                  \
        enum { careful = is_careful };                                                                                 \
        behaviour *const otherwise = careful_function;                                                                 \
        (void)otherwise;                                                                                               \
        bool leave = false;                                                                                            \
        STRIP timing                                                                                                   \
        {                                                                                                              \
            __VA_ARGS__                                                                                                \
        }                                                                                                              \
        return leave ? i + 1 : i[1].run(m, i + 1);                                                                     \
    }
#define INSN(ident, text, size, word, option, operands, timing, help, ...)                                             \
    static __attribute__((cold, noinline, unused))                                                                     \
    BEHAVIOUR(careful_##ident, true, careful_##ident, timing,                                                          \
              __VA_ARGS__) static BEHAVIOUR(execute_##ident, false, careful_##ident, timing, __VA_ARGS__)
#include "xtensa/isa/insns.def"
#undef INSN

#define INSN(ident, ...) execute_##ident,
behaviour *const mote_xt_behaviours[] = {
#include "xtensa/isa/insns.def"
};
#undef INSN

/* Carries out a write to a special register; returns the value to keep. */
uint32_t mote_xt_write_special(mote_xt_machine *m, unsigned number, uint32_t value)
{
    switch (number) {
#undef VALUE
#define VALUE                                       value
#define SPECIAL(name, number, forms, option, write) SPECIAL_CASE_##forms(name, write)
#define SPECIAL_CASE_RO(name, write)
#define SPECIAL_CASE_WO(name, write)
#define SPECIAL_CASE_RW(name, write)  SPECIAL_CASE_RWX(name, write)
#define SPECIAL_CASE_RXX(name, write) SPECIAL_CASE_RWX(name, write)
#define SPECIAL_CASE_RWX(name, write)                                                                                  \
    case SR_##name:                                                                                                    \
        return write;
#define USER(...)
#include "xtensa/isa/special.def"
    default:
        return value;
    }
}
