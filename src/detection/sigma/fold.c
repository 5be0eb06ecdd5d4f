// SPDX-License-Identifier: Apache-2.0
#include "detection/sigma/fold.h"

#include "base/utf.h"
#include "detection/sigma/literals_groups.h"
#include "detection/sigma/literals_internal.h"

#if defined(__x86_64__)
// Lower case for A to Z.
static inline __m128i fold_16(__m128i x)
{
    __m128i capital = _mm_and_si128(_mm_cmpgt_epi8(x, _mm_set1_epi8('A' - 1)),
                                    _mm_cmpgt_epi8(_mm_set1_epi8('Z' + 1), x));
    return _mm_or_si128(x, _mm_and_si128(capital, _mm_set1_epi8(0x20)));
}

// Eight units at a time with what every x86-64 has; stops before the first eight that are not
// ASCII.
static size_t fold_ascii_8(struct slice raw, uint8_t *out)
{
    const __m128i beyond = _mm_set1_epi16((short)0xff80);
    size_t n = 0;
    for (; n * 2 + 16 <= raw.len; n += 8) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)(raw.at + n * 2));
        __m128i none = _mm_cmpeq_epi16(_mm_and_si128(x, beyond), _mm_setzero_si128());
        if (_mm_movemask_epi8(none) != 0xffff)
            break;
        _mm_storel_epi64((__m128i *)(void *)(out + n), fold_16(_mm_packus_epi16(x, x)));
    }
    return n;
}

[[gnu::target("avx2")]] static size_t fold_ascii_32(struct slice raw, uint8_t *out)
{
    const __m256i beyond = _mm256_set1_epi16((short)0xff80);
    size_t n = 0;
    for (; n * 2 + 64 <= raw.len; n += 32) {
        const uint8_t *p = raw.at + n * 2;
        __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)p);
        __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(p + 32));
        if (!_mm256_testz_si256(_mm256_or_si256(a, b), beyond))
            break;
        __m256i x = _mm256_permute4x64_epi64(_mm256_packus_epi16(a, b), 0xd8);
        __m256i capital = _mm256_and_si256(_mm256_cmpgt_epi8(x, _mm256_set1_epi8('A' - 1)),
                                           _mm256_cmpgt_epi8(_mm256_set1_epi8('Z' + 1), x));
        x = _mm256_or_si256(x, _mm256_and_si256(capital, _mm256_set1_epi8(0x20)));
        _mm256_storeu_si256((__m256i *)(void *)(out + n), x);
    }
    return n;
}

static size_t fold_ascii(struct slice raw, uint8_t *out, enum vectors vectors)
{
    size_t n = vectors ? fold_ascii_32(raw, out) : 0;
    return n + fold_ascii_8(slice_sub(raw, n * 2, raw.len), out + n);
}
#else
static size_t fold_ascii(struct slice raw, uint8_t *out, enum vectors vectors)
{
    (void)raw, (void)out, (void)vectors;
    return 0;
}
#endif

enum { SLOW_UNITS = 32 };

size_t fold_utf16(struct slice raw, uint8_t *out, enum vectors vectors)
{
    size_t pos = 0, n = 0;
    while (pos + 2 <= raw.len) {
        size_t fast = fold_ascii(slice_sub(raw, pos, raw.len), out + n, vectors);
        n += fast;
        pos += fast * 2;
        // Some units the slow way, then at a gallop again; pairs of surrogates are not parted, also
        // where a stray high one stands in front.
        size_t end = pos + (size_t)SLOW_UNITS * 2;
        if (end > raw.len)
            end = raw.len;
        while (end + 2 <= raw.len && (raw.at[end - 1] & 0xfc) == 0xd8)
            end += 2;
        n += utf16le_to_folded_utf8(slice_sub(raw, pos, end), out + n);
        pos = end;
    }
    return n;
}

bool narrow_ascii(struct slice raw, uint8_t *out)
{
    size_t n = 0;
#if defined(__x86_64__)
    for (; n * 2 + 16 <= raw.len; n += 8) {
        __m128i x = _mm_loadu_si128((const __m128i *)(const void *)(raw.at + n * 2));
        __m128i beyond = _mm_and_si128(x, _mm_set1_epi16((short)0xff80));
        if (_mm_movemask_epi8(_mm_cmpeq_epi16(beyond, _mm_setzero_si128())) != 0xffff)
            return false;
        _mm_storel_epi64((__m128i *)(void *)(out + n), _mm_packus_epi16(x, x));
    }
#endif
    uint8_t beyond = raw.len & 1;
    for (; n * 2 + 2 <= raw.len; n++) {
        out[n] = raw.at[n * 2];
        beyond |= (uint8_t)(raw.at[n * 2] & 0x80) | raw.at[n * 2 + 1];
    }
    return !beyond;
}

#if defined(__x86_64__)
// Places where the first and the last byte fit are compared. readable: bytes that may be loaded, at
// least 31 more than the literal has; the last places are looked at twice when there are no more.
[[gnu::target("avx2")]] static const uint8_t *find_avx2(struct slice text, struct slice literal,
                                                        size_t readable)
{
    size_t last = literal.len - 1;
    __m256i head = _mm256_set1_epi8((char)literal.at[0]);
    __m256i tail = _mm256_set1_epi8((char)literal.at[last]);
    for (size_t i = 0; i + literal.len <= text.len; i += 32) {
        size_t from = i + last + 32 <= readable ? i : readable - last - 32;
        const uint8_t *p = text.at + from;
        __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)p);
        __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(p + last));
        uint32_t both = (uint32_t)_mm256_movemask_epi8(
            _mm256_and_si256(_mm256_cmpeq_epi8(a, head), _mm256_cmpeq_epi8(b, tail)));
        for (; both; both &= both - 1) {
            size_t at = from + (size_t)__builtin_ctz(both);
            if (at + literal.len > text.len)
                return NULL;
            if (memcmp(text.at + at, literal.at, literal.len) == 0)
                return text.at + at;
        }
    }
    return NULL;
}
#endif

// The rarest byte but for one place; that place when there is no other.
static uint8_t rare_place(const uint8_t *bytes, uint8_t len, uint8_t but)
{
    uint32_t best = UINT32_MAX;
    uint8_t place = 0;
    for (uint8_t i = 0; i < len; i++) {
        uint32_t weight = gram_character_weight(bytes[i]);
        if (i == but || weight >= best)
            continue;
        best = weight;
        place = i;
    }
    return place;
}

struct odd_literal odd_literal_of(struct slice literal)
{
    struct odd_literal o = {.from = gram_rarest(literal, 8)};
    o.len = (uint8_t)(literal.len < 8 ? literal.len : 8);
    memcpy(&o.window, literal.at + o.from, o.len);
    o.probes[0] = rare_place(literal.at + o.from, o.len, UINT8_MAX);
    o.probes[1] = rare_place(literal.at + o.from, o.len, o.probes[0]);
    return o;
}

// Whether the literal stands where its window would begin at text.at[at].
static inline bool odd_stands_at(const struct odd_literal *o, const struct slice *literal,
                                 struct slice text, size_t at)
{
    uint64_t eight;
    memcpy(&eight, text.at + at, sizeof eight);
    if ((eight ^ o->window) << (64 - 8 * o->len))
        return false;
    if (at < o->from || text.len - (at - o->from) < literal->len)
        return false;
    return literal->len == o->len ||
           memcmp(text.at + (at - o->from), literal->at, literal->len) == 0;
}

#if defined(__x86_64__)
static inline uint8_t probed_byte(const struct odd_literal *o, unsigned probe)
{
    return (uint8_t)(o->window >> (8 * o->probes[probe]));
}

[[gnu::target("avx2")]] static bool odd_stands_256(const struct odd_literal *o,
                                                   const struct slice *literal, struct slice text)
{
    __m256i first = _mm256_set1_epi8((char)probed_byte(o, 0));
    __m256i second = _mm256_set1_epi8((char)probed_byte(o, 1));
    for (size_t i = 0; i + o->len <= text.len; i += 32) {
        const uint8_t *p = text.at + i;
        __m256i a = _mm256_loadu_si256((const __m256i *)(const void *)(p + o->probes[0]));
        __m256i b = _mm256_loadu_si256((const __m256i *)(const void *)(p + o->probes[1]));
        uint32_t both = (uint32_t)_mm256_movemask_epi8(
            _mm256_and_si256(_mm256_cmpeq_epi8(a, first), _mm256_cmpeq_epi8(b, second)));
        for (; both; both &= both - 1) {
            size_t at = i + (size_t)__builtin_ctz(both);
            if (at + o->len <= text.len && odd_stands_at(o, literal, text, at))
                return true;
        }
    }
    return false;
}

_Static_assert(LITERALS_PADDING >= 32 + 7, "the last loads stay in the padding");

[[GROUPS_TARGET]] static bool odd_stands_512(const struct odd_literal *o,
                                             const struct slice *literal, struct slice text)
{
    const __m512i first = _mm512_set1_epi8((char)probed_byte(o, 0));
    const __m512i second = _mm512_set1_epi8((char)probed_byte(o, 1));
    if (text.len < o->len)
        return false;
    const size_t places = text.len - o->len + 1; // where the window may begin
    for (size_t i = 0; i < places; i += 64) {
        const uint8_t *p = text.at + i;
        __mmask64 here = places - i >= 64 ? ~0ull : (1ull << (places - i)) - 1;
        __m512i a = _mm512_maskz_loadu_epi8(here, p + o->probes[0]);
        __m512i b = _mm512_maskz_loadu_epi8(here, p + o->probes[1]);
        uint64_t both =
            _mm512_mask_cmpeq_epi8_mask(_mm512_mask_cmpeq_epi8_mask(here, a, first), b, second);
        for (; both; both &= both - 1)
            if (odd_stands_at(o, literal, text, i + (size_t)__builtin_ctzll(both)))
                return true;
    }
    return false;
}
#endif

bool odd_literal_stands(const struct odd_literal *o, const struct slice *literal, struct slice text,
                        enum vectors vectors)
{
#if defined(__x86_64__)
    if (vectors == VECTORS_512)
        return odd_stands_512(o, literal, text);
    if (vectors)
        return odd_stands_256(o, literal, text);
#else
    (void)vectors;
#endif
    for (size_t at = 0; at + o->len <= text.len; at++)
        if (odd_stands_at(o, literal, text, at))
            return true;
    return false;
}

const uint8_t *literal_find(struct slice text, struct slice literal)
{
    if (text.len < literal.len)
        return NULL;
#if defined(__x86_64__)
    if (literal.len && text.len >= literal.len + 31 && __builtin_cpu_supports("avx2"))
        return find_avx2(text, literal, text.len);
#endif
    return memmem(text.at, text.len, literal.at, literal.len);
}
