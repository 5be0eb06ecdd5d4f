// SPDX-License-Identifier: Apache-2.0
// Where in a text one of some short texts may begin, 64 places at once, for processors with
// AVX-512 and its VBMI.
//
// The short texts are parted into groups, one bit each. For each of some places in a row a table by
// character says which groups have that character there: a look into 128 bytes, which VBMI does for
// 64 characters with one instruction. Where a group has all the characters that stand side by side,
// one of its texts may stand. (The idea is that of "Teddy" in Intel's Hyperscan: Wang et al., NSDI
// 2019, section 5.1; there, and here with AVX2, the tables are by half a byte.)
#ifndef VIGIE_DETECTION_SIGMA_LITERALS_GROUPS_H
#define VIGIE_DETECTION_SIGMA_LITERALS_GROUPS_H

#include "base/slice.h"

#include <string.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum {
    GROUP_SETS = 4, // of eight groups
    GROUP_PLACES = 4,
};

struct group_tables {
    unsigned sets;
    // By character, of which seven bits count: bytes beyond ASCII share places with others.
    uint8_t at[GROUP_SETS][GROUP_PLACES][128];
};

static inline void group_tables_add(struct group_tables *t, unsigned group, unsigned place,
                                    uint8_t c)
{
    t->at[group / 8][place][c & 127] |= (uint8_t)(1u << group % 8);
}

static inline void group_tables_add_any(struct group_tables *t, unsigned group, unsigned place)
{
    for (unsigned c = 0; c < 128; c++)
        group_tables_add(t, group, place, (uint8_t)c);
}

#if defined(__x86_64__)
#define GROUPS_TARGET gnu::target("avx512f,avx512bw,avx512vl,avx512vbmi")

// Up to 64 bytes from p on, and zeros where it has fewer: what lies behind them is not read.
[[GROUPS_TARGET, gnu::always_inline]] static inline __m512i load_64(const uint8_t *p, size_t len)
{
    return len >= 64 ? _mm512_loadu_si512(p) : _mm512_maskz_loadu_epi8((1ull << len) - 1, p);
}

// len: not 0.
[[GROUPS_TARGET]] static inline bool bytes_equal_512(const uint8_t *a, const uint8_t *b, size_t len)
{
    if (len > 64)
        return memcmp(a, b, len) == 0;
    __mmask64 bytes = ~0ull >> (64 - len);
    return _mm512_mask_cmpneq_epi8_mask(bytes, _mm512_maskz_loadu_epi8(bytes, a),
                                        _mm512_maskz_loadu_epi8(bytes, b)) == 0;
}

// What is found at 64 places: groups by set and place.
struct groups_found {
    uint8_t at[GROUP_SETS][64];
};

// Of the 64 bytes from p on, those from which some group has what follows, `step` bytes apart: a
// bit each; only when there is one are the groups in out. left: bytes that may be read; what would
// stand behind them is taken to be zero.
[[GROUPS_TARGET, gnu::always_inline]] static inline uint64_t
groups_64(const struct group_tables *t, const uint8_t *p, size_t left, unsigned sets,
          unsigned places, unsigned step, struct groups_found *out)
{
    __m512i x[GROUP_PLACES], found[GROUP_SETS], any = _mm512_setzero_si512();
    for (unsigned k = 0; k < places; k++)
        x[k] = load_64(p + k * step, left - (left < k * step ? left : k * step));
    for (unsigned s = 0; s < sets; s++) {
        found[s] = _mm512_set1_epi8(-1);
        for (unsigned k = 0; k < places; k++)
            found[s] = _mm512_and_si512(
                found[s], _mm512_permutex2var_epi8(_mm512_loadu_si512(t->at[s][k]), x[k],
                                                   _mm512_loadu_si512(t->at[s][k] + 64)));
        any = _mm512_or_si512(any, found[s]);
    }
    uint64_t some = _mm512_test_epi8_mask(any, any);
    for (unsigned s = 0; s < sets && some; s++)
        _mm512_storeu_si512(out->at[s], found[s]);
    return some;
}
#endif

#endif
