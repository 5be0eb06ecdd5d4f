// SPDX-License-Identifier: Apache-2.0
// Numbers to digits, written in place: what nearly every value of an event log needs. Each function
// writes where there is room for the most it can give, DIGITS_ROOM bytes, and returns the end.
#ifndef VIGIE_BASE_DIGITS_H
#define VIGIE_BASE_DIGITS_H

#include <stdint.h>
#include <string.h>

enum { DIGITS_ROOM = 24 };

// "00" to "99", and "00" to "ff".
extern const char digits_decimal[201];
extern const char digits_hex[513];

static inline uint8_t *digits_two(uint8_t *out, uint32_t below_100)
{
    memcpy(out, digits_decimal + (size_t)below_100 * 2, 2);
    return out + 2;
}

static inline uint8_t *digits_four(uint8_t *out, uint32_t below_10000)
{
    return digits_two(digits_two(out, below_10000 / 100), below_10000 % 100);
}

// Numbers of five digits and more.
uint8_t *digits_long(uint8_t *out, uint64_t n);

static inline uint8_t *digits_u64(uint8_t *out, uint64_t n)
{
    if (n < 10) {
        *out = (uint8_t)('0' + n);
        return out + 1;
    }
    if (n < 100)
        return digits_two(out, (uint32_t)n);
    if (n < 10000) {
        uint32_t high = (uint32_t)n / 100;
        if (high < 10)
            *out++ = (uint8_t)('0' + high);
        else
            out = digits_two(out, high);
        return digits_two(out, (uint32_t)n % 100);
    }
    return digits_long(out, n);
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
// The eight hexadecimal digits of n, the highest in the lowest byte: as they stand in memory.
static inline uint64_t digits_hex_text(uint32_t n)
{
    uint64_t x = n; // each half-byte to a byte of its own
    x = (x | x << 16) & 0x0000ffff0000ffffu;
    x = (x | x << 8) & 0x00ff00ff00ff00ffu;
    x = (x | x << 4) & 0x0f0f0f0f0f0f0f0fu;
    uint64_t letters = (x + 0x0606060606060606u) >> 4 & 0x0101010101010101u;
    return __builtin_bswap64(x + 0x3030303030303030u + letters * ('a' - '0' - 10));
}

// Without leading zeros, in small letters.
static inline uint8_t *digits_hex_u64(uint8_t *out, uint64_t n)
{
    unsigned count = (67 - (unsigned)__builtin_clzll(n | 1)) / 4;
    if (count > 8) {
        uint64_t high = digits_hex_text((uint32_t)(n >> 32)) >> (16 - count) * 8;
        memcpy(out, &high, sizeof high);
        out += count - 8;
        count = 8;
    }
    uint64_t low = digits_hex_text((uint32_t)n) >> (8 - count) * 8;
    memcpy(out, &low, sizeof low);
    return out + count;
}
#else
static inline uint8_t *digits_hex_u64(uint8_t *out, uint64_t n)
{
    int shift = (63 - __builtin_clzll(n | 1)) / 4 * 4;
    for (; shift >= 0; shift -= 4)
        *out++ = (uint8_t)digits_hex[(n >> shift & 0xf) * 2 + 1];
    return out;
}
#endif

#endif
