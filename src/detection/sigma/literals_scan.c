// SPDX-License-Identifier: Apache-2.0
// Looking for the grams of one table in a text, at every place of its stride: one by one, eight
// places at once with AVX2, sixteen with AVX-512. All three are gram_passes for each place, then
// gram_table_check.
//
// Places that pass are rare but not predictable, and what is looked up for them lies far from each
// other in memory. With AVX-512 they are put aside first, by an instruction, and checked in a row,
// so that the processor need not guess when the next comes, and has many lookups under way.
#include "detection/sigma/literals_groups.h"
#include "detection/sigma/literals_internal.h"

enum {
    PLACES_256 = 8,
    PLACES_512 = 16,
    ASIDE = 128, // places
};

#if defined(__x86_64__)
[[gnu::target("avx2")]] static inline __m256i eight_grams(const uint8_t *p, uint32_t stride,
                                                          __m256i spread)
{
    __m128i low = _mm_loadu_si128((const __m128i *)(const void *)p);
    __m128i high = _mm_loadu_si128((const __m128i *)(const void *)(p + (size_t)stride * 4));
    return _mm256_shuffle_epi8(_mm256_set_m128i(high, low), spread);
}

// Bit `at` (of which five bits count) of each word.
#define BIT_OF_256(words, at) _mm256_srlv_epi32(words, _mm256_and_si256(at, _mm256_set1_epi32(31)))

// The last look of all reads 36 bytes from where its first gram begins.
[[gnu::target("avx2")]] static void scan_avx2(const struct gram_set *g, const struct gram_table *t,
                                              struct slice text, uint32_t base,
                                              struct bit_sink *sink)
{
    const __m256i spread =
        _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)t->spread));
    const __m256i first = _mm256_set1_epi32((int)GRAM_MIX_FIRST);
    const __m256i second = _mm256_set1_epi32((int)GRAM_MIX_SECOND);
    const __m128i word = _mm_cvtsi32_si128((int)t->word_shift);
    const __m128i bit = _mm_cvtsi32_si128((int)t->word_shift - 5);
    const __m128i other = _mm_cvtsi32_si128((int)t->word_shift - 10);
    const __m128i third = _mm_cvtsi32_si128((int)gram_third_shift(t->word_shift));
    const uint32_t stride = t->stride, width = t->width;
    for (size_t i = 0; i + width <= text.len; i += (size_t)stride * PLACES_256) {
        __m256i x = eight_grams(text.at + i, stride, spread);
        if (width == 8)
            x = _mm256_xor_si256(
                x, _mm256_mullo_epi32(eight_grams(text.at + i + 4, stride, spread), second));
        x = _mm256_mullo_epi32(_mm256_xor_si256(x, _mm256_srli_epi32(x, 15)), first);
        __m256i words =
            _mm256_i32gather_epi32((const int *)t->filter, _mm256_srl_epi32(x, word), 4);
        __m256i all = _mm256_and_si256(BIT_OF_256(words, _mm256_srl_epi32(x, bit)),
                                       BIT_OF_256(words, _mm256_srl_epi32(x, other)));
        all = _mm256_and_si256(all, BIT_OF_256(words, _mm256_srl_epi32(x, third)));
        uint32_t some =
            (uint32_t)_mm256_movemask_ps(_mm256_castsi256_ps(_mm256_slli_epi32(all, 31)));
        for (; some; some &= some - 1) {
            size_t at = i + (size_t)__builtin_ctz(some) * stride;
            if (at + width > text.len)
                return;
            gram_table_check(g, t, gram_load(text.at + at) & t->mask, text, at, base, sink);
        }
    }
}

_Static_assert(LITERALS_PADDING >= 36 - 4, "the last look stays in the padding");

// Sets the bits of the literals that stand round their gram at the places put aside. What is needed
// for all is asked of memory before the first is looked at.
[[GROUPS_TARGET]] static void check_aside(const struct gram_set *g, const struct gram_table *t,
                                          struct slice text, const uint32_t *aside, size_t count,
                                          uint32_t base, struct bit_sink *sink)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t gram = gram_load(text.at + aside[i]) & t->mask;
        __builtin_prefetch(&t->slots[gram_hash(gram) >> t->slot_shift]);
    }
    const struct gram_slot *slots[ASIDE + PLACES_512];
    for (size_t i = 0; i < count; i++) {
        slots[i] = gram_slot_in(t->slots, t->slot_shift, gram_load(text.at + aside[i]) & t->mask);
        __builtin_prefetch(&t->entries[slots[i]->first]);
    }
    for (size_t i = 0; i < count; i++) {
        const struct gram_entry *e = t->entries + slots[i]->first, *end = e + slots[i]->count;
        for (size_t at = aside[i]; e < end; e++)
            if (at >= e->offset && text.len - (at - e->offset) >= e->len &&
                bytes_equal_512(text.at + (at - e->offset), g->texts + e->text, e->len))
                bit_sink_set(sink, base + e->bit);
    }
}

// Which of the sixteen grams pass the filter.
[[GROUPS_TARGET]] static inline __mmask16 pass_512(const struct gram_table *t, __m512i x)
{
    const __m512i one = _mm512_set1_epi32(1);
    x = _mm512_xor_si512(x, _mm512_srli_epi32(x, 15));
    x = _mm512_mullo_epi32(x, _mm512_set1_epi32((int)GRAM_MIX_FIRST));
    __m512i words = _mm512_i32gather_epi32(_mm512_srli_epi32(x, t->word_shift), t->filter, 4);
    // Turning takes the lowest five bits of how far.
    __m512i bits = _mm512_rolv_epi32(one, _mm512_srli_epi32(x, t->word_shift - 5));
    bits = _mm512_or_si512(bits, _mm512_rolv_epi32(one, _mm512_srli_epi32(x, t->word_shift - 10)));
    unsigned third = gram_third_shift(t->word_shift);
    bits = _mm512_or_si512(bits, _mm512_rolv_epi32(one, _mm512_srli_epi32(x, third)));
    return _mm512_cmpeq_epi32_mask(_mm512_and_si512(words, bits), bits);
}

[[GROUPS_TARGET]] static void scan_512(const struct gram_set *g, const struct gram_table *t,
                                       struct slice text, uint32_t base, struct bit_sink *sink)
{
    uint32_t aside[ASIDE + PLACES_512];
    size_t count = 0;
    const uint32_t stride = t->stride, width = t->width;
    const __m512i spread = _mm512_loadu_si512(t->spread);
    const __m512i second = _mm512_set1_epi32((int)GRAM_MIX_SECOND);
    const __m512i places =
        _mm512_mullo_epi32(_mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0),
                           _mm512_set1_epi32((int)stride));
    for (size_t i = 0; i + width <= text.len; i += (size_t)stride * PLACES_512) {
        size_t left = text.len - i;
        __m512i x = _mm512_permutexvar_epi8(spread, load_64(text.at + i, left));
        if (width == 8)
            x = _mm512_xor_si512(
                x,
                _mm512_mullo_epi32(
                    _mm512_permutexvar_epi8(spread, load_64(text.at + i + 4, left - 4)), second));
        __m512i at = _mm512_add_epi32(places, _mm512_set1_epi32((int)i));
        __mmask16 some = _mm512_mask_cmple_epu32_mask(pass_512(t, x), at,
                                                      _mm512_set1_epi32((int)(text.len - width)));
        _mm512_storeu_si512(aside + count, _mm512_maskz_compress_epi32(some, at));
        count += (size_t)__builtin_popcount(some);
        if (count < ASIDE)
            continue;
        check_aside(g, t, text, aside, count, base, sink);
        count = 0;
    }
    check_aside(g, t, text, aside, count, base, sink);
}
#endif

static void scan_plain(const struct gram_set *g, const struct gram_table *t, struct slice text,
                       uint32_t base, struct bit_sink *sink)
{
    for (size_t i = 0; i + t->width <= text.len; i += t->stride)
        gram_table_look(g, t, gram_load(text.at + i), text, i, base, sink);
}

void gram_table_scan(const struct gram_set *g, const struct gram_table *t, struct slice text,
                     uint32_t base, struct bit_sink *sink)
{
    if (!t->filter)
        return;
#if defined(__x86_64__)
    if (g->vectors == VECTORS_512 && text.len <= INT32_MAX) {
        scan_512(g, t, text, base, sink);
        return;
    }
    if (g->vectors) {
        scan_avx2(g, t, text, base, sink);
        return;
    }
#endif
    scan_plain(g, t, text, base, sink);
}
