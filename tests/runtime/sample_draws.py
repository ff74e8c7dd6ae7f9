"""Writes sample_draws.h: draws by the steps of docs/SPEC.md, with Python's integers. Usage: sample_draws.py > sample_draws.h"""

M = 2**32 - 1


def rotl(v, n):
    return (v << n | v >> (32 - n)) & M


def mix(v):
    v ^= v >> 16
    v = v * 0x85EBCA6B & M
    v ^= v >> 13
    v = v * 0xC2B2AE35 & M
    return v ^ v >> 16


def seed(s):
    a = mix(s & M)
    return [a, mix(s >> 32 ^ 0x9E3779B9) ^ a]


def random32(state):
    a, b = state
    result = rotl(a * 0x9E3779BB & M, 5) * 5 & M
    b ^= a
    state[:] = [rotl(a, 26) ^ b ^ (b << 9 & M), rotl(b, 13)]
    return result


def draw(scores, unknown, state, temperature, k, p):
    tokens = [t for t in range(len(scores)) if t != unknown]
    best = max(scores[t] for t in tokens)
    one = 2**30
    while one > M // len(scores):
        one //= 2
    rate = 3098164009 // temperature
    powers = [round(32768 * 2 ** (-j / 32)) for j in range(33)]

    def weight(t):
        distance = best - scores[t]
        if rate and distance > 31 * 2**25 // rate:
            return 0
        e = distance * rate >> 9
        i, f = e >> 11 & 31, e & 2047
        return (one * (powers[i] * 2048 - (powers[i] - powers[i + 1]) * f) >> 26) >> (e >> 16)

    order = sorted(tokens, key=lambda t: (-scores[t], t))
    if 0 < k < len(scores):
        order = order[:k]
    total = sum(weight(t) for t in order)
    if p < 65536:
        target, kept, reached = total * p >> 16, [], 0
        for t in order:
            kept.append(t)
            reached += weight(t)
            if reached >= target:
                break
        order, total = kept, reached
    left = random32(state) * total >> 32
    for t in sorted(order):
        if left < weight(t):
            return t
        left -= weight(t)


state = seed(2024)
scores = [i * 37 % 41 * 60 for i in range(40)]
print(", ".join(str(draw(scores, 7, state, 52429, 30, 60000)) for _ in range(16)))
