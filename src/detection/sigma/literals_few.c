// SPDX-License-Identifier: Apache-2.0
// Few literals: every place of a text is looked at, 64 at once (literals_groups.h). Most fields
// have no more than some hundred, and to touch little memory for each is worth more than to look at
// fewer places: between two events the caches are filled with other things.
//
// Each literal is found by four of its bytes in a row, those that are rarest in event logs. Those
// whose four begin alike share a group. Where a group's four may stand, up to eight bytes from
// there on are compared with those of all its literals at once.
#include "detection/sigma/literals_internal.h"

#include <stdlib.h>

enum {
    GROUPS = GROUP_SETS * 8,
    GROUP_MOST = FEW_MOST / GROUPS, // literals
    WORTH_A_GROUP = 2,              // literals, beyond which another set is worth its time
    WINDOW = 8,                     // bytes compared at once
};

struct few_entry {
    uint32_t text, len; // in the pool
    uint32_t from;      // where in it the window begins
    uint32_t bit;
};

// A free place has a mask of nothing and a text of something.
struct few_group {
    uint64_t texts[GROUP_MOST], masks[GROUP_MOST]; // of the windows
    struct few_entry entries[GROUP_MOST];
};

struct few_literals {
    struct group_tables tables;
    struct few_group groups[GROUPS];
};

const size_t few_literals_bytes = sizeof(struct few_literals);

struct window {
    const struct few_literal *literal;
    uint32_t from;
    uint8_t bytes[WINDOW]; // zeros behind the literal's end
};

static int by_bytes(const void *a, const void *b)
{
    uint64_t x = __builtin_bswap64(gram_load(((const struct window *)a)->bytes)),
             y = __builtin_bswap64(gram_load(((const struct window *)b)->bytes));
    return (x > y) - (x < y);
}

static void add_to_group(struct few_literals *f, size_t group, size_t place, const struct window *w)
{
    struct few_group *g = &f->groups[group];
    const struct few_literal *l = w->literal;
    size_t len = l->len - w->from;
    g->texts[place] = gram_load(w->bytes);
    g->masks[place] = gram_mask(len < WINDOW ? (uint32_t)len : WINDOW);
    g->entries[place] = (struct few_entry){l->text, l->len, w->from, l->bit};
    for (unsigned k = 0; k < GROUP_PLACES; k++) {
        if (k < len)
            group_tables_add(&f->tables, (unsigned)group, k, w->bytes[k]);
        else
            group_tables_add_any(&f->tables, (unsigned)group, k);
    }
}

static unsigned sets_for(size_t count)
{
    unsigned sets = 1;
    while (sets < GROUP_SETS && count > (size_t)sets * 8 * WORTH_A_GROUP)
        sets *= 2;
    return sets;
}

static void fill_groups(struct few_literals *f, const struct window *windows, size_t count)
{
    size_t groups = (size_t)f->tables.sets * 8, place = 0, before = 0;
    for (size_t i = 0; i < groups; i++)
        for (size_t k = 0; k < GROUP_MOST; k++)
            f->groups[i].texts[k] = 1;
    for (size_t i = 0; i < count; i++, place++) {
        size_t group = i * groups / count;
        place = group == before ? place : 0;
        before = group;
        add_to_group(f, group, place, &windows[i]);
    }
}

struct few_literals *few_literals_create(const struct gram_set *g, const struct few_literal *list,
                                         size_t count, struct arena *a)
{
    if (count == 0 || count > FEW_MOST)
        return NULL;
    struct few_literals *f = ARENA_NEW(a, struct few_literals);
    struct window windows[FEW_MOST];
    for (size_t i = 0; i < count; i++) {
        struct slice text = slice_of(g->texts + list[i].text, list[i].len);
        struct window *w = &windows[i];
        *w = (struct window){.literal = &list[i], .from = gram_rarest(text, GROUP_PLACES)};
        size_t len = text.len - w->from;
        memcpy(w->bytes, text.at + w->from, len < WINDOW ? len : WINDOW);
    }
    qsort(windows, count, sizeof *windows, by_bytes);
    f->tables.sets = sets_for(count);
    fill_groups(f, windows, count);
    return f;
}

#if defined(__x86_64__)
// Sets the bits of a group's literals whose window stands at text[at], and all else around.
[[GROUPS_TARGET]] static inline void check_group(const struct gram_set *s,
                                                 const struct few_group *g, struct slice text,
                                                 size_t at, uint32_t base, struct bit_sink *sink)
{
    __m512i here = _mm512_set1_epi64((long long)gram_load(text.at + at));
    here = _mm512_and_si512(here, _mm512_loadu_si512(g->masks));
    unsigned equal = _mm512_cmpeq_epi64_mask(here, _mm512_loadu_si512(g->texts));
    for (; equal; equal &= equal - 1) {
        const struct few_entry *e = &g->entries[__builtin_ctz(equal)];
        if (at < e->from || text.len - (at - e->from) < e->len)
            continue;
        if ((e->from == 0 && e->len <= WINDOW) ||
            bytes_equal_512(text.at + (at - e->from), s->texts + e->text, e->len))
            bit_sink_set(sink, base + e->bit);
    }
}

[[GROUPS_TARGET, gnu::always_inline]] static inline void scan(const struct gram_set *g,
                                                              const struct few_literals *f,
                                                              struct slice text, uint32_t base,
                                                              struct bit_sink *sink, unsigned sets)
{
    struct groups_found found;
    for (size_t i = 0; i < text.len; i += 64) {
        const uint8_t *from = text.at + i;
        size_t left = text.len - i;
        uint64_t some = left >= 64 + GROUP_PLACES
                            ? groups_64(&f->tables, from, SIZE_MAX, sets, GROUP_PLACES, 1, &found)
                            : groups_64(&f->tables, from, left, sets, GROUP_PLACES, 1, &found);
        some &= left >= 64 ? ~0ull : (1ull << left) - 1;
        for (; some; some &= some - 1) {
            size_t place = (size_t)__builtin_ctzll(some);
            uint32_t groups = 0;
            for (unsigned set = 0; set < sets; set++)
                groups |= (uint32_t)found.at[set][place] << (set * 8);
            for (; groups; groups &= groups - 1)
                check_group(g, &f->groups[__builtin_ctz(groups)], text, i + place, base, sink);
        }
    }
}

[[GROUPS_TARGET]] static void scan_512(const struct gram_set *g, const struct few_literals *f,
                                       struct slice text, uint32_t base, struct bit_sink *sink)
{
    switch (f->tables.sets) {
    case 1:
        scan(g, f, text, base, sink, 1);
        break;
    case 2:
        scan(g, f, text, base, sink, 2);
        break;
    default:
        scan(g, f, text, base, sink, GROUP_SETS);
    }
}
#endif

void few_literals_scan(const struct gram_set *g, const struct few_literals *f, struct slice text,
                       uint32_t base, struct bit_sink *sink)
{
#if defined(__x86_64__)
    scan_512(g, f, text, base, sink);
#else
    (void)g, (void)f, (void)text, (void)base, (void)sink;
#endif
}
