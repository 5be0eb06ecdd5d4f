// SPDX-License-Identifier: Apache-2.0
// The method: V. Gopal and others, "Fast CRC Computation for Generic Polynomials Using PCLMULQDQ
// Instruction", Intel, 2009. The message is folded, 64 or 256 bytes at a time, into 16 bytes that
// have the same remainder; a Barrett reduction makes 32 bits of those. The constants are powers of
// x modulo the polynomial, bit-reflected. What is left over goes to zlib.
#include "reader/evtx/checksum.h"

#include <zlib.h>

#ifdef __x86_64__
#include <immintrin.h>

#define CLMUL [[gnu::target("pclmul,sse4.1")]]

CLMUL static inline __m128i load(const uint8_t *p)
{
    return _mm_loadu_si128((const __m128i *)(const void *)p);
}

// x carried over by as many bits as the constants say, added to what stands there.
CLMUL static inline __m128i fold(__m128i x, __m128i constants, __m128i onto)
{
    __m128i low = _mm_clmulepi64_si128(x, constants, 0x00);
    __m128i high = _mm_clmulepi64_si128(x, constants, 0x11);
    return _mm_xor_si128(_mm_xor_si128(low, high), onto);
}

// 16 bytes to the 32 bits of their remainder.
CLMUL static uint32_t reduce(__m128i x, __m128i by_128)
{
    const __m128i by_64 = _mm_set_epi64x(0, 0x163cd6124);
    const __m128i barrett = _mm_set_epi64x(0x1f7011641, 0x1db710641);
    const __m128i low_words = _mm_setr_epi32(-1, 0, -1, 0);
    x = _mm_xor_si128(_mm_srli_si128(x, 8), _mm_clmulepi64_si128(x, by_128, 0x10));
    x = _mm_xor_si128(_mm_srli_si128(x, 4),
                      _mm_clmulepi64_si128(_mm_and_si128(x, low_words), by_64, 0x00));
    __m128i quotient = _mm_clmulepi64_si128(_mm_and_si128(x, low_words), barrett, 0x10);
    __m128i product = _mm_clmulepi64_si128(_mm_and_si128(quotient, low_words), barrett, 0x00);
    return (uint32_t)_mm_extract_epi32(_mm_xor_si128(x, product), 1);
}

// A multiple of 16 bytes, carried on with x.
CLMUL static uint32_t finish(__m128i x, const uint8_t *p, const uint8_t *end)
{
    const __m128i by_128 = _mm_set_epi64x(0x0ccaa009e, 0x1751997d0);
    for (; p < end; p += 16)
        x = fold(x, by_128, load(p));
    return reduce(x, by_128);
}

// s: at least 64 bytes, a multiple of 16. sum: not complemented.
CLMUL static uint32_t crc_128(uint32_t sum, struct slice s)
{
    const __m128i by_512 = _mm_set_epi64x(0x1c6e41596, 0x154442bd4);
    const __m128i by_128 = _mm_set_epi64x(0x0ccaa009e, 0x1751997d0);
    const uint8_t *p = s.at, *end = s.at + s.len;
    __m128i x[4];
    for (size_t i = 0; i < 4; i++)
        x[i] = load(p + 16 * i);
    x[0] = _mm_xor_si128(x[0], _mm_cvtsi32_si128((int)sum));
    for (p += 64; end - p >= 64; p += 64)
        for (size_t i = 0; i < 4; i++)
            x[i] = fold(x[i], by_512, load(p + 16 * i));
    for (size_t i = 1; i < 4; i++)
        x[0] = fold(x[0], by_128, x[i]);
    return finish(x[0], p, end);
}

#define WIDE [[gnu::target("avx512f,vpclmulqdq,pclmul,sse4.1")]]

WIDE static inline __m512i fold_512(__m512i x, __m512i constants, __m512i onto)
{
    __m512i low = _mm512_clmulepi64_epi128(x, constants, 0x00);
    __m512i high = _mm512_clmulepi64_epi128(x, constants, 0x11);
    return _mm512_ternarylogic_epi64(low, high, onto, 0x96); // all three added
}

// The same with 64 bytes at a time, four times side by side. s: at least 256 bytes.
WIDE static uint32_t crc_512(uint32_t sum, struct slice s)
{
    const __m512i by_2048 = _mm512_broadcast_i32x4(_mm_set_epi64x(0x1322d1430, 0x11542778a));
    const __m512i by_512 = _mm512_broadcast_i32x4(_mm_set_epi64x(0x1c6e41596, 0x154442bd4));
    const __m128i by_128 = _mm_set_epi64x(0x0ccaa009e, 0x1751997d0);
    const uint8_t *p = s.at, *end = s.at + s.len;
    __m512i x[4];
    for (size_t i = 0; i < 4; i++)
        x[i] = _mm512_loadu_si512(p + 64 * i);
    x[0] = _mm512_xor_si512(x[0], _mm512_zextsi128_si512(_mm_cvtsi32_si128((int)sum)));
    for (p += 256; end - p >= 256; p += 256)
        for (size_t i = 0; i < 4; i++)
            x[i] = fold_512(x[i], by_2048, _mm512_loadu_si512(p + 64 * i));
    for (size_t i = 1; i < 4; i++)
        x[0] = fold_512(x[0], by_512, x[i]);
    for (; end - p >= 64; p += 64)
        x[0] = fold_512(x[0], by_512, _mm512_loadu_si512(p));
    __m128i y = _mm512_castsi512_si128(x[0]);
    y = fold(y, by_128, _mm512_extracti32x4_epi32(x[0], 1));
    y = fold(y, by_128, _mm512_extracti32x4_epi32(x[0], 2));
    y = fold(y, by_128, _mm512_extracti32x4_epi32(x[0], 3));
    return finish(y, p, end);
}

enum checksum_way checksum_best(void)
{
    if (!__builtin_cpu_supports("pclmul") || !__builtin_cpu_supports("sse4.1"))
        return CHECKSUM_PLAIN;
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("vpclmulqdq") ? CHECKSUM_512
                                                                                     : CHECKSUM_128;
}

uint32_t checksum_crc32_by(enum checksum_way way, uint32_t sum, struct slice s)
{
    struct slice whole = slice_sub(s, 0, s.len & ~(size_t)15);
    if (way == CHECKSUM_512 && s.len >= 256)
        sum = ~crc_512(~sum, whole);
    else if (way != CHECKSUM_PLAIN && s.len >= 64)
        sum = ~crc_128(~sum, whole);
    else
        whole.len = 0;
    s = slice_sub(s, whole.len, s.len);
    return s.len ? (uint32_t)crc32_z(sum, s.at, s.len) : sum;
}
#else
enum checksum_way checksum_best(void)
{
    return CHECKSUM_PLAIN;
}

uint32_t checksum_crc32_by(enum checksum_way way, uint32_t sum, struct slice s)
{
    (void)way;
    return s.len ? (uint32_t)crc32_z(sum, s.at, s.len) : sum;
}
#endif

uint32_t checksum_crc32(uint32_t sum, struct slice s)
{
    return checksum_crc32_by(checksum_best(), sum, s);
}
