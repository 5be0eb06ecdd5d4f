// SPDX-License-Identifier: Apache-2.0
// Short literals: every place of a text must be looked at, so it is done for 32 places at once
// where the processor has AVX2. Each literal belongs to one of eight groups, a bit each. For three
// bytes in a row, from where its gram begins, a table by the low half and one by the high half of
// the byte say which groups may go on here; a place where some group's bit survives all six is
// looked at closer. (The idea is that of "Teddy" in Intel's Hyperscan: Wang et al., NSDI 2019,
// section 5.1.) Without AVX2 a table by pairs of bytes does the same, place by place.
// With AVX-512 most short literals are looked for by literals_few.c; those of fields that have too
// many, by more groups and four bytes, 64 places at once (literals_groups.h).
#include "detection/sigma/literals_internal.h"

#include <stdlib.h>

enum { GROUPS = 8 };

enum vectors literals_vectors(void)
{
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512vbmi"))
        return VECTORS_512;
    return __builtin_cpu_supports("avx2") ? VECTORS_256 : VECTORS_NONE;
#else
    return VECTORS_NONE;
#endif
}

// Literals whose grams begin alike share a group.
static void mark_group(struct short_set *s, const struct gram_row *row, size_t group)
{
    uint8_t bit = (uint8_t)(1u << group);
    for (size_t k = 0; k < 3; k++) {
        size_t at = row->offset + k;
        if (at >= row->literal->text.len) { // any byte may follow
            for (size_t half = 0; half < 32; half++) {
                s->low[k][half] |= bit;
                s->high[k][half] |= bit;
            }
            continue;
        }
        uint8_t c = row->literal->text.at[at];
        for (size_t copy = 0; copy < 32; copy += 16) {
            s->low[k][copy + (c & 15)] |= bit;
            s->high[k][copy + (c >> 4)] |= bit;
        }
    }
}

static int by_gram(const void *a, const void *b)
{
    const struct gram_row *x = a, *y = b;
    return (x->gram > y->gram) - (x->gram < y->gram);
}

void short_set_fill(struct gram_set *g, struct short_set *s, const struct gram_row *rows,
                    const uint8_t *widths, size_t count, struct arena *a)
{
    if (count == 0)
        return;
    struct gram_row *part = mem_alloc(count * sizeof *part);
    size_t done = 0;
    s->count = count;
    for (uint32_t k = 0; k < GRAM_SHORT_TABLES; k++) {
        size_t n = 0;
        for (size_t i = 0; i < count; i++)
            if (widths[i] == k + 2)
                part[n++] = rows[i];
        if (n)
            qsort(part, n, sizeof *part, by_gram);
        gram_table_fill(g, &s->tables[k], k + 2, 1, part, n, a);
        for (size_t i = 0; i < n; i++, done++)
            mark_group(s, &part[i], done * GROUPS / count);
    }
    short_set_index(s, a);
    free(part);
}

void short_set_index(struct short_set *s, struct arena *a)
{
    s->pairs = ARENA_ARRAY(a, uint8_t, GRAM_PAIRS);
    for (uint32_t k = 0; k < GRAM_SHORT_TABLES; k++) {
        const struct gram_table *t = &s->tables[k];
        for (size_t i = 0; t->entry_count && i < (size_t)1 << (64 - t->slot_shift); i++)
            if (t->slots[i].count)
                s->pairs[gram_pair(t->slots[i].gram)] |= (uint8_t)(1u << k);
    }
}

// A literal's bytes from where its gram begins; zeros behind its end.
struct near_row {
    uint8_t bytes[GROUP_PLACES];
    uint32_t count;
};

static int by_bytes(const void *a, const void *b)
{
    return memcmp(((const struct near_row *)a)->bytes, ((const struct near_row *)b)->bytes,
                  GROUP_PLACES);
}

static struct near_row row_of(const struct gram_set *g, const struct gram_entry *e)
{
    uint32_t left = e->len - e->offset;
    struct near_row row = {.count = left < GROUP_PLACES ? left : GROUP_PLACES};
    memcpy(row.bytes, g->texts + e->text + e->offset, row.count);
    return row;
}

void short_set_group(const struct gram_set *g, struct short_set *s, struct arena *a)
{
    struct near_row *rows = mem_alloc(s->count * sizeof *rows);
    size_t count = 0;
    for (uint32_t k = 0; k < GRAM_SHORT_TABLES; k++)
        for (size_t i = 0; i < s->tables[k].entry_count; i++)
            rows[count++] = row_of(g, &s->tables[k].entries[i]);
    qsort(rows, count, sizeof *rows, by_bytes);
    s->groups = ARENA_NEW(a, struct group_tables);
    s->groups->sets = GROUP_SETS;
    for (size_t i = 0; i < count; i++) {
        unsigned group = (unsigned)(i * GROUP_SETS * 8 / count);
        for (unsigned k = 0; k < GROUP_PLACES; k++) {
            if (k < rows[i].count)
                group_tables_add(s->groups, group, k, rows[i].bytes[k]);
            else
                group_tables_add_any(s->groups, group, k);
        }
    }
    free(rows);
}

static inline void look(const struct gram_set *g, const struct short_set *s, struct slice text,
                        size_t at, uint32_t base, struct bit_sink *sink)
{
    uint64_t eight = gram_load(text.at + at);
    unsigned flags = s->pairs[gram_pair(eight)];
    if (!flags)
        return;
    for (unsigned k = 0; k < GRAM_SHORT_TABLES; k++)
        if (flags >> k & 1)
            gram_table_look(g, &s->tables[k], eight, text, at, base, sink);
}

#if defined(__x86_64__)
// The groups' bits that go on with the 32 bytes at p.
[[gnu::target("avx2")]] static inline __m256i groups_of(const struct short_set *s, const uint8_t *p,
                                                        unsigned place)
{
    const __m256i halves = _mm256_set1_epi8(15);
    __m256i x = _mm256_loadu_si256((const __m256i *)(const void *)p);
    __m256i low = _mm256_loadu_si256((const __m256i *)(const void *)s->low[place]);
    __m256i high = _mm256_loadu_si256((const __m256i *)(const void *)s->high[place]);
    return _mm256_and_si256(
        _mm256_shuffle_epi8(low, _mm256_and_si256(x, halves)),
        _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(x, 4), halves)));
}

[[gnu::target("avx2")]] static void scan_avx2(const struct gram_set *g, const struct short_set *s,
                                              struct slice text, uint32_t base,
                                              struct bit_sink *sink)
{
    for (size_t i = 0; i + 2 <= text.len; i += 32) {
        const uint8_t *p = text.at + i;
        __m256i left = _mm256_and_si256(
            _mm256_and_si256(groups_of(s, p, 0), groups_of(s, p + 1, 1)), groups_of(s, p + 2, 2));
        uint32_t none =
            (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(left, _mm256_setzero_si256()));
        for (uint32_t some = ~none; some; some &= some - 1) {
            size_t at = i + (size_t)__builtin_ctz(some);
            if (at + 2 > text.len)
                return;
            look(g, s, text, at, base, sink);
        }
    }
}

[[GROUPS_TARGET]] static void scan_512(const struct gram_set *g, const struct short_set *s,
                                       struct slice text, uint32_t base, struct bit_sink *sink)
{
    struct groups_found unused;
    for (size_t i = 0; i + 2 <= text.len; i += 64) {
        const uint8_t *from = text.at + i;
        size_t left = text.len - i;
        uint64_t some =
            left >= 64 + GROUP_PLACES
                ? groups_64(s->groups, from, SIZE_MAX, GROUP_SETS, GROUP_PLACES, 1, &unused)
                : groups_64(s->groups, from, left, GROUP_SETS, GROUP_PLACES, 1, &unused);
        for (; some; some &= some - 1) {
            size_t at = i + (size_t)__builtin_ctzll(some);
            if (at + 2 > text.len)
                return;
            look(g, s, text, at, base, sink);
        }
    }
}
#endif

void short_set_scan(const struct gram_set *g, const struct short_set *s, struct slice text,
                    uint32_t base, struct bit_sink *sink)
{
#if defined(__x86_64__)
    if (g->vectors == VECTORS_512) {
        scan_512(g, s, text, base, sink);
        return;
    }
    if (g->vectors) {
        scan_avx2(g, s, text, base, sink);
        return;
    }
#endif
    for (size_t i = 0; i + 2 <= text.len; i++)
        if (s->pairs[gram_pair(le16(text.at + i))])
            look(g, s, text, i, base, sink);
}

#if defined(__x86_64__)
[[GROUPS_TARGET]] static void scan_far_512(const struct gram_set *g, const struct short_set *s,
                                           struct slice text, uint32_t base, struct bit_sink *sink)
{
    for (size_t i = 0; i < text.len; i += 64)
        for (uint64_t far = _mm512_movepi8_mask(load_64(text.at + i, text.len - i)); far;
             far &= far - 1)
            if (i + (size_t)__builtin_ctzll(far) + 2 <= text.len)
                look(g, s, text, i + (size_t)__builtin_ctzll(far), base, sink);
}

[[GROUPS_TARGET]] static bool byte_stands_512(struct slice text, uint8_t byte)
{
    const __m512i all = _mm512_set1_epi8((char)byte);
    for (size_t i = 0; i < text.len; i += 64)
        if (_mm512_cmpeq_epi8_mask(load_64(text.at + i, text.len - i), all))
            return true;
    return false;
}
#endif

void short_set_scan_far(const struct gram_set *g, const struct short_set *s, struct slice text,
                        uint32_t base, struct bit_sink *sink)
{
#if defined(__x86_64__)
    if (g->vectors == VECTORS_512) {
        scan_far_512(g, s, text, base, sink);
        return;
    }
#endif
    for (size_t i = 0; i < text.len; i += 8) {
        if (!(gram_load(text.at + i) & 0x8080808080808080u))
            continue;
        for (size_t at = i; at < i + 8 && at + 2 <= text.len; at++)
            if (text.at[at] >= 0x80)
                look(g, s, text, at, base, sink);
    }
}

bool byte_stands(const struct gram_set *g, struct slice text, uint8_t byte)
{
#if defined(__x86_64__)
    if (g->vectors == VECTORS_512)
        return byte ? byte_stands_512(text, byte) : memchr(text.at, byte, text.len) != NULL;
#else
    (void)g;
#endif
    return memchr(text.at, byte, text.len) != NULL;
}
