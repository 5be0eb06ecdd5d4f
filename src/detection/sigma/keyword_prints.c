// SPDX-License-Identifier: Apache-2.0
// Nearly no event holds a keyword, so what it costs to see this is what keywords cost. To look at
// value after value is dear because most are short; here the event's bytes are searched as they
// lie, numbers, names and all, 32 or 64 at once.
//
// Of each literal one print is chosen: four characters in a row, rare in event logs, if possible
// one that another literal has too. The prints are parted into groups, one bit each. For each of
// the four places tables say which groups have a character there: with AVX2 two tables of sixteen,
// by the lower and by the upper half of a byte, and eight groups; with AVX-512 one of 128 by byte
// (literals_groups.h), and as many groups as are worth while. Where a byte and the second, fourth
// and sixth after it leave a group in common, these four are looked up among the prints, and the
// literals with this print compared with what stands around.
//
// Case is no matter: the tables have both. Beyond ASCII two characters fold to a letter that is in
// it, the sign of Kelvin to k and the long s to s: the tables have their lower bytes as well.
#include "detection/sigma/keyword_prints.h"

#include "detection/sigma/literals_internal.h"

#include <stdlib.h>

enum {
    GROUPS = 8,       // in a set
    PRINTS_MOST = 64, // in a set; with more, too many innocent texts seem to have one
    PRINTS_IN_ALL = PRINTS_MOST * GROUP_SETS,
    SLOTS_BITS = 10,
    SLOTS = 1 << SLOTS_BITS,
    WIDTH = 32, // bytes that AVX2 looks at
    UNIT = 2,   // bytes of UTF-16
    AHEAD = (PRINT_LENGTH - 1) * UNIT,
};

enum {
    KELVIN = 0x212a,
    LONG_S = 0x17f,
};

// Whether a unit of UTF-16 folds to an ASCII character. Characters that differ in bit 5 count as
// equal, letters or not, which at most costs a search in vain.
static inline bool unit_fits(uint16_t unit, uint8_t c)
{
    if (unit < 0x80)
        return (unit | 0x20) == (c | 0x20);
    return (unit == KELVIN && c == 'k') || (unit == LONG_S && c == 's');
}

// The different prints chosen so far.
struct chosen {
    uint32_t prints[PRINTS_IN_ALL];
    size_t count;
};

static uint32_t print_at(struct slice text, size_t at)
{
    return le32(text.at + at);
}

static bool is_chosen(const struct chosen *c, uint32_t print)
{
    for (size_t i = 0; i < c->count; i++)
        if (c->prints[i] == print)
            return true;
    return false;
}

static uint32_t print_weight(const uint8_t *at)
{
    uint32_t weight = 0;
    for (size_t i = 0; i < PRINT_LENGTH; i++)
        weight += gram_character_weight(at[i]);
    return weight;
}

// The literal's print: one that another has, or the rarest of its own. False when there is no room
// for another.
static bool choose_print(struct keyword_print *p, struct chosen *c)
{
    uint32_t best = UINT32_MAX;
    bool known = false;
    for (uint32_t at = 0; at + PRINT_LENGTH <= p->literal.len && !known; at++) {
        uint32_t weight = print_weight(p->literal.at + at);
        known = is_chosen(c, print_at(p->literal, at));
        if (!known && weight >= best)
            continue;
        best = weight;
        p->offset = at;
        memcpy(p->at, p->literal.at + at, PRINT_LENGTH);
    }
    if (!known && c->count == PRINTS_IN_ALL)
        return false;
    if (!known)
        c->prints[c->count++] = print_at(p->literal, p->offset);
    return true;
}

// Its characters with bit 5 set, so that case is no matter.
static inline uint32_t print_key(uint32_t four)
{
    return four | 0x20202020u;
}

static int by_key(const void *a, const void *b)
{
    uint32_t x = print_key(le32(((const struct keyword_print *)a)->at)),
             y = print_key(le32(((const struct keyword_print *)b)->at));
    x = __builtin_bswap32(x);
    y = __builtin_bswap32(y);
    return (x > y) - (x < y);
}

static void add_character(struct keyword_prints *p, unsigned group, size_t place, uint8_t c)
{
    group_tables_add(&p->tables, group, (unsigned)place, c);
    p->low[place][c & 15] |= (uint8_t)(1u << group % GROUPS);
    p->high[place][c >> 4] |= (uint8_t)(1u << group % GROUPS);
}

static void add_to_group(struct keyword_prints *p, const struct keyword_print *print,
                         unsigned group)
{
    for (size_t k = 0; k < PRINT_LENGTH; k++) {
        uint8_t c = print->at[k];
        add_character(p, group, k, c);
        if (c >= 'a' && c <= 'z')
            add_character(p, group, k, c - 0x20);
        if (c == 'k')
            add_character(p, group, k, KELVIN & 0xff);
        if (c == 's')
            add_character(p, group, k, LONG_S & 0xff);
    }
}

static unsigned sets_for(enum vectors vectors, size_t different)
{
    if (vectors != VECTORS_512)
        return 1;
    return different <= PRINTS_MOST ? 1 : different <= (size_t)2 * PRINTS_MOST ? 2 : GROUP_SETS;
}

// A print's slot, or a free one.
static inline struct print_slot *slot_of(const struct keyword_prints *p, uint32_t key)
{
    uint32_t at = key * 0x9e3779b1u >> (32 - SLOTS_BITS);
    while (p->slots[at].count && p->slots[at].print != key)
        at = (at + 1) % SLOTS;
    return &p->slots[at];
}

static void fill_slots(struct keyword_prints *p, size_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        uint32_t key = print_key(le32(p->prints[i].at));
        struct print_slot *slot = slot_of(p, key);
        if (!slot->count)
            *slot = (struct print_slot){.print = key, .first = i};
        slot->count++;
    }
}

// Those that begin alike share a group, which then lets fewer others through.
static void fill_groups(struct keyword_prints *p, size_t count, size_t different)
{
    size_t groups = (size_t)p->tables.sets * GROUPS, number = 0;
    for (size_t i = 0; i < count; i++) {
        number += i > 0 && by_key(&p->prints[i - 1], &p->prints[i]) != 0;
        add_to_group(p, &p->prints[i], (unsigned)(number * groups / different));
    }
}

void keyword_prints_init(struct keyword_prints *p, struct arena *a, const struct slice *literals,
                         size_t count)
{
    struct chosen chosen = {0};
    *p = (struct keyword_prints){.prints = ARENA_ARRAY(a, struct keyword_print, count)};
    for (size_t i = 0; i < count; i++) {
        p->prints[i].literal = literals[i];
        if (!choose_print(&p->prints[i], &chosen))
            return;
    }
    enum vectors vectors = literals_vectors();
    p->tables.sets = sets_for(vectors, chosen.count);
    if (chosen.count == 0 || chosen.count > (size_t)p->tables.sets * PRINTS_MOST)
        return;
    qsort(p->prints, count, sizeof *p->prints, by_key);
    fill_groups(p, count, chosen.count);
    p->slots = ARENA_ARRAY(a, struct print_slot, SLOTS);
    fill_slots(p, count);
    p->vectors = vectors;
}

void keyword_prints_limit_vectors(struct keyword_prints *p, enum vectors most)
{
    if (most == VECTORS_256 && p->tables.sets > 1)
        most = VECTORS_NONE; // its tables have one set only
    p->vectors = p->vectors < most ? p->vectors : most;
}

// Its print does.
static bool literal_fits(const struct keyword_print *print, struct slice bytes, size_t at)
{
    size_t before = (size_t)print->offset * UNIT, size = print->literal.len * UNIT;
    if (at < before || at - before > bytes.len || bytes.len - (at - before) < size)
        return false;
    const uint8_t *p = bytes.at + (at - before);
    for (size_t k = print->offset + PRINT_LENGTH; k < print->literal.len; k++)
        if (!unit_fits(le16(p + k * UNIT), print->literal.at[k]))
            return false;
    for (size_t k = 0; k < print->offset; k++)
        if (!unit_fits(le16(p + k * UNIT), print->literal.at[k]))
            return false;
    return true;
}

// A unit of UTF-16 as the character it folds to; 0 for one beyond ASCII.
static inline uint32_t folded_unit(uint16_t unit)
{
    if (unit < 0x80)
        return unit;
    return unit == KELVIN ? 'k' : unit == LONG_S ? 's' : 0;
}

// Whether a literal stands round the print at this byte, if there is one.
static bool stands_at(const struct keyword_prints *p, struct slice bytes, size_t at)
{
    uint32_t four = 0;
    if (at > bytes.len || bytes.len - at < PRINT_LENGTH * UNIT)
        return false;
    for (unsigned k = 0; k < PRINT_LENGTH; k++)
        four |= folded_unit(le16(bytes.at + at + (size_t)k * UNIT)) << 8 * k;
    const struct print_slot *slot = slot_of(p, print_key(four));
    for (uint32_t i = slot->first; i < slot->first + slot->count; i++)
        if (literal_fits(&p->prints[i], bytes, at))
            return true;
    return false;
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

[[gnu::target("avx2")]] static bool stand_avx2(const struct keyword_prints *p, struct slice bytes)
{
    const __m256i half = _mm256_set1_epi8(15);
    const __m256i low0 = both_lanes(p->low[0]), high0 = both_lanes(p->high[0]);
    const __m256i low1 = both_lanes(p->low[1]), high1 = both_lanes(p->high[1]);
    const __m256i low2 = both_lanes(p->low[2]), high2 = both_lanes(p->high[2]);
    const __m256i low3 = both_lanes(p->low[3]), high3 = both_lanes(p->high[3]);
    __m256i before0 = _mm256_setzero_si256(), before1 = before0, before2 = before0;
    for (size_t i = 0; i < bytes.len; i += WIDTH) {
        __m256i c = _mm256_loadu_si256((const __m256i *)(const void *)(bytes.at + i));
        __m256i low = _mm256_and_si256(c, half);
        __m256i high = _mm256_and_si256(_mm256_srli_epi16(c, 4), half);
        __m256i first = GROUPS_OF(0), second = GROUPS_OF(1), third = GROUPS_OF(2);
        __m256i left = _mm256_and_si256(MOVED_UP(before0, first, 6), MOVED_UP(before1, second, 4));
        __m256i right = _mm256_and_si256(MOVED_UP(before2, third, 2), GROUPS_OF(3));
        __m256i found = _mm256_and_si256(left, right);
        before0 = first;
        before1 = second;
        before2 = third;
        if (_mm256_testz_si256(found, found))
            continue;
        // Groups where the last character of a print lies.
        uint8_t groups[WIDTH];
        _mm256_storeu_si256((__m256i *)(void *)groups, found);
        for (size_t k = 0; k < WIDTH && i + k < bytes.len; k++)
            if (groups[k] && stands_at(p, bytes, i + k - AHEAD))
                return true;
    }
    return false;
}

[[GROUPS_TARGET, gnu::always_inline]] static inline bool
stand_512(const struct keyword_prints *p, struct slice bytes, unsigned sets)
{
    const struct group_tables *t = &p->tables;
    struct groups_found unused;
    for (size_t i = 0; i + AHEAD < bytes.len; i += 64) {
        const uint8_t *from = bytes.at + i;
        size_t left = bytes.len - i;
        uint64_t some = left >= 64 + AHEAD
                            ? groups_64(t, from, SIZE_MAX, sets, PRINT_LENGTH, UNIT, &unused)
                            : groups_64(t, from, left, sets, PRINT_LENGTH, UNIT, &unused);
        for (; some; some &= some - 1)
            if (stands_at(p, bytes, i + (size_t)__builtin_ctzll(some)))
                return true;
    }
    return false;
}

[[GROUPS_TARGET]] static bool stand_avx512(const struct keyword_prints *p, struct slice bytes)
{
    return p->tables.sets == 1   ? stand_512(p, bytes, 1)
           : p->tables.sets == 2 ? stand_512(p, bytes, 2)
                                 : stand_512(p, bytes, GROUP_SETS);
}
#endif

bool keyword_prints_usable(const struct keyword_prints *p, struct slice bytes, size_t readable)
{
    return p->vectors == VECTORS_512 ||
           (p->vectors == VECTORS_256 && bytes.len + WIDTH <= readable);
}

bool keyword_prints_stand(const struct keyword_prints *p, struct slice bytes)
{
#if defined(__x86_64__)
    return p->vectors == VECTORS_512 ? stand_avx512(p, bytes) : stand_avx2(p, bytes);
#else
    (void)p, (void)bytes;
    return true;
#endif
}
