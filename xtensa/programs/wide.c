/* 64-bit integer helpers that gcc-xtensa-lx106 calls but does not provide. Built with -ffreestanding. */
#include <stdint.h>

uint64_t __umulsidi3(uint32_t a, uint32_t b);
uint64_t __muldi3(uint64_t a, uint64_t b);
uint64_t __udivdi3(uint64_t a, uint64_t b);
uint64_t __umoddi3(uint64_t a, uint64_t b);
int64_t __divdi3(int64_t a, int64_t b);
int64_t __moddi3(int64_t a, int64_t b);

/* Weak: a chip with the high half of products has faster ones (divide.S). */
__attribute__((weak)) uint64_t __umulsidi3(uint32_t a, uint32_t b)
{
    uint32_t al = a & 0xffff, ah = a >> 16, bl = b & 0xffff, bh = b >> 16;
    uint32_t middle = al * bh, low = al * bl, high = ah * bh;
    uint32_t sum = middle + ah * bl;
    high += sum < middle ? 0x10000 : 0;
    uint32_t result = low + (sum << 16);
    high += (sum >> 16) + (result < low);
    return (uint64_t)high << 32 | result;
}

__attribute__((weak)) uint64_t __muldi3(uint64_t a, uint64_t b)
{
    uint32_t al = (uint32_t)a, ah = (uint32_t)(a >> 32), bl = (uint32_t)b, bh = (uint32_t)(b >> 32);
    return __umulsidi3(al, bl) + ((uint64_t)(al * bh + ah * bl) << 32);
}

/* Divides bit by bit. Division by zero gives all ones, and the dividend as the remainder. */
static uint64_t divide(uint64_t a, uint64_t b, uint64_t *remainder)
{
    uint64_t quotient = 0, rest = 0;
    for (int i = 63; i >= 0; i--) {
        uint64_t carry = rest >> 63;
        rest = rest << 1 | (a >> i & 1);
        quotient <<= 1;
        if (carry || rest >= b) {
            rest -= b;
            quotient |= 1;
        }
    }
    *remainder = rest;
    return quotient;
}

uint64_t __udivdi3(uint64_t a, uint64_t b)
{
    uint64_t rest;
    return divide(a, b, &rest);
}

uint64_t __umoddi3(uint64_t a, uint64_t b)
{
    uint64_t rest;
    divide(a, b, &rest);
    return rest;
}

static uint64_t magnitude(int64_t a)
{
    return a < 0 ? -(uint64_t)a : (uint64_t)a;
}

int64_t __divdi3(int64_t a, int64_t b)
{
    uint64_t rest, quotient = divide(magnitude(a), magnitude(b), &rest);
    return (int64_t)((a < 0) != (b < 0) ? -quotient : quotient);
}

int64_t __moddi3(int64_t a, int64_t b)
{
    uint64_t rest;
    divide(magnitude(a), magnitude(b), &rest);
    return (int64_t)(a < 0 ? -rest : rest);
}
