// SPDX-License-Identifier: Apache-2.0
// Nearly no event holds a keyword, so what it costs to see this is what keywords cost. To look at
// value after value is dear because most are short; here the event's bytes are searched as they
// lie, numbers, names and all, 32 at once.
//
// Of each literal one print is chosen: four characters in a row (three and any, where it has no
// four), rare in event logs, if possible one that another literal has too. The prints are parted
// into eight groups, one bit each. For each of the four places two tables of sixteen say which
// groups have a character with this lower and this upper half of a byte. Where the halves of a byte
// and of the second, fourth and sixth after it leave a group in common, one of its prints may
// stand. Upper and lower case are made equal by setting bit 5, as in keyword_filter.c.
//
// Beyond ASCII two characters fold to a letter that is in it, the sign of Kelvin to k and the long
// s to s; so no print has one of these letters, and what folds is no matter here.
#include "detection/sigma/keyword_prints.h"

#include "detection/sigma/literals_internal.h"

#include <stdlib.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

enum {
    GROUPS = 8,
    WIDTH = 32, // bytes at once
    ANY = 0xff, // as a character of a print
    COMMONEST = 9,
};

struct print {
    uint8_t at[PRINT_LENGTH]; // ANY only in the last place
};

// Rare characters make a small sum; the place that may be anything counts as the commonest.
static bool print_at(struct slice text, size_t offset, struct print *out, uint32_t *weight)
{
    *weight = 0;
    for (size_t i = 0; i < PRINT_LENGTH; i++) {
        uint8_t c = offset + i < text.len ? text.at[offset + i] : 0xff;
        bool fit = c < 0x80 && c != 'k' && c != 's';
        if (!fit && i + 1 < PRINT_LENGTH)
            return false;
        out->at[i] = fit ? c | 0x20 : ANY;
        *weight += fit ? gram_character_weight(c) : COMMONEST;
    }
    return true;
}

static bool is_known(const struct print *prints, size_t count, struct print p)
{
    for (size_t i = 0; i < count; i++)
        if (memcmp(prints[i].at, p.at, PRINT_LENGTH) == 0)
            return true;
    return false;
}

// Adds the literal's rarest print, unless one of its prints is there; false when it has none.
static bool add_print(struct slice text, struct print *prints, size_t *count)
{
    uint32_t best = UINT32_MAX, weight;
    for (size_t i = 0; i < text.len; i++) {
        struct print p;
        if (!print_at(text, i, &p, &weight))
            continue;
        if (is_known(prints, *count, p))
            return true;
        if (weight < best && *count < PRINTS_MOST) {
            best = weight;
            prints[*count] = p;
        }
    }
    *count += best != UINT32_MAX;
    return best != UINT32_MAX;
}

static int by_characters(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct print));
}

static void add_to_group(struct keyword_prints *p, const struct print *print, uint8_t group)
{
    for (size_t k = 0; k < PRINT_LENGTH; k++) {
        bool any = print->at[k] == ANY;
        for (size_t half = 0; half < 16; half++) {
            p->low[k][half] |= any || half == (print->at[k] & 15) ? group : 0;
            p->high[k][half] |= any || half == print->at[k] >> 4 ? group : 0;
        }
    }
}

void keyword_prints_init(struct keyword_prints *p, const struct slice *literals, size_t count)
{
    struct print prints[PRINTS_MOST];
    size_t used = 0;
    *p = (struct keyword_prints){0};
    for (size_t i = 0; i < count; i++)
        if (!add_print(literals[i], prints, &used))
            return;
    // Those that begin alike share a group, which then lets fewer others through.
    qsort(prints, used, sizeof *prints, by_characters);
    for (size_t i = 0; i < used; i++)
        add_to_group(p, &prints[i], (uint8_t)(1u << (i * GROUPS / used)));
    p->usable = literals_have_vectors();
}

#if defined(__x86_64__)
[[gnu::target("avx2")]] static inline __m256i both_lanes(const uint8_t *sixteen)
{
    return _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(const void *)sixteen));
}

// The bytes of `now` moved up by some places; those before come from `before`.
#define MOVED_UP(before, now, places)                                                              \
    _mm256_alignr_epi8(now, _mm256_permute2x128_si256(before, now, 0x21), 16 - (places))

// Which groups have these bytes in a place.
#define GROUPS_OF(place)                                                                           \
    _mm256_and_si256(_mm256_shuffle_epi8(low##place, low), _mm256_shuffle_epi8(high##place, high))

[[gnu::target("avx2")]] static bool may_avx2(const struct keyword_prints *p, struct slice bytes)
{
    const __m256i half = _mm256_set1_epi8(15), bit5 = _mm256_set1_epi8(0x20);
    const __m256i low0 = both_lanes(p->low[0]), high0 = both_lanes(p->high[0]);
    const __m256i low1 = both_lanes(p->low[1]), high1 = both_lanes(p->high[1]);
    const __m256i low2 = both_lanes(p->low[2]), high2 = both_lanes(p->high[2]);
    const __m256i low3 = both_lanes(p->low[3]), high3 = both_lanes(p->high[3]);
    __m256i before0 = _mm256_setzero_si256(), before1 = before0, before2 = before0, found = before0;
    for (size_t i = 0; i < bytes.len; i += WIDTH) {
        __m256i c = _mm256_loadu_si256((const __m256i *)(const void *)(bytes.at + i));
        c = _mm256_or_si256(c, bit5);
        __m256i low = _mm256_and_si256(c, half);
        __m256i high = _mm256_and_si256(_mm256_srli_epi16(c, 4), half);
        __m256i first = GROUPS_OF(0), second = GROUPS_OF(1), third = GROUPS_OF(2);
        __m256i left = _mm256_and_si256(MOVED_UP(before0, first, 6), MOVED_UP(before1, second, 4));
        __m256i right = _mm256_and_si256(MOVED_UP(before2, third, 2), GROUPS_OF(3));
        found = _mm256_or_si256(found, _mm256_and_si256(left, right));
        before0 = first;
        before1 = second;
        before2 = third;
    }
    return !_mm256_testz_si256(found, found);
}
#endif

bool keyword_prints_may(const struct keyword_prints *p, struct slice bytes, size_t readable)
{
#if defined(__x86_64__)
    if (p->usable && bytes.len + WIDTH <= readable)
        return may_avx2(p, bytes);
#endif
    (void)p, (void)bytes, (void)readable;
    return true;
}
